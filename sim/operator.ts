/**
 * Whoever looks after the jobs of a simulation: starts them, freezes and cancels some, and continues each run whose
 * process is gone or that ended otherwise than it must.
 */

import { withDoor } from '../src/engine/door.ts';
import { runOutside } from '../src/engine/run-context.ts';
import type { FlowRun } from '../src/core/flow-run.ts';
import type { FlowRunId } from '../src/core/ids.ts';
import { isTerminal } from '../src/core/state.ts';
import { supervisorOf } from '../src/engine/supervisor.ts';
import { rootFlow, surroundings } from './bodies.ts';
import type { Expectation } from './expected.ts';
import type { RootSpec } from './plan.ts';
import { livenessOn, SERVER_HOST, type SimProcess } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';
import type { Witness } from './witness.ts';

export interface Job {
  readonly spec: RootSpec;
  readonly expected: Expectation;
  runId: FlowRunId | null;
  holder: SimProcess | null;
  attempts: number;
  /** The state in which the run was when `holder` was told to go on with it; `null`: there was none. */
  startedFrom: string | null;
  /** What awaiting the flow gave, the last time; `undefined` while it has not. */
  outcome: { readonly ok: boolean; readonly value: unknown } | undefined;
  /** It was asked to stop, and may stay stopped. */
  cancelled: boolean;
}

/** A run that is not over by then never will be. */
const JOB_US_MAX = 3600 * 1e6;
const ATTEMPTS_MAX = 60;
const RIVAL_ODDS = 0.15;
/**
 * Some beats, of which some may be lost, then the grace of bodies that do not listen (10 s), then the way of the end.
 */
const CANCEL_MS_MAX = 30_000;

export class Operator {
  readonly #world: SimWorld;
  readonly #witness: Witness;
  readonly jobs: readonly Job[];
  finished = false;

  constructor(world: SimWorld, witness: Witness, jobs: readonly Job[]) {
    this.#world = world;
    this.#witness = witness;
    this.jobs = jobs;
  }

  async work(): Promise<void> {
    const { chaos } = this.#world;
    const freezes = Array.from({ length: chaos.plan.freezes }, () => this.#freezeOne());
    const cancels = Array.from({ length: chaos.plan.cancels }, () => this.#cancelOne());
    await Promise.all(this.jobs.map((job) => this.#lookAfter(job)));
    chaos.calm();
    await Promise.all([...freezes, ...cancels]);
    await this.#closeDown();
    this.finished = true;
  }

  #say(what: string): void {
    this.#world.trace.say(this.#world.clock.elapsedUs, 'operator', what);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.clock.setTimer(ms, resolve));
  }

  async #lookAfter(job: Job): Promise<void> {
    const { chaos, clock } = this.#world;
    await this.#pause(chaos.upTo(300));
    for (;;) {
      const run = await this.#read(job);
      if (run !== null && this.#isDone(job, run)) return;
      if (clock.elapsedUs > JOB_US_MAX || job.attempts > ATTEMPTS_MAX) {
        this.#world.object(
          'every run ends',
          `${job.spec.job} is ${run?.state.name ?? 'not there'} after ${job.attempts} starts and ${clock.elapsedUs / 1e6} s: ${run?.state.message ?? ''}`,
        );
        return;
      }
      if (this.#mayStart(job, run)) await this.#start(job, run);
      await this.#pause(200 + chaos.upTo(3000));
    }
  }

  async #read(job: Job): Promise<FlowRun | null> {
    return job.runId === null ? null : await this.#world.committed.readFlowRun(job.runId);
  }

  #isDone(job: Job, run: FlowRun): boolean {
    const { state } = run;
    if (!isTerminal(state)) return false;
    if (state.type === 'CANCELLED' && job.cancelled) return !isUnderWay(job, run) && this.#world.chaos.draw() < 0.5;
    return state.type === (job.expected.value === null ? 'FAILED' : 'COMPLETED');
  }

  /**
   * Nobody is at it: not the process that has it, nor the one that was told to take it over and has not done so yet.
   */
  #mayStart(job: Job, run: FlowRun | null): boolean {
    if (run === null) return job.holder === null || job.holder.life.dead;
    return isTerminal(run.state) ? !isUnderWay(job, run) : this.#isLost(run);
  }

