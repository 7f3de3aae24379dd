/** Errors on the wire: the bodies that Prefect's clients read, with our code and remedy besides. */

import type { Problem } from '../contract/checker.ts';
import { shortEcho, shortText } from '../contract/short-echo.ts';
import { ERROR_CODES, OstinatoError, type ErrorCode } from '../core/errors.ts';
import type { Answer } from './operation.ts';

export const NOT_FOUND: Answer = Object.freeze({ status: 404, body: { detail: 'Not Found' } });
export const TOO_LARGE: Answer = Object.freeze({ status: 413, body: { detail: 'The body is too large.' } });

/**
 * A person has to free disk space: Prefect's clients, which try six times, wait some 15 s in all for that instead of 5.
 */
const RETRY_AFTER_SECONDS: Partial<Readonly<Record<ErrorCode, string>>> = { 'store-full': '3', 'store-read-only': '3' };

/** A body that fits its schema and is invalid all the same. */
export class InvalidBody extends Error {
  readonly problems: readonly Problem[];

  /**
   * @param path of the value in the body @param rule in the wording of Prefect's server
   * @param problems in the place of that one
   */
  constructor(path: readonly string[], rule: string, input: unknown, problems?: readonly Problem[]) {
    super(rule);
    this.problems = problems ?? [
      {
        type: 'value_error',
        loc: ['body', ...path],
        msg: `Value error, ${shortText(rule)}`,
        input: shortEcho(input),
        ctx: { error: {} },
      },
    ];
  }

  /** Of several things that are wrong. */
  static of(problems: readonly Problem[]): InvalidBody {
    return new InvalidBody([], problems[0]?.msg ?? '', null, problems);
  }
}

/**
 * 422: the problems, with their places, and the value if it is short. @param isLong the body is known to be too long to
 * repeat
 */
export function invalidAnswer(problems: readonly Problem[], body: unknown, isLong = false): Answer {
  return {
    status: 422,
    body: {
      exception_message: 'Invalid request received.',
      exception_detail: problems,
      request_body: shortEcho(body ?? null, isLong),
    },
  };
}

/** Messages from our lower layers that Prefect's server words differently. */
const FROM_BELOW =
  /^(?:(?:Flow|Task) run (?:with id \S+|[0-9a-f-]{36})|Work queue with id \S+|Automation) not found\.?$/;

/**
 * @param report called with errors of the server, whose text is not for the caller
 * @param isOurs whether our own client asks, which reads code and remedy; others get what Prefect's server answers
 */
export function failureAnswer(error: unknown, report: (error: unknown) => void, isOurs: boolean): Answer {
  if (!OstinatoError.is(error)) {
    report(error);
    return { status: 500, body: { exception_message: 'Internal Server Error' } };
  }
  const status = ERROR_CODES[error.code].httpStatus;
  if (status >= 500) report(error);
  const { code, remedy } = error;
  const message = shortText(error.message);
  const bare = FROM_BELOW.test(message) ? { exception_message: message } : { detail: message };
  return {
    status,
    body: isOurs || status >= 500 ? { detail: message, exception_message: message, code, remedy } : bare,
    // Clients retry by themselves when they get this header.
    ...(status === 503 ? { headers: { 'retry-after': RETRY_AFTER_SECONDS[error.code] ?? '1' } } : {}),
  };
}
