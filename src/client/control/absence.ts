/** What a noun's methods can count on in a flow whose server may be away. */

import type { IdSource } from '../../core/ids.ts';
import type { Clock } from '../../core/time.ts';
import type { ControlClient } from './client.ts';

/** A method of a noun that is told later, by its names. Safe to tell twice. */
export interface LaterCall {
  readonly noun: keyof ControlClient;
  readonly method: string;
  readonly args: readonly unknown[];
  /** For people: "variable x was set". */
  readonly what: string;
}

export interface Absence {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly isAway: boolean;
  /** Asks the server; one that is away is waited for, but not for ever. */
  sure<T>(question: (control: ControlClient) => Promise<T>): Promise<T>;
  /** Asks the server unless it is away. */
  ifThere<T>(question: (control: ControlClient) => Promise<T>, otherwise: () => T): Promise<T>;
  /** Asks the server; one that is away is told when it is back, in order with everything else. */
  orLater<T>(call: LaterCall, meanwhile: () => T): Promise<T>;
}

/** What is known here of a noun while the server is away: no more than so many. */
const REMEMBERED_MAX = 1000;

export class Remembered<Key, Known> {
  readonly #known = new Map<Key, Known>();

  get(key: Key): Known | undefined {
    return this.#known.get(key);
  }

  keep<Fact extends Known>(key: Key, fact: Fact): Fact {
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear();
    this.#known.set(key, fact);
    return fact;
  }
}