  /** Its process is gone, or was taken for dead by somebody on another host. */
  #isLost({ lease }: FlowRun): boolean {
    const holder = this.#world.processes.find((process) => process.id === lease?.processId);
    return holder === undefined || holder.life.dead || (holder.life.frozen && this.#world.chaos.plan.hosts > 1);
  }

  async #start(job: Job, run: FlowRun | null): Promise<void> {
    const { chaos } = this.#world;
    if (this.#world.chaos.isQuiet && run !== null)
      this.#world.object(
        'undisturbed',
        `${job.spec.job} is ${run.state.name} although nothing went wrong: ${run.state.message ?? ''}`,
      );
    job.attempts += 1;
    const living = this.#world.processes.filter(({ life }) => !life.dead && !life.frozen);
    const shared = living[chaos.upTo(living.length)];
    const process = shared ?? this.#world.startProcess();
    if (process !== shared) await process.open();
    // It may be killed on the way, by what others had given it to do.
    if (process.life.dead) return;
    // What a dead process has sent may still arrive and take the run, and a call that sees none to continue starts
    // another.
    const automatic =
      this.#world.server === null &&
      run !== null &&
      run.state.type === 'CRASHED' &&
      run.runCount < 5 &&
      chaos.draw() < 0.5;
    this.#say(
      `${run === null ? 'starts' : automatic ? 'calls again' : 'continues'} ${job.spec.job} in ${process.name}`,
    );
    // As the command line does before it looks for the run.
    if (run !== null && !isTerminal(run.state)) {
      await orDeath(process, async () => {
        await supervisorOf(process.ports).register();
        await process.ports.client.reapLostRuns();
      });
      if (process.life.dead) return;
      const judged = await this.#read(job);
      if (judged !== null && !isTerminal(judged.state)) return this.#say(`finds ${job.spec.job} alive`);
      return this.#call(job, process, judged, automatic);
    }
    if (run !== null && !automatic && chaos.draw() < RIVAL_ODDS) await this.#startRival(job, run);
    this.#call(job, process, run, automatic);
  }

  /** Somebody else continues the run at the same moment; one of the two gets it. */
  async #startRival(job: Job, run: FlowRun): Promise<void> {
    const rival = this.#world.startProcess();
    await rival.open();
    this.#say(`${rival.name} is a rival for ${job.spec.job}`);
    this.#call(job, rival, run, false);
  }

  #call(job: Job, process: SimProcess, run: FlowRun | null, automatic: boolean): void {
    const { journal } = this.#world.chaos.plan;
    job.holder = process;
    job.startedFrom = run?.state.id ?? null;
    const around = {
      process,
      witness: this.#witness,
      isPromised: (durability: RootSpec['durability']) =>
        durability === 'sync' || (journal && durability === 'process'),
    };
    job.outcome = undefined;
    runOutside(() =>
      surroundings.run(around, () =>
        withDoor(process.door, () => {
          const flow = rootFlow(job.spec, 'automatic');
          const future = run === null || automatic ? flow({ spec: job.spec }) : flow.continueRun(run);
          if (run === null) job.runId = future.flowRunId;
          future.then(
            (value) => this.#settled(job, process, { ok: true, value }),
            (error: unknown) => this.#settled(job, process, { ok: false, value: error }),
          );
        }),
      ),
    );
  }

  #settled(job: Job, process: SimProcess, outcome: { readonly ok: boolean; readonly value: unknown }): void {
    if (process.life.dead) return;
    process.say(`${job.spec.job} ${outcome.ok ? `gives ${String(outcome.value)}` : `throws ${String(outcome.value)}`}`);
    if (job.holder === process) job.outcome = outcome;
  }

  async #freezeOne(): Promise<void> {
    const { chaos, clock } = this.#world;
    await this.#pause(chaos.upTo(10_000));
    const living = this.#world.processes.filter(({ life }) => !life.dead && !life.frozen);
    const process = living[chaos.upTo(living.length - 1)];
    if (!process) return;
    process.say('stands still');
    process.life.freeze(clock.elapsedUs);
    await this.#pause(chaos.draw() < 0.5 ? chaos.upTo(5_000) : chaos.upTo(90_000));
    if (!process.life.dead) process.say('goes on');
    process.life.thaw(clock);
  }

  async #cancelOne(): Promise<void> {
    const { chaos } = this.#world;
    await this.#pause(chaos.upTo(8_000));
    const job = this.jobs[chaos.upTo(this.jobs.length - 1)];
    const run = job ? await this.#read(job) : null;
    if (!job || run === null || isTerminal(run.state)) return;
    const process = this.#world.startProcess();
    await process.open();
    this.#say(`cancels ${job.spec.job} from ${process.name}`);
    job.cancelled = true;
    await orDeath(process, async () => void (await process.ports.client.cancelFlowRun(run.id)));
    await this.#checkItStops(run.id);
  }

  /**
   * A request that was committed reaches the process that has the run with its next beats, and that has a grace to
   * stop.
   */
  async #checkItStops(id: FlowRunId): Promise<void> {
    const asked = await this.#world.committed.readFlowRun(id);
    if (asked?.state.type !== 'CANCELLING') return;
    await this.#pause(CANCEL_MS_MAX);
    const run = await this.#world.committed.readFlowRun(id);
    const holder = this.#world.processes.find((each) => each.id === run?.lease?.processId);
    const isDisturbed = !holder || holder.life.dead || holder.life.frozen || holder.life.thawedAtUs > 0;
    if (run?.state.id === asked.state.id && !isDisturbed)
      this.#world.object(
        'cancelling reaches the run',
        `${run.name} is still Cancelling after ${CANCEL_MS_MAX / 1000} s, and ${holder.name} lives`,
      );
  }

  /** Every living process ends in good order, and one more comes to find what the dead have left. */
  async #closeDown(): Promise<void> {
    const last = this.#world.startProcess('host1');
    await last.open();
    await supervisorOf(last.ports).register();
    for (const process of this.#world.processes)
      if (!process.life.dead) await closeProcess(process, (ms) => this.#pause(ms));
    const judge = livenessOn(this.#world, this.#world.server === null ? 'host1' : SERVER_HOST);
    for (const left of await this.#world.committed.listProcesses()) {
      // Without a kernel to ask, only time tells.
      while (judge(left, this.#world.clock.now()).alive) await this.#pause(5_000);
    }
    await last.open();
    await this.#world.committed.listProcesses();
    await last.ports.client.reapLostRuns();
  }
}

/** A process was told to go on with it, and has not done so yet. */
function isUnderWay({ holder, startedFrom, outcome }: Job, run: FlowRun): boolean {
  return holder !== null && !holder.life.dead && outcome === undefined && startedFrom === run.state.id;
}

/** What the process does, for as long as it lives. */
async function orDeath(process: SimProcess, work: () => Promise<void>): Promise<void> {
  if (process.life.dead) return;
  const death = new Promise<void>((resolve) => process.life.onDeath(resolve));
  await Promise.race([death, work()]);
}

/** A program ends when it has nothing left to do. */
async function closeProcess(process: SimProcess, pause: (ms: number) => Promise<void>): Promise<void> {
  while (supervisorOf(process.ports).activeCount > 0) await pause(1_000);
  await process.ports.recorder.close();
  await supervisorOf(process.ports).close();
}
