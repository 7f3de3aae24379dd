/**
 * Sees what bodies really do, and objects at once:
 *
 * 1. A step whose caller went on, and which was promised to it, does not run again.
 * 2. Bodies of one attempt of a flow run never exceed its slots.
 * 3. One cached result is computed by one living body at a time, and not again once it is there.
 * 4. One living process at a time executes a flow run; one that was taken for dead stops soon after it wakes.
 * 5. Nothing of a flow run starts after that has ended.
 */

import type { FlowRun } from '../src/core/flow-run.ts';
import type { FlowRunId } from '../src/core/ids.ts';
import { LEASE_SECONDS } from '../src/core/process-record.ts';
import { isTerminal } from '../src/core/state.ts';
import { never } from './life.ts';
import type { SimProcess } from './sim-process.ts';

/**
 * A process that stood still gets this long (a beat, which may be lost some times) to find out that its runs are not
 * its own any more.
 */
const STALE_US_MAX = 12_000_000;

export interface BodyFacts {
  readonly process: SimProcess;
  readonly key: string;
  /** As the body sees it, with the lease that its process believes to hold. */
  readonly run: FlowRun;
  /** Names the cached result that the body computes. */
  readonly cached: string | null;
  /** How many slots its flow run has, of which it takes one; `null` when it takes none. */
  readonly slots: number | null;
}

interface Gate {
  readonly process: SimProcess;
  held: number;
}

export interface WitnessParts {
  readonly nowUs: () => number;
  readonly say: (who: string, what: string) => void;
  readonly object: (invariant: string, what: string) => void;
  /** How often each step is called in one undisturbed run. */
  readonly callsOf: (key: string) => number;
  /** As the store has it now. */
  readonly runOf: (id: FlowRunId) => FlowRun | null;
}

