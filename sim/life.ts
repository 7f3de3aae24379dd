/**
 * Whether a simulated process runs, stands still (a machine that sleeps, a container that is paused) or is dead.
 *
 * 1. Whatever reaches a process from outside (a timer, an answer) passes `when`: at once, when it goes on, or never.
 * 2. Code that already runs when the process dies cannot be taken back; it stops at its next contact with the outside.
 */

import type { Clock, Timer } from '../src/core/time.ts';
import type { SimClock } from './sim-clock.ts';

export class Life {
  #state: 'running' | 'frozen' | 'dead' = 'running';
  #held: (() => void)[] = [];
  readonly #onDeath: (() => void)[] = [];
  /** When it last went on, by the simulation's clock; 0 when it never stood. */
  thawedAtUs = 0;
  /** How long it stood the last time. */
  stoodUs = 0;
  frozenAtUs = 0;

  get dead(): boolean {
    return this.#state === 'dead';
  }

  get frozen(): boolean {
    return this.#state === 'frozen';
  }

  /** As `dead`, in the words of the testing room. */
  get ended(): boolean {
    return this.dead;
  }

  end(): void {
    if (this.dead) return;
    this.#state = 'dead';
    this.#held = [];
    for (const listener of this.#onDeath) listener();
  }

  onDeath(listener: () => void): void {
    this.#onDeath.push(listener);
  }

  freeze(atUs: number): void {
    if (this.#state !== 'running') return;
    this.#state = 'frozen';
    this.frozenAtUs = atUs;
  }

  thaw(clock: SimClock): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    this.thawedAtUs = clock.elapsedUs;
    this.stoodUs = this.thawedAtUs - this.frozenAtUs;
    this.#releaseNext(clock);
  }

  /** What has waited comes one after the other, each with what follows from it, as timers do on a real event loop. */
  #releaseNext(clock: SimClock): void {
    if (this.#state !== 'running') return;
    this.#held.shift()?.();
    if (this.#held.length > 0) clock.setTimer(0, () => this.#releaseNext(clock));
  }

  when(callback: () => void): void {
    if (this.#state === 'frozen' || this.#held.length > 0) this.#held.push(callback);
    else if (this.#state === 'running') callback();
  }

  /** Resolves when the process can go on; never when it is dead. */
  running(): Promise<void> {
    return new Promise((resolve) => this.when(resolve));
  }

  /** The answer as the process gets it. */
  reach<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => this.when(() => resolve(value)),
        (error: unknown) => this.when(() => reject(error as Error)),
      );
    });
  }
}

/** The clock as this process has it. */
export function clockOf(life: Life, clock: SimClock): Clock {
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    setTimer(delayMs, callback): Timer {
      let cancelled = false;
      const fire = (): void =>
        life.when(() => {
          if (!cancelled) callback();
        });
      const inner = clock.setTimer(delayMs, fire);
      return {
        cancel: () => {
          cancelled = true;
          inner.cancel();
        },
      };
    },
    yieldToEventLoop: () => life.reach(clock.yieldToEventLoop()),
  };
}

/** A promise that stays open for ever; what awaits it is garbage together with it. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}
