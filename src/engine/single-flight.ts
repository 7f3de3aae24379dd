/** One computation a key within this process: later callers wait for the first, without a request to the store. */

import { sharedState } from './shared-state.ts';

export class Flights {
  readonly #flying = new Map<string, Promise<void>>();

  /** The computation in progress; `undefined` when there is none. Never rejects. */
  of(key: string): Promise<void> | undefined {
    return this.#flying.get(key);
  }

  /** Starts a computation; the returned function ends it. Call only when none is in progress. */
  start(key: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#flying.set(key, promise);
    return () => {
      if (this.#flying.get(key) === promise) this.#flying.delete(key);
      resolve();
    };
  }
}

const flights = sharedState('flights', () => new WeakMap<object, Flights>());

/** @param engine the ports of the process */
export function flightsOf(engine: object): Flights {
  let known = flights.get(engine);
  if (!known) flights.set(engine, (known = new Flights()));
  return known;
}
