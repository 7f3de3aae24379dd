/**
 * One run's process or container, its job, from its start to its end.
 *
 * 1. It is started once, and told which run it is for and under which lease.
 * 2. Whoever cancels the run asks its job first; one that does not end is killed with all that it has started.
 * 3. When the job is gone and the run has not ended, the run is Crashed (or Cancelled) with what the system said.
 * 4. Nothing that it has started is left when the run ends; what cannot be ended is named.
 * 5. While the process is there, its leases are kept, whatever its body does.
 */

import type { RunClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, IdSource, LogId, ProcessId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import { LEASE_SECONDS } from '../core/process-record.ts';
import { isTerminal } from '../core/state.ts';
import { secondsBetween, sleep, type Clock, type Instant } from '../core/time.ts';
import type { OutputStream } from '../platform/child-group.ts';
import { readOutputLine } from '../platform/output-mark.ts';
import type { JobEnd, JobUse, RunningJob } from './infrastructure.ts';
import { OutputLogs } from './output-logs.ts';
import { describeEnd, LastLines } from './process-end.ts';
import type { StartHearing } from './preparation.ts';
import type { RunNews } from './run-news.ts';
import type { SupervisedRun, TakenRun } from './worker.ts';

/** After a request to cancel: so long for the flow's own clean-up, then the group is asked, then it is killed. */
export const CANCEL_SECONDS = 15;
export const KILL_SECONDS = 5;
/** So long until what does not end by force is named, and until the run's end is told nevertheless. */
const UNCONFIRMED_SECONDS = 5;
export const GIVEN_UP_SECONDS = 60;
export const KILL_AGAIN_MS = 50;
/** For the rest of the output of a process that has ended, whose streams somebody holds open. */
const READ_MS_MAX = 2000;
/** While the server cannot be told how a run ended. */
const TELL_EVERY_MS = 1000;
/** What a process uses is looked at so often at most when it writes. */
const USE_SECONDS = 0.2;
/** A body that computes keeps its process from saying that it is there: we say it, in time for its leases. */
const BEAT_SECONDS = LEASE_SECONDS / 3;

export interface SupervisorPorts {
  readonly client: Pick<RunClient, 'readFlowRun' | 'setFlowRunState' | 'updateFlowRun' | 'recordTaskRuns' | 'beat'>;
  /** What jobs are called: `process`, `container`. */
  readonly noun: string;
  /** @throws why there is nothing to start */
  readonly start: (run: TakenRun, hearing: StartHearing) => Promise<RunningJob>;
  /** Ends by force what is left of a run that did not come to a job. Answers what is still there, in words. */
  readonly clearUnstarted: (run: TakenRun) => MaybePromise<readonly string[]>;
  /** Brings the server what the process has left behind: what it could not tell while the server was away. */
  readonly recover: () => Promise<void>;
  /** Says in the state of a Crashed run how its process ended: only we know it. */
  readonly tellEnd: (told: ProcessEnd) => Promise<void>;
  /** Tells what happened to a run's process. Never rejects. */
  readonly tell: (news: RunNews) => Promise<void>;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Of this worker: its signs of life are given anyway. */
  readonly ownProcess: ProcessId;
  readonly host: string;
  readonly say: (level: number, message: string) => void;
  /** A line of the process's own output. */
  readonly print: (run: TakenRun, line: string) => void;
}

export interface ProcessEnd {
  readonly id: FlowRunId;
  /** Of the lease under which the run was taken. */
  readonly leaseToken: number;
  readonly evidence: string;
  readonly message: string;
}

export class RunSupervisor implements SupervisedRun {
  readonly ended: Promise<void>;
  readonly #run: TakenRun;
  readonly #ports: SupervisorPorts;
  readonly #lines = new LastLines();
  readonly #output: OutputLogs;
  #job: RunningJob | null = null;
  /** What is to be asked to end: a program that prepares the run, then its job. */
  #part: Pick<RunningJob, 'signal'> | null = null;
  #askedToEndAt: Instant | null = null;
  #isHushed = false;
  #isKilled = false;
  #cancellingSince: Instant | null = null;
  #use: JobUse | null = null;
  #usedAt = 0 as Instant;
  #beatAt = 0 as Instant;
  #hasEnded = false;

  constructor(run: TakenRun, ports: SupervisorPorts) {
    this.#run = run;
    this.#ports = ports;
    this.#output = new OutputLogs(run.id, ports);
    this.ended = this.#supervise();
  }

  end(): void {
    const now = this.#ports.clock.now();
    if (this.#askedToEndAt === null) {
      this.#askedToEndAt = now;
      this.#tell('signalled', { signal: 'SIGTERM' });
      this.#part?.signal('SIGTERM');
    } else if (secondsBetween(this.#askedToEndAt, now) >= KILL_SECONDS) {
      if (!this.#isKilled) this.#tell('killed', { signal: 'SIGKILL' });
      this.#isKilled = true;
      this.#part?.signal('SIGKILL');
    }
  }

  async look(): Promise<void> {
    this.#lookAtUse();
    if (this.#askedToEndAt !== null) this.end();
    const run = await this.#ports.client.readFlowRun(this.#run.id);
    await this.#beatFor(run);
    const isUnwanted = run === null || run.state.type === 'CANCELLING' || run.state.type === 'CANCELLED';
    if (!isUnwanted && !this.#isLost(run)) return;
    const now = this.#ports.clock.now();
    if (this.#cancellingSince === null) {
      this.#cancellingSince = now;
      this.#tell('cancel-seen', { requested: run?.state.timestamp ?? null, grace_seconds: CANCEL_SECONDS });
    }
    // A process that has not taken the run over yet hears of no request.
    const isOurs = run?.lease?.token === this.#run.lease.token;
    if (isOurs || secondsBetween(this.#cancellingSince, now) >= CANCEL_SECONDS) this.end();
  }

  /** The server has given it up, and nobody has it. */
  #isLost({ state, lease }: FlowRun): boolean {
    return state.type === 'CRASHED' && (lease?.token ?? 0) > this.#run.lease.token + 1;
  }

  /**
   * A sign of life of whoever has the run, as long as the job is there: of the process that has taken it over, or of
   * the worker before this one.
   */
  async #beatFor(run: FlowRun | null): Promise<void> {
    const { clock, client, ownProcess } = this.#ports;
    const lease = run?.lease ?? null;
    const { token } = this.#run.lease;
    const isOfJob = lease !== null && lease.processId !== ownProcess && [token, token + 1].includes(lease.token);
    if (!isOfJob || this.#hasEnded || secondsBetween(this.#beatAt, clock.now()) < BEAT_SECONDS) return;
    this.#beatAt = clock.now();
    await client.beat(lease.processId);
  }

  async #supervise(): Promise<void> {
    const { say, client, host } = this.#ports;
    const { id, name } = this.#run;
    let end: JobEnd;
    try {
      const job = await this.#start();
      this.#job = job;
      this.#begun(job);
      this.#lookAtUse();
      say(LOG_LEVELS.info, `Run ${name} (${id}) begins in ${job.name}.`);
      // Caught at once: the server may go while the job is there, which is no end of the worker.
      const told = Promise.resolve(client.updateFlowRun(id, { infrastructurePid: job.place })).catch(() => {});
      end = await job.ended;
      this.#hasEnded = true;
      await told;
    } catch (error) {
      // Whatever it is: one run ends by it, and no other one of this worker.
      const told = OstinatoError.is(error) ? `${error.message} ${error.remedy}`.trim() : String(error);
      end = { exitCode: null, signal: null, problem: told };
    }
    const left = await this.#clear();
    await this.#readRest();
    this.#tell('process-ended', {
      exit_code: end.exitCode,
      signal: end.signal,
      problem: end.problem,
      ...(end.reason ? { reason: end.reason } : {}),
      ...(this.#job?.facts ?? { pid: null }),
      host,
      peak_memory_bytes: this.#use?.peakBytes ?? null,
      cpu_seconds: this.#use?.cpuSeconds ?? null,
    });
    await this.#settle(end, left);
  }

  /** A server that is away meanwhile is waited for: nothing of the run has begun, and it stays ours. */
  async #start(): Promise<RunningJob> {
    for (;;) {
      try {
        return await this.#ports.start(this.#run, {
          onLine: (line, stream) => this.#heard(line, stream),
          onPart: (preparing) => this.#begun(preparing),
          say: (level, text) => this.#prepared(level, text),
          isEnding: () => this.#askedToEndAt !== null,
          hush: () => (this.#isHushed = true),
        });
      } catch (error) {
        const isAway = OstinatoError.is(error) && error.code === 'server-unavailable';
        if (!isAway || this.#askedToEndAt !== null) throw error;
        await sleep(this.#ports.clock, TELL_EVERY_MS);
      }
    }
  }

  /** What is to be asked to end: a program that prepares the run, then its own. */
  #begun(part: Pick<RunningJob, 'signal'>): void {
    this.#part = part;
    if (this.#askedToEndAt !== null) part.signal('SIGTERM');
  }

  /** What the worker has done for it. */
  #prepared(level: number, text: string): void {
    this.#output.say(level, text);
    this.#ports.print(this.#run, text);
  }

  #heard(line: string, stream: OutputStream): void {
    const { text, isMarked } = readOutputLine(line);
    this.#lines.add(text);
    if (!isMarked) this.#output.take(text, stream);
    if (!this.#isHushed) this.#ports.print(this.#run, text);
    if (secondsBetween(this.#usedAt, this.#ports.clock.now()) >= USE_SECONDS) this.#lookAtUse();
  }

  #lookAtUse(): void {
    this.#usedAt = this.#ports.clock.now();
    void chain(this.#job?.use?.() ?? null, (use) => {
      this.#use = use ?? this.#use;
    });
  }

  /** Until nothing is left of what the job has started. Answers what does not end. */
  async #clear(): Promise<readonly string[]> {
    const { clearUnstarted, clock } = this.#ports;
    const since = clock.now();
    let isNamed = false;
    for (;;) {
      const left = this.#job === null ? await clearUnstarted(this.#run) : ((await this.#job.clear?.()) ?? []);
      const isCancel = this.#cancellingSince !== null || this.#askedToEndAt !== null;
      if (left.length === 0) {
        if (isCancel) this.#tell('confirmed', {});
        return [];
      }
      const seconds = secondsBetween(since, clock.now());
      if (seconds >= UNCONFIRMED_SECONDS && !isNamed) {
        isNamed = true;
        this.#tell('unconfirmed', { left });
        this.#ports.say(LOG_LEVELS.error, `Run ${this.#run.name}: ${notEnded(left)}`);
      }
      if (seconds >= GIVEN_UP_SECONDS) return left;
      await sleep(clock, KILL_AGAIN_MS);
    }
  }

  async #readRest(): Promise<void> {
    const late = new AbortController();
    const isLate = sleep(this.#ports.clock, READ_MS_MAX, late.signal).catch(() => {});
    await Promise.race([this.#job?.read, isLate]);
    late.abort();
    await this.#output.end();
  }

  /** Until the server knows how the run ended. */
  async #settle(end: JobEnd, left: readonly string[]): Promise<void> {
    const { say, clock } = this.#ports;
    let wasOvertaken = false;
    for (;;) {
      try {
        // A run that ended while the server was away has ended: its process has written so.
        await this.#ports.recover();
        await this.#tellEnd(end, left);
        return;
      } catch (error) {
        if (!OstinatoError.is(error)) throw error;
        // The server has found the process dead between our look at the run and our word on it: told as that is told.
        if (error.code === 'lease-lost' && !wasOvertaken) {
          wasOvertaken = true;
          continue;
        }
        if (error.code !== 'server-unavailable') {
          say(LOG_LEVELS.warning, `The end of run ${this.#run.name} could not be told: ${error.message}`);
          return;
        }
        await sleep(clock, TELL_EVERY_MS);
      }
    }
  }

  async #tellEnd(end: JobEnd, left: readonly string[]): Promise<void> {
    const { client, say } = this.#ports;
    const { id, name, lease } = this.#run;
    const run = await client.readFlowRun(id);
    const evidence = [this.#describe(end), ...(left.length > 0 ? [notEnded(left)] : [])].join(' ');
    const message = `${evidence} ${this.#lines.said()}`;
    // The server may find a dead process before we do; only we know how it ended, and what it wrote.
    if (run?.state.type === 'CRASHED') {
      await this.#tellLastLines(message);
      await this.#ports.tellEnd({ id, leaseToken: lease.token, evidence, message });
    }
    if (run === null || isTerminal(run.state) || run.state.type === 'PAUSED') return this.#sayEnd(run, end);
    // Ours until the process has taken it over, and that process's then; any other lease is somebody else's.
    const token = run.lease?.token;
    if (token === undefined || token > lease.token + 1) return this.#sayEnd(run, end);
    const state =
      run.state.type === 'CANCELLING'
        ? ({ type: 'CANCELLED', message: `It was being cancelled. ${evidence}` } as const)
        : ({ type: 'CRASHED', evidence, message } as const);
    await client.setFlowRunState({ id, state, leaseToken: token });
    await this.#tellLastLines(message);
    say(LOG_LEVELS.error, `Run ${name} (${id}): ${evidence}`);
  }

  #sayEnd(run: FlowRun | null, end: JobEnd): void {
    const { name, id } = this.#run;
    const what = run === null ? 'was deleted' : `is ${run.state.name}`;
    this.#ports.say(LOG_LEVELS.info, `Run ${name} (${id}) ${what}. ${this.#describe(end)}`);
  }

  #describe(end: JobEnd): string {
    return describeEnd(end, this.#use, this.#ports.noun);
  }

  async #tellLastLines(message: string): Promise<void> {
    const { client, clock, ids } = this.#ports;
    const record = {
      id: ids.next<LogId>(),
      name: 'ostinato.worker',
      level: LOG_LEVELS.error,
      message,
      timestamp: clock.now(),
      flowRunId: this.#run.id,
      taskRunId: null,
    };
    await client.recordTaskRuns([], [record]);
  }

  #tell(what: RunNews['what'], payload: RunNews['payload']): void {
    void this.#ports.tell({ run: this.#run, what, at: this.#ports.clock.now(), payload });
  }
}

/** @param left in words */
export function notEnded(left: readonly string[]): string {
  return `That all of it has ended is not confirmed: still there: ${left.join(', ')}.`;
}
