/** A clock that stands still until it is moved; timers fire on the way, in their order. */

import type { Clock, Instant, Timer } from '../src/core/time.ts';

export class SteppedClock implements Clock {
  #nowUs = 1_700_000_000_000_000;
  #timers: { readonly atUs: number; readonly order: number; readonly callback: () => void; readonly unref: boolean }[] =
    [];
  #order = 0;

  /** Timers that would keep a process alive. */
  get pending(): number {
    return this.#timers.filter(({ unref }) => !unref).length;
  }

  now(): Instant {
    return this.#nowUs as Instant;
  }

  monotonicMs(): number {
    return this.now() / 1000;
  }

  setTimer(delayMs: number, callback: () => void, options?: { readonly unref?: boolean }): Timer {
    this.#order += 1;
    const timer = {
      atUs: this.#nowUs + Math.round(delayMs * 1000),
      order: this.#order,
      callback,
      unref: options?.unref === true,
    };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  yieldToEventLoop(): Promise<void> {
    return Promise.resolve();
  }

  /** What the timers start asynchronously is not waited for. */
  advance(ms: number): void {
    const untilUs = this.#nowUs + Math.round(ms * 1000);
    for (;;) {
      const next = this.#timers
        .filter(({ atUs }) => atUs <= untilUs)
        .sort((a, b) => a.atUs - b.atUs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowUs = Math.max(this.#nowUs, next.atUs);
      next.callback();
    }
    this.#nowUs = untilUs;
  }
}
