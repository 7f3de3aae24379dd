/**
 * Looks again and again at what is to be done: when something was committed, at a time that the look before has named,
 * and when somebody asks for it.
 *
 * 1. It is never under way twice; what asks for it meanwhile is answered by one more.
 * 2. What is committed while it is idle is looked at at once. However much is committed, looks take a quarter of the
 *    time at most, or each comes so late that many commits share it: what costs little is done often.
 * 3. A look that fails is told of, and made again.
 * 4. When it is stopped, the look that is under way ends first.
 */

import type { Clock, Timer } from '../core/time.ts';

export interface WokenLookParts {
  readonly clock: Pick<Clock, 'monotonicMs' | 'setTimer'>;
  /** Answers in how many seconds to look again without a cause. */
  readonly look: () => Promise<number>;
  /** After a look that failed. */
  readonly againSeconds: number;
  readonly onFailure: (error: unknown) => void;
}

/** After a look, what is committed waits so many times as long as the look took… */
const REST_FACTOR = 3;
/** … but not longer. */
const REST_MS_MAX = 20;

export class WokenLook {
  readonly #parts: WokenLookParts;
  #timer: Timer | null = null;
  /** When the timer is due, in `monotonicMs`. */
  #timerMs = Number.POSITIVE_INFINITY;
  /** Until when what is committed waits, in `monotonicMs`. */
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #look: Promise<void> | null = null;
  #isAskedFor = false;
  /** The same, but not at once. */
  #isWoken = false;
  #isStopped = false;

  /** The first look comes at once. */
  constructor(parts: WokenLookParts) {
    this.#parts = parts;
    this.lookWithin(0);
  }

  /** Something was committed. */
  wake(): void {
    // How long the look that is under way takes is not known yet.
    if (this.#look !== null) this.#isWoken = true;
    else this.lookWithin(Math.max(0, this.#restsUntilMs - this.#parts.clock.monotonicMs()));
  }

  /** Sooner than it is planned; never later. */
  lookWithin(delayMs: number): void {
    if (this.#isStopped) return;
    const { clock } = this.#parts;
    const dueMs = clock.monotonicMs() + delayMs;
    if (dueMs >= this.#timerMs) return;
    this.#timer?.cancel();
    this.#timerMs = dueMs;
    this.#timer = clock.setTimer(delayMs, () => this.#onTime(), { unref: true });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#look;
  }

  #onTime(): void {
    this.#timer = null;
    this.#timerMs = Number.POSITIVE_INFINITY;
    if (this.#look !== null) {
      this.#isAskedFor = true;
      return;
    }
    const { clock, look, againSeconds, onFailure } = this.#parts;
    const beganMs = clock.monotonicMs();
    this.#look = look()
      .catch((error: unknown) => {
        onFailure(error);
        return againSeconds;
      })
      .then((seconds) => {
        const endedMs = clock.monotonicMs();
        this.#restsUntilMs = endedMs + Math.min(REST_MS_MAX, (endedMs - beganMs) * REST_FACTOR);
        this.#look = null;
        const isAskedFor = this.#isAskedFor;
        const isWoken = this.#isWoken;
        this.#isAskedFor = false;
        this.#isWoken = false;
        this.lookWithin(isAskedFor ? 0 : Math.ceil(seconds * 1000));
        if (isWoken) this.wake();
      });
  }
}
