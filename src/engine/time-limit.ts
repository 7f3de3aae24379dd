/**
 * How long a body has run, and whether that was too long. See docs/adr/026-time-limits-count-the-bodys-own-time.md.
 *
 * 1. The clock is monotonic: setting the wall clock changes nothing, and time in which the whole process stood still
 *    (stopped, frozen, the machine asleep) is nobody's.
 * 2. Time in which another body held the thread is that one's, as far as it is known: the part up to a body's first
 *    `await`.
 * 3. A body that holds the thread past its own limit is over it, though no timer could fire. One that has its value
 *    before its timer had a turn, because others held the thread, is not.
 */

import type { Clock, Timer } from '../core/time.ts';
import { sharedState } from './shared-state.ts';

/** Shorter holds are not recorded; even many of them do not keep a timer from firing. */
const HOLD_MS_MIN = 10;
/**
 * A timer that fires this late was delayed by a busy thread: messages and answers that have arrived are processed
 * first.
 */
const LATE_MS = 50;
const SECOND_LOOK_MS = 50;

/** Number of active limits, and milliseconds that bodies held the thread while some were active, by clock. */
const thread = sharedState('time-limits', () => ({ limits: 0, held: new WeakMap<Clock, { ms: number }>() }));

function heldBy(clock: Clock): { ms: number } {
  let held = thread.held.get(clock);
  if (held === undefined) thread.held.set(clock, (held = { ms: 0 }));
  return held;
}

export class TimeLimit {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onOver: () => void;
  readonly #startedAt: number;
  readonly #held: { ms: number };
  readonly #heldBefore: number;
  readonly #turns: { lastMs(): number; stop(): void } | undefined;
  #ownHoldMs = 0;
  #timer: Timer;
  #looksAgain = false;
  #ended = false;

  /** Starts counting; a timer calls `onOver` once. */
  constructor(clock: Clock, seconds: number, onOver: () => void) {
    this.#clock = clock;
    this.#limitMs = seconds * 1000;
    this.#onOver = onOver;
    thread.limits += 1;
    this.#held = heldBy(clock);
    this.#heldBefore = this.#held.ms;
    this.#turns = clock.watchTurns?.();
    this.#startedAt = clock.monotonicMs();
    this.#timer = clock.setTimer(this.#limitMs, () => this.#look());
  }

  /** Whether the body itself, not others, kept the timer from firing past the limit. */
  get isHeldPast(): boolean {
    const over = this.#usedMs() - this.#limitMs;
    if (over <= 0) return false;
    // The event loop has turned since: the body had yielded, and others held the thread.
    return (
      this.#ownHoldMs > this.#limitMs ||
      (this.#turns?.lastMs() ?? Number.NEGATIVE_INFINITY) < this.#clock.monotonicMs() - over
    );
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    thread.limits -= 1;
    this.#timer.cancel();
    this.#turns?.stop();
  }

  /** @internal */
  addOwnHold(ms: number): void {
    this.#ownHoldMs += ms;
  }

  #usedMs(): number {
    const heldByOthers = this.#held.ms - this.#heldBefore - this.#ownHoldMs;
    return this.#clock.monotonicMs() - this.#startedAt - heldByOthers;
  }

  #look(): void {
    if (this.#ended) return;
    const over = this.#usedMs() - this.#limitMs;
    // Timers may be early by a fraction of a millisecond.
    if (over < -1) return this.#lookIn(-over);
    if (over > LATE_MS && !this.#looksAgain && this.#ownHoldMs <= this.#limitMs) {
      this.#looksAgain = true;
      return this.#lookIn(SECOND_LOOK_MS);
    }
    this.#onOver();
  }

  #lookIn(ms: number): void {
    this.#timer = this.#clock.setTimer(ms, () => this.#look());
  }
}

/** Calls the body, and notes how long it holds the thread while any limit is active. */
export function callHolding<T>(body: () => T, clock: Clock, limit: TimeLimit | null): T {
  if (thread.limits === 0) return body();
  const held = heldBy(clock);
  const [startedAt, heldBefore] = [clock.monotonicMs(), held.ms];
  try {
    return body();
  } finally {
    // Bodies that it called have noted their own time.
    const ms = clock.monotonicMs() - startedAt - (held.ms - heldBefore);
    if (ms >= HOLD_MS_MIN) {
      held.ms += ms;
      limit?.addOwnHold(ms);
    }
  }
}
