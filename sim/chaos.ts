/** What goes wrong in one simulation, and when: drawn from the seed. */

import { seededRandom, type Random } from '../src/platform/random.ts';
import type { Strike } from './journals.ts';

export interface NetworkFaults {
  /** Each leg of a call takes up to this. */
  readonly latencyMsMax: number;
  /** Of each leg. */
  readonly dropOdds: number;
  readonly duplicateOdds: number;
  /** After this long without an answer a call is made again. */
  readonly timeoutMs: number;
}

/** Of a store that answers later. */
export interface StoreFaults {
  /** Each way to it and back takes up to this: two for a transaction, one for each statement of a read. */
  readonly latencyMsMax: number;
  /** That a transaction is made in vain, and again. */
  readonly againOdds: number;
  /** That the connection breaks: at each way. */
  readonly breakOdds: number;
}

export interface ChaosPlan {
  /** The clock moves this much each time somebody looks. */
  readonly tickUs: number;
  /** On one host the kernel says who is alive; between hosts only the heartbeat does. */
  readonly hosts: 1 | 2;
  /** `null`: every process has the store in itself, and most answers come at once. */
  readonly network: NetworkFaults | null;
  /** `null`: it answers at once. */
  readonly store: StoreFaults | null;
  /** Without one, only `sync` steps are promised. */
  readonly journal: boolean;
  /** At each contact of a process with the outside. */
  readonly crashOdds: number;
  readonly crashesMax: number;
  readonly freezes: number;
  readonly cancels: number;
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

/** @param kind of which the chances depend: below 0.55 there is no network, below 0.7 one without faults */
function drawNetwork(random: Random, kind: number): NetworkFaults | null {
  if (kind < 0.55) return null;
  return {
    latencyMsMax: pick(random, [2, 40, 400]),
    dropOdds: kind < 0.7 ? 0 : 0.05,
    duplicateOdds: kind < 0.7 ? 0 : 0.08,
    timeoutMs: 1500,
  };
}

export function drawChaos(seed: number): ChaosPlan {
  const random = seededRandom(seed * 7 + 1);
  return planOf(random, drawNetwork(random, random()), null);
}

/** Such a store is behind a server: its faults come on top of the network's, in a part of the seeds instead of them. */
export function drawLaterChaos(seed: number): ChaosPlan {
  const random = seededRandom(seed * 7 + 6);
  const network = drawNetwork(random, 0.55 + 0.45 * random());
  const store = {
    latencyMsMax: pick(random, [1, 8, 60]),
    againOdds: pick(random, [0, 0.1, 0.4]),
    breakOdds: pick(random, [0, 0.01, 0.04]),
  };
  return planOf(random, network, store);
}

function planOf(random: Random, network: NetworkFaults | null, store: StoreFaults | null): ChaosPlan {
  // A quarter of the seeds is quiet: there the first attempt has to be the last.
  const quiet = random() < 0.25;
  return {
    tickUs: pick(random, [0, 1, 13]),
    hosts: random() < 0.5 ? 1 : 2,
    network,
    store,
    journal: network === null || random() < 0.6,
    crashOdds: quiet ? 0 : pick(random, [0.01, 0.03, 0.1]),
    crashesMax: quiet ? 0 : 1 + Math.floor(random() * 6),
    freezes: quiet ? 0 : pick(random, [0, 0, 1, 2]),
    cancels: quiet ? 0 : pick(random, [0, 0, 0, 1]),
  };
}

export class Chaos {
  readonly plan: ChaosPlan;
  readonly #random: Random;
  #crashes = 0;
  #crashing = true;

  constructor(seed: number, plan: ChaosPlan = drawChaos(seed)) {
    this.plan = plan;
    this.#random = seededRandom(seed * 7 + 2);
  }

  /** Whether anything was, or may yet be, disturbed. */
  get isQuiet(): boolean {
    const { crashesMax, freezes, cancels, network, store } = this.plan;
    return (
      crashesMax === 0 &&
      freezes === 0 &&
      cancels === 0 &&
      (network === null || network.dropOdds === 0) &&
      (store === null || store.breakOdds === 0)
    );
  }

  get crashes(): number {
    return this.#crashes;
  }

  /** No more crashes, and nothing breaks: the end is looked at in peace. */
  calm(): void {
    this.#crashing = false;
  }

  get isCalm(): boolean {
    return !this.#crashing;
  }

  strike(): Strike {
    if (!this.#crashing || this.#crashes >= this.plan.crashesMax || this.#random() >= this.plan.crashOdds) return null;
    this.#crashes += 1;
    return pick(this.#random, ['before', 'torn', 'after'] as const);
  }

  draw(): number {
    return this.#random();
  }

  /** A whole number from 0 to `max`. */
  upTo(max: number): number {
    return Math.floor(this.#random() * (max + 1));
  }
}
