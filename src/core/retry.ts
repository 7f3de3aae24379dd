/** When the next attempt starts: delays as policies keep them, backoff, jitter, and what a failed server asked for. */

import { OstinatoError } from './errors.ts';
import type { Instant } from './time.ts';

/** Longest wait between two attempts, whoever asks for it: a day, so that a wrong header cannot park a run for ever. */
export const RETRY_DELAY_SECONDS_MAX = 24 * 60 * 60;
/** A policy keeps at most this many delays, the last one repeats: any backoff has reached its ceiling long before. */
export const RETRY_DELAYS_MAX = 50;

/** Seconds before the 1st, 2nd, … retry: the same for all, a list whose last entry repeats, or a function of the retry's number (from 1). */
export type RetryDelay = number | readonly number[] | ((retry: number) => number);

export interface ExponentialOptions {
  /** Ceiling in seconds; default a day. */
  readonly max?: number;
  /** Growth from one delay to the next; default 2. */
  readonly factor?: number;
}

/** `exponential(2)` waits 2, 4, 8, … seconds. */
export function exponential(baseSeconds: number, options: ExponentialOptions = {}): (retry: number) => number {
  const { max = RETRY_DELAY_SECONDS_MAX, factor = 2 } = options;
  checkSeconds(baseSeconds, 'The base of an exponential delay');
  checkSeconds(max, 'The ceiling of an exponential delay');
  if (!(factor >= 1)) throw new OstinatoError('bad-input', `The factor of an exponential delay is ${factor}; it must be at least 1.`);
  return (retry) => Math.min(max, RETRY_DELAY_SECONDS_MAX, baseSeconds * factor ** (retry - 1));
}

/** The delays as a policy records them: one a retry, at most `RETRY_DELAYS_MAX`, none when there are no retries. `bad-input` for a delay that is no time. */
export function delayList(delay: RetryDelay, retries: number): readonly number[] {
  if (retries <= 0) return [];
  const of =
    typeof delay === 'number'
      ? [delay]
      : typeof delay === 'function'
        ? computed(delay, retries)
        : delay.slice(0, Math.min(retries, RETRY_DELAYS_MAX));
  for (const seconds of of) checkSeconds(seconds, 'A retry delay');
  return of;
}

function computed(delay: (retry: number) => number, retries: number): number[] {
  return Array.from({ length: Math.min(retries, RETRY_DELAYS_MAX) }, (_, index) => delay(index + 1));
}

function checkSeconds(seconds: number, what: string): void {
  if (Number.isFinite(seconds) && seconds >= 0) return;
  throw new OstinatoError('bad-input', `${what} is ${seconds}; it must be a number of seconds, zero or more.`);
}

/** Seconds after the `attempt`-th attempt (from 1) failed; zero when the list is empty. */
export function delayOfAttempt(delays: readonly number[], attempt: number): number {
  if (delays.length === 0) return 0;
  return Math.min(RETRY_DELAY_SECONDS_MAX, delays[Math.min(Math.max(attempt, 1), delays.length) - 1] ?? 0);
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
  return Math.min(RETRY_DELAY_SECONDS_MAX, lowest + draw * (highest - lowest));
}

/**
 * Seconds that a failed call asked to wait: `retryAfterSeconds` or `retryAfter` on the error (a number of seconds, or the
 * text of the header), else the `Retry-After` header of `headers` or `response.headers` (RFC 9110 §10.2.3: seconds or a
 * date). Looks through `cause` too. `null` when nothing (readable) was asked; at most `RETRY_DELAY_SECONDS_MAX`.
 */
export function retryAfterSeconds(error: unknown, now: Instant): number | null {
  let current = error;
  // Five levels of `cause`: more is a cycle or not about this call.
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
    if (seconds !== null) return Math.min(seconds, RETRY_DELAY_SECONDS_MAX);
  }
  return null;
}

/** Errors come from anywhere: a getter that throws must not hide the failure it belongs to. */
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
