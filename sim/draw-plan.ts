/** Random workloads: the same for the same seed. */

import { DURABILITIES } from '../src/core/durability.ts';
import { seededRandom, type Random } from '../src/platform/random.ts';
import type { Plan, RootSpec, StepSpec } from './plan.ts';

/** Numbers of cached results that all flows of one simulation share. */
const CACHE_NUMBERS = 3;
const DEPTH_MAX = 3;

class PlanArtist {
  readonly #random: Random;
  #ids = 0;
  /** Steps that may still be drawn: a tree of plans must not run away. */
  #budget: number;

  constructor(random: Random, budget: number) {
    this.#random = random;
    this.#budget = budget;
  }

  upTo(max: number): number {
    return Math.floor(this.#random() * (max + 1));
  }

  chance(odds: number): boolean {
    return this.#random() < odds;
  }

  step(more: Partial<StepSpec> = {}): StepSpec {
    this.#budget -= 1;
    const failures = this.chance(0.25) ? 1 + this.upTo(1) : 0;
    const hangs = this.chance(0.08) ? 1 : 0;
    return {
      id: (this.#ids += 1),
      delayMs: this.chance(0.3) ? 0 : this.chance(0.1) ? this.upTo(5000) : this.upTo(40),
      failures,
      hangs,
      deaf: this.chance(0.3),
      retries: failures + hangs + this.upTo(1),
      retryDelaySeconds: this.chance(0.3) ? 0 : this.upTo(20),
      timeoutSeconds: hangs > 0 || this.chance(0.1) ? 8 : null,
      isDoomed: false,
      cacheNumber: null,
      durability: this.chance(0.2) ? (DURABILITIES[this.upTo(2)] ?? null) : null,
      big: this.chance(0.05),
      inside: [],
      ...more,
    };
  }

  stepPlan(depth: number): Plan {
    if (this.chance(0.12)) return { kind: 'step', step: this.step({ cacheNumber: this.upTo(CACHE_NUMBERS - 1) }) };
    if (depth < DEPTH_MAX && this.chance(0.15)) {
      const inside = Array.from({ length: 1 + this.upTo(2) }, () => this.inTask(depth + 1));
      return { kind: 'step', step: this.step({ inside, hangs: 0, timeoutSeconds: null }) };
    }
    return { kind: 'step', step: this.step() };
  }

  /** What a task's body may call. */
  inTask(depth: number): Plan {
    return this.chance(0.85) ? { kind: 'step', step: this.step() } : this.plan(depth);
  }

  plan(depth: number): Plan {
    if (depth >= DEPTH_MAX || this.#budget <= 0) return this.stepPlan(depth);
    const kind = this.#random();
    if (kind < 0.2) return this.stepPlan(depth);
    if (kind < 0.45) return { kind: 'sequence', parts: this.parts(depth, 4), chained: this.chance(0.4) };
    if (kind < 0.62) return this.parallel(depth);
    if (kind < 0.74) return this.map();
    if (kind < 0.84) return this.subflow(depth);
    if (kind < 0.93) return this.transaction();
    return {
      kind: 'caught',
      part: {
        kind: 'sequence',
        parts: [...this.parts(depth, 2), { kind: 'step', step: this.step({ isDoomed: true }) }],
        chained: false,
      },
    };
  }

  parts(depth: number, max: number): Plan[] {
    return Array.from({ length: 1 + this.upTo(max - 1) }, () => this.plan(depth + 1));
  }

  parallel(depth: number): Plan {
    if (this.chance(0.35)) {
      // The same steps in every branch, told apart by their inputs alone.
      const twin = this.plan(depth + 1);
      return { kind: 'parallel', parts: Array.from({ length: 2 + this.upTo(1) }, () => twin) };
    }
    return { kind: 'parallel', parts: this.parts(depth, 4) };
  }

  map(): Plan {
    const items = Array.from({ length: 1 + this.upTo(9) }, () => this.step());
    // Equal items are interchangeable, but each is done.
    const repeated = this.chance(0.2) ? [...items, ...items.slice(0, 2)] : items;
    return {
      kind: 'map',
      items: repeated,
      concurrency: 1 + this.upTo(4),
      again: this.chance(0.3),
      id: (this.#ids += 1),
    };
  }

  subflow(depth: number): Plan {
    const failures = this.chance(0.2) ? 1 : 0;
    return {
      kind: 'subflow',
      id: (this.#ids += 1),
      part: this.plan(depth + 1),
      concurrency: 1 + this.upTo(5),
      failures,
      retries: failures,
    };
  }

  transaction(): Plan {
    const rollsBack = this.chance(0.45);
    const steps = Array.from({ length: 1 + this.upTo(3) }, () => this.step());
    const plan: Plan = { kind: 'transaction', id: (this.#ids += 1), steps, rollsBack };
    return rollsBack ? { kind: 'caught', part: plan } : plan;
  }
}

export function drawJobs(seed: number): readonly RootSpec[] {
  const random = seededRandom(seed * 7 + 3);
  const jobs = 1 + Math.floor(random() * 3);
  return Array.from({ length: jobs }, (_, index) => {
    const artist = new PlanArtist(random, Math.ceil(24 / jobs));
    const failures = artist.chance(0.2) ? 1 : 0;
    const parts = artist.parts(0, 4);
    const doomed: Plan[] = artist.chance(0.08) ? [{ kind: 'step', step: artist.step({ isDoomed: true }) }] : [];
    return {
      job: `job${index}`,
      plan: { kind: 'sequence', parts: [...parts, ...doomed], chained: false },
      input: artist.upTo(1000),
      concurrency: 1 + artist.upTo(6),
      failures,
      retries: failures,
      durability: artist.chance(0.7) ? 'process' : artist.chance(0.5) ? 'sync' : 'none',
    };
  });
}
