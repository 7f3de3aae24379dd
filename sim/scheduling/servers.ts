/** Servers of one store: their own clocks, which may be wrong and jump, and the loops of the product. */

import type { Clock, Instant } from '../../src/core/time.ts';
import { createUseCases, type UseCases } from '../../src/orchestrator/use-cases.ts';
import { seededRandom } from '../../src/platform/random.ts';
import { startServices } from '../../src/server/services.ts';
import type { Loops } from '../../src/services/loops.ts';
import type { Storage } from '../../src/store/port.ts';
import { createSeededIds } from '../../src/testing/seeded-ids.ts';
import type { SimClock } from '../sim-clock.ts';

/** The simulation's clock, as this machine reads it. Timers are not moved by what it reads. */
export class SkewedClock implements Clock {
  readonly #clock: SimClock;
  skewUs = 0;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  now(): Instant {
    return (this.#clock.now() + this.skewUs) as Instant;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(...given: Parameters<Clock['setTimer']>): ReturnType<Clock['setTimer']> {
    return this.#clock.setTimer(given[0], given[1]);
  }

  yieldToEventLoop(): Promise<void> {
    return this.#clock.yieldToEventLoop();
  }
}

export interface ServerParts {
  readonly clock: SimClock;
  readonly storage: Storage;
  readonly seed: number;
  /** The processes that are dead: their kernel says so. */
  readonly dead: ReadonlySet<string>;
  readonly onFailure: (what: string, error: unknown) => void;
}

export class SimServer {
  readonly clock: SkewedClock;
  readonly cases: UseCases;
  readonly #onFailure: ServerParts['onFailure'];
  readonly #storage: Storage;
  #loops: Loops | null = null;

  constructor({ clock, storage, seed, dead, onFailure }: ServerParts) {
    this.clock = new SkewedClock(clock);
    this.#onFailure = onFailure;
    this.#storage = storage;
    const random = seededRandom(seed);
    this.cases = createUseCases({
      storage,
      clock: this.clock,
      ids: createSeededIds(this.clock, seededRandom(seed + 1)),
      random,
      liveness: ({ id }) =>
        dead.has(id) ? { alive: false, evidence: 'It is gone.' } : { alive: true, evidence: 'It answers.' },
    });
  }

  get isUp(): boolean {
    return this.#loops !== null;
  }

  start(): void {
    this.#loops ??= startServices({
      useCases: this.cases,
      storage: this.#storage,
      clock: this.clock,
      onFailure: this.#onFailure,
      retention: null,
      silentSeconds: null,
      // Nobody makes automations here.
      automationTriggers: false,
      onNotice: () => undefined,
      onScheduled: () => undefined,
    });
  }

  /** As when it is killed: what it has sent to the store is done all the same. */
  kill(): void {
    void this.#loops?.stop();
    this.#loops = null;
  }
}
