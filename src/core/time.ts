/**
 * Points in time and the clock port.
 *
 * An `Instant` is an integer count of **microseconds** since the Unix epoch: Prefect's wire keeps microseconds, a
 * JavaScript `Date` does not, and 2^53 µs lasts until the year 2255.
 */

declare const instantBrand: unique symbol;
export type Instant = number & { readonly [instantBrand]: 'microseconds since the Unix epoch' };

/** The clock port; real in `platform/clock.ts`, virtual in `testing` and `sim`. */
export interface Clock {
  /** Wall clock. Two calls may return the same instant. */
  now(): Instant;
  /**
   * Milliseconds since an arbitrary start, with fractions. Setting the wall clock does not change it, and it stands
   * still while the whole process does (stopped, frozen, the machine asleep). Used for time limits.
   */
  monotonicMs(): number;
  /**
   * Watches the event loop until `stop`: `lastMs` is when (in `monotonicMs`) it last turned, which is long ago while
   * something holds the thread. Absent where time only passes while nothing runs.
   */
  readonly watchTurns?: (() => { lastMs(): number; stop(): void }) | undefined;
  /** Calls back once after `delayMs`; `unref` timers do not keep the process alive. */
  setTimer(delayMs: number, callback: () => void, options?: { readonly unref?: boolean }): Timer;
  /**
   * Runs the callback after pending I/O was processed, so that a busy loop does not starve signals, timers and sockets.
   */
  yieldToEventLoop(): Promise<void>;
}

export interface Timer {
  cancel(): void;
}

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A hundred years: every duration up to this is exact in microseconds, and every resulting time can be written. */
export const DURATION_SECONDS_MAX = 100 * 365.25 * 86_400;
/** The condition of `isDuration`, for messages. */
export const DURATION_RULE = 'a number of seconds, zero or more (at most 100 years)';

export function isDuration(seconds: unknown): seconds is number {
  return typeof seconds === 'number' && seconds >= 0 && seconds <= DURATION_SECONDS_MAX;
}

export function instantFromMs(unixMs: number): Instant {
  return Math.round(unixMs * 1000) as Instant;
}

export function addSeconds(instant: Instant, seconds: number): Instant {
  return clampInstant(Math.round(instant + seconds * 1_000_000));
}

export function secondsBetween(earlier: Instant, later: Instant): number {
  return (later - earlier) / 1_000_000;
}

/** The day that was formatted last: the times of one list tend to lie within few days. */
const formatted = { day: Number.NaN, text: '' };
const DAY_US = 86_400_000_000;
const [ZERO, DOT, COLON, LETTER_Z] = [48, 46, 58, 90];

/** The character code of the last digit before the point. */
function digit(number: number): number {
  return ZERO + (Math.floor(number) % 10);
}

/** RFC 3339 in UTC with six fractional digits, for instance `2026-11-22T18:13:00.000001Z`. */
export function formatInstant(instant: Instant): string {
  const day = Math.floor(instant / DAY_US);
  if (day !== formatted.day) {
    formatted.text = new Date((day * DAY_US) / 1000).toISOString().slice(0, -13);
    formatted.day = day;
  }
  const ofDay = instant - day * DAY_US;
  const seconds = Math.floor(ofDay / 1_000_000);
  const micros = ofDay - seconds * 1_000_000;
  const minutes = Math.floor(seconds / 60);
  // One template: half the time of concatenating pieces.
  return (
    formatted.text +
    String.fromCharCode(
      digit(minutes / 600),
      digit(minutes / 60),
      COLON,
      digit((minutes % 60) / 10),
      digit(minutes),
      COLON,
      digit((seconds % 60) / 10),
      digit(seconds),
      DOT,
      digit(micros / 100_000),
      digit(micros / 10_000),
      digit(micros / 1000),
      digit(micros / 100),
      digit(micros / 10),
      digit(micros),
      LETTER_Z,
    )
  );
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Times beyond what microseconds in a JavaScript number can express (other programs write the year 9999 for "never")
 * become the last (or first) exact time, in the years 2255 and 1684.
 */
export function clampInstant(microseconds: number): Instant {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, microseconds)) as Instant;
}

/**
 * Parses RFC 3339 text (a `T` or a space, 0–9 fraction digits, `Z`, an offset, or neither: UTC). `null` when it is not
 * a time.
 */
export function parseInstant(text: string): Instant | null {
  const match = INSTANT.exec(text.trim());
  if (!match) return null;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const wholeMs = Date.parse(`${date}T${time}${offset}`);
  if (Number.isNaN(wholeMs)) return null;
  return clampInstant(wholeMs * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6)));
}
