/**
 * When the next attempt starts: delays as policies record them, backoff, jitter, and waits that a failed server asked
 * for.
 */

import { OstinatoError } from './errors.ts';
import { showValue, thrownText } from './show-value.ts';
import { DURATION_RULE, DURATION_SECONDS_MAX, isDuration, type Instant } from './time.ts';

/** Ceiling of backoff unless `max` sets another. */
const BACKOFF_SECONDS_MAX = 24 * 60 * 60;
/** Longest wait that a failed call may ask for: a wrong header must not park a run for ever. */
export const RETRY_AFTER_SECONDS_MAX = 30 * 24 * 60 * 60;
/** Delays of a policy, the last one repeats: any backoff has reached its ceiling by then. Longer lists are refused. */
export const RETRY_DELAYS_MAX = 50;

/**
 * Seconds before the 1st, 2nd, … retry: the same for all, a list whose last entry repeats (at most 50), or a function
 * of the retry's number (from 1), asked when the task is defined for the first 50; what it gives for the last of them
 * repeats. Kept as they are, up to 100 years.
 */
export type RetryDelay = number | readonly number[] | ((retry: number) => number);

export interface ExponentialOptions {
  /** Ceiling in seconds; default a day, or the base where that is more. */
  readonly max?: number;
  /** Growth from one delay to the next; default 2. */
  readonly factor?: number;
}

/** `exponential(2)` waits 2, 4, 8, … seconds. */
export function exponential(baseSeconds: number, options: ExponentialOptions = {}): (retry: number) => number {
  checkSeconds(baseSeconds, 'The base of an exponential delay');
  const { max = Math.max(BACKOFF_SECONDS_MAX, baseSeconds), factor = 2 } = options;
  checkSeconds(max, 'The ceiling of an exponential delay');
  if (!(Number.isFinite(factor) && factor >= 1))
    throw new OstinatoError(
      'bad-input',
      `The factor of an exponential delay is ${String(factor)}; it must be a number, at least 1.`,
    );
  return (retry) => (baseSeconds === 0 ? 0 : Math.min(max, baseSeconds * factor ** (retry - 1)));
}

/**
 * The delays as a policy records them: one a retry, at most `RETRY_DELAYS_MAX`, none when there are no retries.
 * `bad-input` for a delay that is no time.
 */
export function delayList(delay: RetryDelay, retries: number): readonly number[] {
  if (retries <= 0) return [];
  const of =
    typeof delay === 'function'
      ? computed(delay, retries)
      : Array.isArray(delay)
        ? listed(delay as readonly number[], retries)
        : [delay as number];
  for (const seconds of of) checkSeconds(seconds, 'A retry delay');
  return of;
}

function listed(delays: readonly number[], retries: number): readonly number[] {
  if (delays.length <= RETRY_DELAYS_MAX) return delays.slice(0, retries);
  throw new OstinatoError(
    'bad-input',
    `A list of ${delays.length} retry delays is too long; at most ${RETRY_DELAYS_MAX} are kept, and the last one repeats.`,
    { remedy: 'Give the first of them, or a function of the number of the retry.' },
  );
}

function computed(delay: (retry: number) => number, retries: number): number[] {
  return Array.from({ length: Math.min(retries, RETRY_DELAYS_MAX) }, (_, index) => {
    try {
      return delay(index + 1);
    } catch (error) {
      throw new OstinatoError(
        'bad-input',
        `The function retryDelaySeconds threw when it was asked for retry ${index + 1}: ${thrownText(error)}`,
        { cause: error },
      );
    }
  });
}

function checkSeconds(seconds: unknown, what: string): void {
  if (isDuration(seconds)) return;
  throw new OstinatoError('bad-input', `${what} is ${showValue(seconds)}; it must be ${DURATION_RULE}.`);
}

/** Seconds after the `attempt`-th attempt (from 1) failed; zero when the list is empty. */
export function delayOfAttempt(delays: readonly number[], attempt: number): number {
  if (delays.length === 0) return 0;
  return delays[Math.min(Math.max(attempt, 1), delays.length) - 1] ?? 0;
}

/**
 * Spreads retries out so that many runs that failed together do not come back together: evenly between
 * `delay × (1 − factor)` (zero at least) and `delay × (1 + factor)`; the mean stays `delay` for factors up to 1.
 *
 * @param draw one draw of a random source, 0 ≤ draw < 1; 0.5 leaves the delay as it is for factors up to 1
 */
export function jittered(delaySeconds: number, factor: number, draw: number): number {
  if (factor <= 0 || delaySeconds === 0) return delaySeconds;
  const lowest = delaySeconds * (1 - Math.min(factor, 1));
  const highest = delaySeconds * (1 + factor);
  return Math.min(DURATION_SECONDS_MAX, lowest + draw * (highest - lowest));
}

/**
 * Seconds that a failed call asked to wait: `retryAfterSeconds` or `retryAfter` on the error (a number of seconds, or
 * the text of the header), else the `Retry-After` header of `headers` or `response.headers` (RFC 9110 §10.2.3: seconds
 * or a date). Also looks through `cause`. `null` when nothing readable was found. Not limited: see
 * `RETRY_AFTER_SECONDS_MAX`.
 */
export function retryAfterSeconds(error: unknown, now: Instant): number | null {
  let current = error;
  // Five levels of `cause`: a longer chain is a cycle, or not about this call.
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const found = ownRetryAfter(current, now);
    if (found !== null) return found;
    current = field(current, 'cause');
  }
  return null;
}

function ownRetryAfter(error: object, now: Instant): number | null {
  const response = field(error, 'response');
  const candidates = [
    field(error, 'retryAfterSeconds'),
    field(error, 'retryAfter'),
    header(field(error, 'headers')),
    header(field(response, 'headers')),
  ];
  for (const candidate of candidates) {
    const seconds = readRetryAfter(candidate, now);
    if (seconds !== null) return seconds;
  }
  return null;
}

/** Errors come from anywhere: a getter that throws must not hide the failure. */
function field(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined;
  try {
    return (of as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function header(headers: unknown): unknown {
  const get = field(headers, 'get');
  if (typeof get !== 'function') return field(headers, 'retry-after') ?? field(headers, 'Retry-After');
  try {
    return Reflect.apply(get, headers, ['retry-after']);
  } catch {
    return undefined;
  }
}

function readRetryAfter(value: unknown, now: Instant): number | null {
  try {
    return readTime(value, now);
  } catch {
    return null;
  }
}

function readTime(value: unknown, now: Instant): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null;
  if (value instanceof Date) return secondsUntil(value.getTime(), now);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  // A date has letters in it; without this check `Date.parse('-5')` would be a year.
  return /[a-z]/i.test(text) ? secondsUntil(Date.parse(text), now) : null;
}

function secondsUntil(unixMs: number, now: Instant): number | null {
  return Number.isNaN(unixMs) ? null : Math.max(0, (unixMs * 1000 - now) / 1_000_000);
}
