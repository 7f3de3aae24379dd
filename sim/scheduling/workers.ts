/**
 * Workers that ask for what is due, take it, and start a process for each run; any of them may die whenever it comes
 * back from outside. They ask again what was not answered, as the product's client does.
 */

import { OstinatoError } from '../../src/core/errors.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { FlowRunId, ProcessId } from '../../src/core/ids.ts';
import { isTerminal, type ProposedState } from '../../src/core/state.ts';
import type { Transition } from '../../src/core/transition.ts';
import type { Random } from '../../src/platform/random.ts';
import type { SimClock } from '../sim-clock.ts';
import { makeProcess } from '../../tests/conformance/samples.ts';
import { pick, type PlannedSchedule } from './plan.ts';
import type { SimServer } from './servers.ts';
import type { BodyWitness } from './witness.ts';

export const POOL = 'p';
const POLL_SECONDS = 5;
const TRIES_MAX = 200;

export interface WorkerParts {
  readonly clock: SimClock;
  readonly random: Random;
  /** One that is up; a client waits until there is one. */
  readonly server: () => SimServer | undefined;
  readonly dead: Set<string>;
  /** Workers, and the processes of runs. */
  readonly alive: Set<ProcessId>;
  readonly witness: BodyWitness;
  readonly scheduleOf: (run: FlowRun) => PlannedSchedule | null;
  readonly deathOdds: () => number;
  readonly newId: <Id extends string>() => Id;
  readonly say: (who: string, what: string) => void;
  readonly onFailure: (what: string, error: unknown) => void;
}

/** Raised in a process that is dead: nothing of it goes on. */
class Dead extends Error {}

class SimProcess {
  readonly id: ProcessId;
  readonly #parts: WorkerParts;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.id = parts.newId<ProcessId>();
    parts.alive.add(this.id);
  }

  get isDead(): boolean {
    return this.#parts.dead.has(this.id);
  }

  kill(): void {
    killProcess(this.#parts, this.id);
  }

  async pass(seconds: number): Promise<void> {
    await new Promise<void>((resolve) => this.#parts.clock.setTimer(seconds * 1000, () => resolve()));
    this.#live();
  }

  /** Asks a server until one answers. What is asked carries its mark, or may be asked twice. */
  async ask<T>(work: (server: SimServer) => T | Promise<T>): Promise<T> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const server = this.#parts.server();
      if (server !== undefined) {
        try {
          const answer = await work(server);
          this.#live();
          return answer;
        } catch (error) {
          if (!isPassing(error)) throw error;
        }
      }
      await this.pass(1 + this.#parts.random() * 4);
    }
    throw new Error('No server answered.');
  }

  async register(): Promise<void> {
    const { clock } = this.#parts;
    const now = clock.now();
    await this.ask(({ cases }) =>
      cases.registerProcess(makeProcess({ id: this.id, startedAt: now, heartbeatAt: now })),
    );
  }

  #live(): void {
    if (!this.isDead && this.#parts.random() < this.#parts.deathOdds()) {
      this.#parts.say(this.id.slice(-4), 'dies');
      this.kill();
    }
    if (this.isDead) throw new Dead();
  }
}

export function killProcess({ dead, alive }: Pick<WorkerParts, 'dead' | 'alive'>, id: ProcessId): void {
  dead.add(id);
  alive.delete(id);
}

/** Ends when it dies. */
export async function runWorker(parts: WorkerParts): Promise<void> {
  const worker = new SimProcess(parts);
  try {
    await worker.register();
    for (;;) {
      await worker.pass(POLL_SECONDS * (0.5 + parts.random()));
      const due = await worker.ask(({ cases, clock }) =>
        cases.takeDueRuns({ poolName: POOL, queueNames: [], before: clock.now(), after: null, limit: 5 }),
      );
      for (const { run } of due.given) {
        const taken = await worker.ask(({ cases }) =>
          tolerant(cases.claimFlowRun({ id: run.id, processId: worker.id })),
        );
        if (taken?.status === 'accept' && taken.state.type === 'PENDING') startProcess(parts, taken.run);
      }
    }
  } catch (error) {
    if (!(error instanceof Dead)) parts.onFailure('a worker', error);
  }
}

function startProcess(parts: WorkerParts, run: FlowRun): void {
  const process = new SimProcess(parts);
  let begun = false;
  let reported = false;
  const body = async (): Promise<void> => {
    await process.pass(parts.random() * 3);
    await process.register();
    const mine = await process.ask(({ cases }) =>
      tolerant(cases.resumeFlowRun({ id: run.id, processId: process.id, ...(run.lease && { handedOver: run.lease }) })),
    );
    if (mine?.status !== 'accept') return;
    const token = mine.run.lease?.token;
    const propose = (state: ProposedState): Promise<Transition<FlowRun> | null> => {
      const details = { transitionId: parts.newId<string>() };
      const marked = { ...state, details } as ProposedState;
      return process.ask(({ cases }) =>
        tolerant(cases.setFlowRunState({ id: run.id, state: marked, leaseToken: token })),
      );
    };
    const running = await propose({ type: 'RUNNING' });
    if (running?.status !== 'accept') return;
    begun = true;
    parts.witness.begin(running.run, process.id, parts.scheduleOf(running.run));
    if (!(await works(parts, process, run.id, token))) return;
    const ended = await propose(
      parts.random() < 0.8 ? { type: 'COMPLETED', data: null } : { type: 'FAILED', failure: null },
    );
    reported = ended?.status === 'accept';
  };
  body()
    .catch((error: unknown) => {
      if (!(error instanceof Dead)) parts.onFailure('a process', error);
    })
    .finally(() => {
      if (begun) parts.witness.end(run.id, reported);
      // A process ends; then the kernel does not know it any more.
      process.kill();
    });
}

/** Looks now and then whether it is to go on. `false`: it ends by itself. */
async function works(
  parts: WorkerParts,
  process: SimProcess,
  id: FlowRunId,
  token: number | undefined,
): Promise<boolean> {
  const looks = pick(parts.random, [0, 1, 4, 30, 100]);
  for (let look = 0; look < looks; look += 1) {
    await process.pass(4 + parts.random() * 4);
    const now = await process.ask(({ cases }) => cases.readFlowRun(id));
    if (now === null || isTerminal(now.state) || now.lease?.token !== token) return false;
    if (now.state.type !== 'CANCELLING') continue;
    const state = { type: 'CANCELLED', details: { transitionId: parts.newId<string>() } } as const;
    await process.ask(({ cases }) => tolerant(cases.setFlowRunState({ id, state, leaseToken: token })));
    return false;
  }
  return true;
}

function isPassing(error: unknown): boolean {
  return error instanceof OstinatoError && (error.code === 'store-unavailable' || error.code === 'store-unconfirmed');
}

/** `null`: the run is gone, or somebody else's. */
async function tolerant<T>(answer: T | Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OstinatoError && (error.code === 'not-found' || error.code === 'lease-lost')) return null;
    throw error;
  }
}
