/** What the use cases say against an action, as an answer of Prefect's API would be told. */

import { ERROR_CODES, OstinatoError } from '../../core/errors.ts';
import { ActionDelayed, ActionRefused, type Acting } from './acting.ts';

/**
 * Carries it out, and notes the status with which the API would have answered.
 * @param status when it is done; `null`: Prefect tells none of this action
 */
export async function asked<T>({ action, told }: Acting, status: number | null, work: () => Promise<T>): Promise<T> {
  try {
    const answer = await work();
    if (status !== null) told.details['status_code'] = status;
    return answer;
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
    const { httpStatus, retryable } = ERROR_CODES[error.code];
    if (retryable) throw new ActionDelayed(error.message, null, { cause: error });
    if (status !== null) told.details['status_code'] = httpStatus;
    if (httpStatus === 409) told.details['validation_error'] = error.message;
    const isExplained = httpStatus === 409 || httpStatus === 422;
    if (isExplained)
      throw new ActionRefused(`Validation error occurred for '${action.type}' - ${error.message}`, { cause: error });
    const reason = `Unexpected status from '${action.type}' action: ${httpStatus}`;
    throw new ActionRefused(reason, { more: error.message, cause: error });
  }
}