export class Witness {
  readonly #parts: WitnessParts;
  /** By step and attempt, how many equal calls of it have ended. */
  readonly #promised = new Map<string, Map<string, number>>();
  readonly #spent = new Map<string, number>();
  readonly #gates = new Map<string, Gate>();
  readonly #computing = new Map<string, SimProcess>();
  readonly #cached = new Set<string>();
  /** Who ran the body of which step. */
  readonly #doneBy = new Map<string, SimProcess>();
  readonly #executing = new Map<FlowRunId, Set<SimProcess>>();
  readonly #counting = new Set<string>();
  readonly #unsure = new Set<string>();
  bodies = 0;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  /** Called first in every body. Answers how to say that it is over. */
  async begin(facts: BodyFacts): Promise<() => void> {
    const { process, key, cached, run, slots } = facts;
    await process.life.running();
    this.bodies += 1;
    this.#doneBy.set(key, process);
    this.#parts.say(process.name, `body ${key}`);
    const isStale = this.#isStale(process, run);
    if (isStale) this.#checkStale(process, key);
    else this.#checkPromise(key, process);
    const now = this.#parts.runOf(run.id);
    if (!isStale && now !== null && isTerminal(now.state))
      this.#parts.object('nothing after the end', `${process.name} starts ${key} in run ${run.id}, which has ended`);
    const leaveGate = slots === null ? null : this.#enterGate(process, run.id, slots);
    if (cached !== null) this.#enterCache(cached, process, isStale);
    return () => {
      leaveGate?.();
      if (cached !== null && this.#computing.get(cached) === process) this.#computing.delete(cached);
    };
  }

  /** The step's caller has its value and goes on. */
  async continued(
    process: SimProcess,
    key: string,
    promise: { readonly isKept: boolean; readonly run: FlowRun; readonly cached: string | null },
  ): Promise<void> {
    if (process.life.dead) return never();
    await process.life.running();
    this.#parts.say(process.name, `continued ${key}`);
    // What a process is told that has lost the run, without knowing it yet, is no promise.
    const { run, isKept } = promise;
    const isStale = this.#isStale(process, run);
    if (isKept && !isStale) this.#keepPromise(key, `${run.id} ${run.runCount}`);
    // One that was done by a process that died in between may not have come into the cache.
    if (promise.cached !== null && !isStale && this.#doneBy.get(key) === process) this.#cached.add(promise.cached);
  }

  /** The body around these failed: they will be done again. */
  forgetInside(prefix: string): void {
    for (const key of this.#promised.keys()) if (key.startsWith(prefix)) this.#promised.delete(key);
  }

  /** The record says that it was rolled back: it will be done again. */
  forget(key: string): void {
    this.#promised.delete(key);
  }

  /** `true` for the first so many times, whoever asks: troubles that go away. */
  spend(name: string, times: number): boolean {
    const spent = this.#spent.get(name) ?? 0;
    if (spent >= times) return false;
    this.#spent.set(name, spent + 1);
    return true;
  }

  /** The step had its effect on the world. */
  apply(process: SimProcess, key: string, run: FlowRun): void {
    if (this.#isStale(process, run)) this.#unsure.add(key);
    this.#counting.add(key);
  }

  /** Its rollback hook ran. */
  undo(process: SimProcess, key: string): void {
    if (process.life.dead) return;
    this.#parts.say(process.name, `undo ${key}`);
    this.#counting.delete(key);
    this.#promised.delete(key);
  }

  /** `null`: a process had this effect that was taken for dead, so that nobody can say. */
  counts(key: string): boolean | null {
    return this.#unsure.has(key) ? null : this.#counting.has(key);
  }

  /** The body of a flow run begins. Answers how to say that it is over. */
  async enterFlow(process: SimProcess, id: FlowRunId): Promise<() => void> {
    await process.life.running();
    const there = this.#executing.get(id) ?? new Set();
    this.#executing.set(id, there);
    for (const other of there) {
      const isFine =
        other === process || other.life.dead || this.#wasTakenForDead(other) || this.#wasTakenForDead(process);
      if (!isFine)
        this.#parts.object(
          'one lease',
          `${process.name} begins run ${id}, which ${other.name} executes and was not taken for dead`,
        );
    }
    there.add(process);
    return () => void there.delete(process);
  }

  #keepPromise(key: string, attempt: string): void {
    const attempts = this.#promised.get(key) ?? new Map<string, number>();
    this.#promised.set(key, attempts.set(attempt, (attempts.get(attempt) ?? 0) + 1));
  }

  #checkPromise(key: string, process: SimProcess): void {
    // Equal calls are told apart by nothing but their number: as many as one attempt has seen finished are finished.
    const promised = Math.max(0, ...(this.#promised.get(key)?.values() ?? []));
    if (promised > 0 && promised >= this.#parts.callsOf(key))
      this.#parts.object(
        'promised once',
        `${process.name} runs ${key} again, whose caller had gone on ${promised} times`,
      );
  }

  #wasTakenForDead({ life }: SimProcess): boolean {
    const stood = life.frozen ? this.#parts.nowUs() - life.frozenAtUs : life.stoodUs;
    // Beats may have been due, or lost on their way, when it began to stand.
    return stood > (LEASE_SECONDS - 9) * 1e6;
  }

  /**
   * It was taken for dead, and the run has been given to another process or to a new attempt, or it may not know yet.
   */
  #isStale(process: SimProcess, run: FlowRun): boolean {
    const hasLost = this.#parts.runOf(run.id)?.lease?.token !== run.lease?.token;
    return this.#wasTakenForDead(process) && (hasLost || this.#awakeUs(process) <= STALE_US_MAX);
  }

  #awakeUs({ life }: SimProcess): number {
    return this.#parts.nowUs() - life.thawedAtUs;
  }

  #checkStale(process: SimProcess, key: string): void {
    if (this.#awakeUs(process) <= STALE_US_MAX) return;
    this.#parts.object(
      'stale stops',
      `${process.name} starts ${key} ${this.#awakeUs(process) / 1e6} s after it woke, although its run has gone to another process`,
    );
  }

  #enterGate(process: SimProcess, flowRunId: FlowRunId, slots: number): () => void {
    const name = `${flowRunId} ${process.name}`;
    const gate = this.#gates.get(name) ?? { process, held: 0 };
    this.#gates.set(name, gate);
    gate.held += 1;
    if (gate.held > slots)
      this.#parts.object(
        'slots',
        `${gate.held} bodies of run ${flowRunId} in ${process.name}, which has ${slots} slots`,
      );
    return () => {
      gate.held -= 1;
    };
  }

  #enterCache(cached: string, process: SimProcess, isStale: boolean): void {
    const other = this.#computing.get(cached);
    if (isStale) return;
    if (other && !other.life.dead && !this.#wasTakenForDead(other))
      this.#parts.object('single flight', `${process.name} computes ${cached} while ${other.name} does`);
    if (this.#cached.has(cached))
      this.#parts.object('single flight', `${process.name} computes ${cached}, which is cached`);
    this.#computing.set(cached, process);
  }
}
