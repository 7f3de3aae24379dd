/**
 * The time of a simulation: stands still while anything can run, then jumps to the next timer.
 *
 * 1. One timer fires at a time, and everything that follows from it without waiting happens before the next one.
 * 2. Timers of one instant fire in an order that the seed decides.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock, Instant, Timer } from '../src/core/time.ts';
import type { Random } from '../src/platform/random.ts';

interface PendingTimer {
  readonly due: number;
  readonly draw: number;
  readonly callback: () => void;
}

/**
 * Nothing in a simulation does real I/O, so one turn empties the microtasks; modules that are imported lazily take a
 * few.
 */
const TURNS = 3;

export class SimClock implements Clock {
  readonly #random: Random;
  readonly #tickUs: number;
  readonly #startedAt: number;
  readonly #timers = new Set<PendingTimer>();
  #now: number;

  /** @param tickUs added each time somebody looks: 0 makes many things happen at one instant */
  constructor(startAt: Instant, tickUs: number, random: Random) {
    this.#startedAt = this.#now = startAt;
    this.#tickUs = tickUs;
    this.#random = random;
  }

  now(): Instant {
    return (this.#now += this.#tickUs) as Instant;
  }

  /** Microseconds since the simulation began; looking does not move it. */
  get elapsedUs(): number {
    return this.#now - this.#startedAt;
  }

  monotonicMs(): number {
    return this.now() / 1000;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = {
      due: this.#now + Math.max(0, Math.round(delayMs * 1000)),
      draw: this.#random(),
      callback: AsyncLocalStorage.bind(callback),
    };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  yieldToEventLoop(): Promise<void> {
    return new Promise((resolve) => this.setTimer(0, resolve));
  }

  /** Resolves when nothing can happen before the next timer. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Jumps to the next timer and fires it; `false` when there is none. */
  fireNext(): boolean {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.due < next.due || (timer.due === next.due && timer.draw < next.draw)) next = timer;
    }
    if (!next) return false;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.due);
    next.callback();
    return true;
  }
}
