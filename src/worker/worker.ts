/**
 * A worker: takes the runs of its queues that are due, and has a process started for each.
 *
 * Invariants:
 * 1. A run is taken in one transaction with its lease (`claim`): of two workers that see it, one gets it, and for the
 *    other that is no failure.
 *    A claim whose answer was lost is made again: it may have been given.
 * 2. The run is the worker's until its process takes it over. A worker that dies before leaves it to the server, which
 *    gives it to the next; one that dies later leaves a process that goes on by itself.
 * 3. A process that ends without having ended its run is told of, with the system's word.
 * 4. At the end nothing more is taken; what runs has a while to finish, and is then asked to end.
 * 5. What is due is pushed by the server. Where it does not push (the channel is down), it is asked every
 *    `pollSeconds`; where it does, now and then: a push that is lost is found so.
 */

import type { DueRun, WorkPoolClient } from '../client/control/work-pools.ts';
import type { RunLease } from '../core/flow-run.ts';
import type { FlowRunId, ProcessId } from '../core/ids.ts';
import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import type { WorkerFigures } from './worker-status.ts';
import type { Orphans } from './orphans.ts';
import { HEARTBEAT_SECONDS, LEASE_SECONDS } from '../core/process-record.ts';
import { secondsBetween, sleep, type Clock, type Instant } from '../core/time.ts';

/** How often the pool hears that the worker is there. */
const POOL_BEAT_SECONDS = 10;
/** A lease of ours is good while our last sign of life is younger; below that no claim waits for another one. */
const FRESH_BEAT_SECONDS = LEASE_SECONDS - 3;
/** While the server pushes, it is asked so seldom: queues that nobody asks count as not ready after a minute. */
const PUSHED_POLL_SECONDS = 30;
/** While it has runs, what became of them is looked at at least so often: a request to cancel is heard then. */
const LOOK_SECONDS = 1;

/** A timer is not more exact. */
const TIMER_SECONDS = 0.05;

export interface WorkerOptions {
  readonly name: string;
  readonly pool: string;
  /** Empty: all queues of the pool. */
  readonly queues: readonly string[];
  /** Runs at a time. */
  readonly limit: number;
  /** How often the server is asked for what is due while it does not tell. */
  readonly pollSeconds: number;
  /** So long before its time a run is taken, to be prepared; it begins at its time. 0: not at all. */
  readonly prefetchSeconds: number;
  /** At the end, so long what runs may take to finish by itself. */
  readonly drainSeconds: number;
}

/** A run whose process is under way. */
export interface SupervisedRun {
  /** When the process is gone and the run has its end. Never rejects. */
  readonly ended: Promise<void>;
  /** Asks the process to end; asked again later, by force. */
  end(): void;
  /** Looks whether somebody wants the run to stop. */
  look(): Promise<void>;
}

export interface WorkerPorts {
  readonly pools: WorkPoolClient;
  /** A sign of life of this process, for the leases that it holds. Answers which of their runs are to be cancelled. */
  readonly beat: () => Promise<readonly FlowRunId[]>;
  readonly processId: ProcessId;
  readonly supervise: (run: TakenRun) => SupervisedRun;
  /** Whether a run could be started now. @throws `OstinatoError` why not: none is taken meanwhile. Default: it could */
  readonly check?: (() => Promise<void>) | undefined;
  /** Opens the channel over which the server pushes. */
  readonly listen: (hears: WorkerEars) => { readonly close: () => void };
  /** Runs of this machine whose worker is gone. */
  readonly orphans: Pick<Orphans, 'look' | 'expect' | 'settled'>;
  readonly clock: Clock;
  /** Levels as of logs. */
  readonly say: (level: number, message: string) => void;
}

/** What a channel tells. */
export interface WorkerEars {
  readonly onDue: (runs: readonly DueRun[]) => void;
  readonly onCancelling: (ids: readonly FlowRunId[]) => void;
  readonly onListening: (isListening: boolean) => void;
}

export interface TakenRun {
  readonly id: FlowRunId;
  readonly name: string;
  readonly deploymentId: string | null;
  readonly lease: RunLease;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #ports: WorkerPorts;
  readonly #active = new Map<FlowRunId, SupervisedRun>();
  /** Asked for, and not answered yet. */
  readonly #claiming = new Set<FlowRunId>();
  /** Claims that nobody answered. */
  readonly #unanswered = new Map<FlowRunId, DueRun>();
  #isPushed = false;
  /** Ends the pause before the next round. */
  #wake = new AbortController();
  #beatAt = 0 as Instant;
  #poolBeatAt = 0 as Instant;
  /** When the server was last asked for what is due; `null`: it is time to. */
  #askedAt: Instant | null = null;
  /** There was no room for a run that is due. */
  #isMoreDue = false;
  readonly #stopped = new AbortController();
  /** What is said when the server answers again, or has what it had not; `null`: all is well. */
  #trouble: 'away' | 'missing' | null = null;
  readonly #counts = { taken: 0, ended: 0, refused: 0 };

