/**
 * Waiting for a lock that another process holds, without holding up this one: SQLite's own wait stops the thread, so it
 * is kept short, and what it did not get is tried again by timers.
 *
 * 1. What was not locked is answered as before, in the same turn.
 * 2. A call that met a lock has done nothing: it is made again as a whole, up to its bound.
 * 3. A database that was taken away and comes back, or has another one put in its place, is waited for in the same way,
 *    for a short time.
 * 4. A wait that is long is told once, with who holds the lock.
 */

import { isPromise } from '../../../core/maybe-promise.ts';
import { OstinatoError } from '../../../core/errors.ts';
import { isLocked } from './failure.ts';
import { lockHolder } from './lock-holder.ts';
import { isAway } from './replaceable-database.ts';

/**
 * Milliseconds that SQLite itself waits, blocking the thread. Two processes that write in turn hold their locks for
 * some milliseconds.
 */
export const SYNCHRONOUS_WAIT_MS = 10;
/** Milliseconds that a server's caller waits for a lock of another process: less than clients wait. */
export const LOCK_WAIT_MS = 10_000;
const PAUSE_MS_MIN = 5;
const PAUSE_MS_MAX = 50;
/** Wait after which people are told. */
const TOLD_AFTER_MS = 2000;

export interface LockPatienceParts {
  readonly path: string;
  /** Called once a lock when the wait is long. */
  readonly onLongWait: (message: string) => void;
}

export class LockPatience {
  readonly #parts: LockPatienceParts;
  #isTold = false;

  constructor(parts: LockPatienceParts) {
    this.#parts = parts;
  }

  /**
   * @param awayMs how long a database that was taken away is waited for
   * @throws what the call throws, and `store-unavailable` when the lock is still held after `boundMs`
   */
  run<T>(call: () => T | Promise<T>, boundMs: number, awayMs = 0): T | Promise<T> {
    try {
      const answer = call();
      return isPromise(answer) ? answer.catch((error: unknown) => this.#again(call, boundMs, awayMs, error)) : answer;
    } catch (error) {
      if (!isLocked(error) && !(awayMs > 0 && isAway(error))) throw error;
      return this.#again(call, boundMs, awayMs, error);
    }
  }

  async #again<T>(call: () => T | Promise<T>, boundMs: number, awayMs: number, first: unknown): Promise<T> {
    const mayPass = (error: unknown, waitedMs: number): boolean =>
      isLocked(error) || (isAway(error) && waitedMs < awayMs);
    if (!mayPass(first, 0)) throw first;
    const begun = performance.now();
    for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      try {
        const answer = await call();
        this.gotIt();
        return answer;
      } catch (error) {
        const waitedMs = performance.now() - begun;
        if (!mayPass(error, waitedMs)) throw error;
        if (isAway(error)) continue;
        if (waitedMs >= boundMs) throw this.lockedError(error, waitedMs);
        this.waits(waitedMs);
      }
    }
  }

  waits(waitedMs: number): void {
    if (this.#isTold || waitedMs < TOLD_AFTER_MS) return;
    this.#isTold = true;
    const { path, onLongWait } = this.#parts;
    onLongWait(`Waiting for the database ${path}: ${lockHolder(path) ?? 'another process'} holds it locked.`);
  }

  gotIt(): void {
    this.#isTold = false;
  }

  lockedError(error: unknown, waitedMs: number): OstinatoError {
    const { path } = this.#parts;
    const holder = lockHolder(path);
    return new OstinatoError(
      'store-unavailable',
      `The database ${path} is locked by another process${holder === null ? '' : `, ${holder}`}, for more than ${Math.max(1, Math.round(waitedMs / 1000))} s.`,
      {
        // Kept as text: its own wait is over already.
        cause: OstinatoError.is(error) ? error.message : error,
        remedy: OstinatoError.is(error) ? error.remedy : '',
      },
    );
  }
}
