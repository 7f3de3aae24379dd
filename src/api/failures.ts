/** Failures as the wire has them: the bodies that Prefect's clients read, with our code and remedy beside. */

import type { Problem } from '../contract/checker.ts';
import { shortEcho, shortText } from '../contract/short-echo.ts';
import { ERROR_CODES, OstinatoError, type ErrorCode } from '../core/errors.ts';
import type { Answer } from './operation.ts';

export const NOT_FOUND: Answer = Object.freeze({ status: 404, body: { detail: 'Not Found' } });
export const TOO_LARGE: Answer = Object.freeze({ status: 413, body: { detail: 'The body is too large.' } });

/** Somebody has to look after a disk: Prefect's clients, which try six times, wait for that some 15 s instead of 5. */
const RETRY_AFTER_SECONDS: Partial<Readonly<Record<ErrorCode, string>>> = { 'store-full': '3', 'store-read-only': '3' };

/** A body that fits its schema and is wrong all the same. */
export class InvalidBody extends Error {
  readonly problems: readonly Problem[];

  /** @param path of the value in the body @param rule in the words of Prefect's server */
  constructor(path: readonly string[], rule: string, input: unknown) {
    super(rule);
    this.problems = [{ type: 'value_error', loc: ['body', ...path], msg: `Value error, ${shortText(rule)}`, input: shortEcho(input), ctx: { error: {} } }];
  }
}

/** 422: what is wrong, where, and what was sent, if that is short. @param isLong known to be too long to be repeated */
export function invalidAnswer(problems: readonly Problem[], body: unknown, isLong = false): Answer {
  return { status: 422, body: { exception_message: 'Invalid request received.', exception_detail: problems, request_body: shortEcho(body ?? null, isLong) } };
}

/** What Prefect's server lets through from below its handlers has its words under another name. */
const FROM_BELOW = /^(?:Flow|Task) run with id \S+ not found$/;

/**
 * @param report hears of what is our failure, whose words are not for the caller
 * @param isOurs whether our own client asks, which reads the code and the remedy; others get what Prefect's server answers
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
    // Clients try again by themselves when they are told when.
    ...(status === 503 ? { headers: { 'retry-after': RETRY_AFTER_SECONDS[error.code] ?? '1' } } : {}),
  };
}