  constructor(options: WorkerOptions, ports: WorkerPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  get figures(): Omit<WorkerFigures, 'spare'> {
    return {
      active: this.#active.size,
      limit: this.#options.limit,
      ...this.#counts,
      isPushed: this.#isPushed,
      isDraining: this.#stopped.signal.aborted,
      isAnswered: this.#trouble === null,
    };
  }

  /** A run whose worker was another one, and which goes on. */
  adopt(run: TakenRun, supervised: SupervisedRun): void {
    this.#lookAfter(run, supervised);
  }

  /** From now on nothing is taken. A second time: what runs is asked to end at once. */
  stop(): void {
    if (this.#stopped.signal.aborted) for (const run of this.#active.values()) run.end();
    this.#stopped.abort();
    this.#wake.abort();
  }

  /** Takes and runs until it is stopped, then ends in good order. */
  async serve(): Promise<void> {
    const channel = this.#ports.listen({
      onDue: (runs) => void this.#pushed(runs),
      onCancelling: (ids) => this.#cancelled(ids),
      onListening: (isListening) => this.#listening(isListening),
    });
    try {
      while (!this.#stopped.signal.aborted) {
        this.#wake = new AbortController();
        await this.#round(true);
        if (this.#stopped.signal.aborted) break;
        await sleep(this.#ports.clock, this.#pauseSeconds() * 1000, this.#wake.signal).catch(() => {});
      }
    } finally {
      channel.close();
    }
    await this.#drain();
  }

  #pauseSeconds(): number {
    const { pollSeconds } = this.#options;
    // The pool hears of an idle worker in time, too.
    const idle = this.#isPushed ? POOL_BEAT_SECONDS : Math.min(pollSeconds, POOL_BEAT_SECONDS);
    return this.#active.size > 0 ? Math.min(LOOK_SECONDS, idle) : idle;
  }

  #listening(isListening: boolean): void {
    const { say } = this.#ports;
    this.#isPushed = isListening;
    if (isListening) say(LOG_LEVELS.info, 'The server tells what is due, at its time.');
    else
      say(
        LOG_LEVELS.warning,
        `The server does not tell what is due any more: it is asked every ${this.#options.pollSeconds} s.`,
      );
    // What was missed.
    this.#askedAt = null;
    this.#wake.abort();
  }

