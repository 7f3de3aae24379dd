/**
 * Looks again and again at what is to be done: when something was committed, at a time that the look before has named,
 * and when somebody asks for it.
 *
 * 1. It is never under way twice; what asks for it meanwhile is answered by one more.
 * 2. A look that fails is told of, and made again.
 * 3. When it is stopped, the look that is under way ends first.
 */

import type { Clock, Timer } from '../core/time.ts';

export interface WokenLookParts {
  readonly clock: Pick<Clock, 'monotonicMs' | 'setTimer'>;
  /** Answers in how many seconds to look again without a cause. */
  readonly look: () => Promise<number>;
  /** For causes by `wake`, from the beginning of one look to the next, however many there are. */
  readonly wakeMsMin: number;
  /** After a look that failed. */
  readonly againSeconds: number;
  readonly onFailure: (error: unknown) => void;
}

export class WokenLook {
  readonly #parts: WokenLookParts;
  #timer: Timer | null = null;
  /** When the timer is due, in `monotonicMs`. */
  #timerMs = Number.POSITIVE_INFINITY;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #look: Promise<void> | null = null;
  #isAskedFor = false;
  #isStopped = false;

  /** The first look comes at once. */
  constructor(parts: WokenLookParts) {
    this.#parts = parts;
    this.lookWithin(0);
  }

  /** Something was committed. */
  wake(): void {
    this.lookWithin(Math.max(0, this.#lookedMs + this.#parts.wakeMsMin - this.#parts.clock.monotonicMs()));
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
    this.#lookedMs = clock.monotonicMs();
    this.#look = look()
      .catch((error: unknown) => {
        onFailure(error);
        return againSeconds;
      })
      .then((seconds) => {
        this.#look = null;
        const isAskedFor = this.#isAskedFor;
        this.#isAskedFor = false;
        this.lookWithin(isAskedFor ? 0 : Math.ceil(seconds * 1000));
      });
  }
}
