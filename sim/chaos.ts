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

export interface ChaosPlan {
  /** The clock moves this much each time somebody looks. */
  readonly tickUs: number;
  /** On one host the kernel says who is alive; between hosts only the heartbeat does. */
  readonly hosts: 1 | 2;
  /** `null`: every process has the store in itself, and most answers come at once. */
  readonly network: NetworkFaults | null;
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

export function drawChaos(seed: number): ChaosPlan {
  const random = seededRandom(seed * 7 + 1);
  const kind = random();
  const network = kind < 0.55 ? null : { latencyMsMax: pick(random, [2, 40, 400]), dropOdds: kind < 0.7 ? 0 : 0.05, duplicateOdds: kind < 0.7 ? 0 : 0.08, timeoutMs: 1500 };
  // A quarter of the seeds is quiet: there the first attempt has to be the last.
  const quiet = random() < 0.25;
  return {
    tickUs: pick(random, [0, 1, 13]),
    hosts: random() < 0.5 ? 1 : 2,
    network,
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
    const { crashesMax, freezes, cancels, network } = this.plan;
    return crashesMax === 0 && freezes === 0 && cancels === 0 && (network === null || network.dropOdds === 0);
  }

  get crashes(): number {
    return this.#crashes;
  }

  /** No more crashes: the end is looked at in peace. */
  calm(): void {
    this.#crashing = false;
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