  async #pushed(runs: readonly DueRun[]): Promise<void> {
    await this.#tolerantly(() => this.#claimAll(runs));
  }

  #cancelled(ids: readonly FlowRunId[]): void {
    for (const id of ids) {
      const run = this.#active.get(id);
      if (run === undefined) this.#ports.orphans.expect();
      else void this.#tolerantly(() => run.look());
    }
  }

  /** Takes what is due now, and waits for it. */
  async runOnce(): Promise<void> {
    await this.#round(true);
    while (this.#active.size > 0 && !this.#stopped.signal.aborted) {
      await this.#someTime();
      await this.#round(false);
    }
    if (this.#active.size > 0) await this.#drain();
  }

  async #drain(): Promise<void> {
    const { clock, say } = this.#ports;
    if (this.#active.size > 0)
      say(LOG_LEVELS.info, `Waiting up to ${this.#options.drainSeconds} s for ${this.#active.size} run(s) to finish.`);
    const since = clock.now();
    while (this.#active.size > 0 || this.#claiming.size > 0) {
      if (secondsBetween(since, clock.now()) >= this.#options.drainSeconds)
        for (const run of this.#active.values()) run.end();
      await this.#someTime();
      await this.#round(false);
    }
    await this.#ports.orphans.settled();
  }

  /** Until a process has ended, but not long. */
  async #someTime(): Promise<void> {
    const wake = new AbortController();
    const ends = [...this.#active.values()].map((run) => run.ended);
    await Promise.race([...ends, sleep(this.#ports.clock, LOOK_SECONDS * 1000, wake.signal).catch(() => {})]);
    wake.abort();
  }

  async #round(takes: boolean): Promise<void> {
    await this.#tolerantly(async () => {
      await this.#sayThatItIsThere();
      for (const run of this.#active.values()) await run.look();
      if (takes) await this.#take();
      if (this.#trouble !== null)
        this.#ports.say(LOG_LEVELS.info, this.#trouble === 'away' ? 'The server answers again.' : 'It is there now.');
      this.#trouble = null;
    });
  }

  /** A server that cannot be reached is waited for, and so is a pool that is not there: what runs goes on meanwhile. */
  async #tolerantly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      const trouble = error.code === 'not-found' ? 'missing' : 'away';
      if (this.#trouble !== trouble)
        this.#ports.say(
          LOG_LEVELS.warning,
          `${error.message} ${trouble === 'missing' ? 'It is waited for.' : 'Asking again.'}`,
        );
      this.#trouble = trouble;
    }
  }

  async #sayThatItIsThere(): Promise<void> {
    const { clock, pools, orphans } = this.#ports;
    const { pool, name } = this.#options;
    const now = clock.now();
    if (secondsBetween(this.#poolBeatAt, now) >= POOL_BEAT_SECONDS) {
      await pools.beat(pool, name, POOL_BEAT_SECONDS);
      this.#poolBeatAt = now;
      await orphans.look((id) => this.#active.has(id) || this.#claiming.has(id));
    }
    const every = this.#active.size > 0 ? HEARTBEAT_SECONDS : POOL_BEAT_SECONDS;
    if (secondsBetween(this.#beatAt, now) >= every) await this.#beat();
  }

  async #beat(): Promise<void> {
    this.#beatAt = this.#ports.clock.now();
    for (const id of await this.#ports.beat()) this.#active.get(id)?.end();
  }

  /** Asks for what is due, when it is time to. */
  async #take(): Promise<void> {
    const { pools, clock } = this.#ports;
    const { pool, queues, pollSeconds, prefetchSeconds } = this.#options;
    if (this.#unanswered.size > 0) await this.#claimAll([...this.#unanswered.values()]);
    const now = clock.now();
    const every = this.#isPushed ? Math.max(PUSHED_POLL_SECONDS, pollSeconds) : pollSeconds;
    if (this.#askedAt !== null && secondsBetween(this.#askedAt, now) < every - TIMER_SECONDS) return;
    const room = this.#room;
    if (room <= 0) {
      this.#isMoreDue = true;
      return;
    }
    const due = await pools.takeDue(pool, queues, { now, prefetchSeconds }, room);
    this.#askedAt = now;
    if (due.length >= room) this.#isMoreDue = true;
    await this.#claimAll(due);
  }

  get #room(): number {
    return this.#options.limit - this.#active.size - this.#claiming.size;
  }

  async #claimAll(due: readonly DueRun[]): Promise<void> {
    if (due.length > 0) await this.#checkThatItCan();
    for (const run of due) {
      if (this.#stopped.signal.aborted) return;
      if (this.#active.has(run.id) || this.#claiming.has(run.id)) continue;
      if (this.#room <= 0) {
        // Asked for again as soon as one has ended.
        this.#isMoreDue = true;
        return;
      }
      this.#claiming.add(run.id);
      try {
        await this.#claim(run);
      } finally {
        this.#claiming.delete(run.id);
      }
    }
  }

  async #checkThatItCan(): Promise<void> {
    try {
      await this.#ports.check?.();
    } catch (error) {
      // What was told of is asked for again.
      this.#askedAt = null;
      if (!OstinatoError.is(error)) throw error;
      throw new OstinatoError(error.code, `${error.message} ${error.remedy}`, { cause: error, remedy: error.remedy });
    }
  }

  async #claim(run: DueRun): Promise<void> {
    const { pools, clock, say, processId } = this.#ports;
    // The lease names this process, which others must be able to judge.
    if (secondsBetween(this.#beatAt, clock.now()) >= FRESH_BEAT_SECONDS) await this.#beat();
    this.#unanswered.set(run.id, run);
    const claimed = await pools.claim(run.id, processId, this.#options.name).catch((error: unknown) => {
      if (!OstinatoError.is(error) || error.code !== 'server-unavailable') this.#unanswered.delete(run.id);
      throw error;
    });
    this.#unanswered.delete(run.id);
    if ('refused' in claimed) this.#counts.refused += 1;
    if ('refused' in claimed) return say(LOG_LEVELS.debug, `${run.name} is not for this worker: ${claimed.refused}`);
    this.#start({ ...run, lease: claimed });
  }

  #start(run: TakenRun): void {
    this.#counts.taken += 1;
    this.#lookAfter(run, this.#ports.supervise(run));
  }

  #lookAfter(run: TakenRun, supervisor: SupervisedRun): void {
    this.#active.set(run.id, supervisor);
    // From now on there are beats to send, and runs to look at.
    if (this.#active.size === 1) this.#wake.abort();
    void supervisor.ended.then(() => {
      this.#active.delete(run.id);
      this.#counts.ended += 1;
      if (!this.#isMoreDue) return;
      this.#isMoreDue = false;
      this.#askedAt = null;
      this.#wake.abort();
    });
  }
}
