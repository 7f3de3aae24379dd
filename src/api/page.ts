import { Limit, LIMIT_MAX } from '../contract/route.ts';
import type { TSchema } from '../contract/type.ts';
import type { Answer } from './operation.ts';

/**
 * 422 for a body whose limit is too large or negative; `null`: the body has another problem. `prefect flow-run logs
 * --num-logs 500` searches for this exact message, and then reads in pages.
 */
export function wrongLimitAnswer(schema: TSchema | undefined, body: unknown): Answer | null {
  if (
    !isRecord(schema) ||
    !isRecord(schema['properties']) ||
    schema['properties']['limit'] !== Limit ||
    !isRecord(body)
  )
    return null;
  const limit = typeof body['limit'] === 'string' ? Number(body['limit']) : body['limit'];
  if (!Number.isInteger(limit)) return null;
  if ((limit as number) < 0)
    return { status: 422, body: { detail: 'Invalid limit: must be greater than or equal to 0.' } };
  if ((limit as number) > LIMIT_MAX)
    return { status: 422, body: { detail: `Invalid limit: must be less than or equal to ${LIMIT_MAX}.` } };
  return null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
