/**
 * Jobs that no worker looks after: of one that was killed.
 *
 * 1. One whose run is still under the lease that it was started with is taken over: its output is heard, its end told.
 * 2. One whose run is over, was deleted, or went to somebody else is ended by force and taken away.
 * 3. One that was made and had not begun is taken away: its run is due again when the server finds its worker gone.
 * 4. What a worker that lives looks after, and jobs of other servers, are left alone.
 */

import type { RunClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { isTerminal } from '../core/state.ts';
import { addSeconds, secondsBetween, type Clock, type Instant } from '../core/time.ts';
import type { FoundJob } from './infrastructure.ts';
import { readJobMark, type JobMark } from './job-mark.ts';
import type { TakenRun } from './worker.ts';

/** How often they are looked for when nothing gives reason to; and when what becomes of one is about to be decided. */
const LOOK_SECONDS = 30;
const SOON_SECONDS = 2;
/** A run that has ended by itself has so long for its hooks. */
const OVER_SECONDS = 60;

export interface LeftJobPorts {
  readonly client: Pick<RunClient, 'readFlowRun'>;
  readonly find: () => Promise<readonly FoundJob[]>;
  readonly own: Pick<JobMark, 'server' | 'pool'>;
  /** Whether the worker lives that a job is marked with. */
  readonly isAlive: (mark: JobMark) => Promise<boolean>;
  readonly adopt: (run: TakenRun, job: FoundJob) => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly say: (level: number, message: string) => void;
}

export class LeftJobs {
  readonly #ports: LeftJobPorts;
  #lookAt = 0 as Instant;

  constructor(ports: LeftJobPorts) {
    this.#ports = ports;
  }

  /** Somebody wants a run to stop that this worker has not. */
  expect(): void {
    this.#lookAt = 0 as Instant;
  }

  /** @param isOwn whether this worker has the run */
  async look(isOwn: (id: FlowRunId) => boolean): Promise<void> {
    const { find, own, isAlive, clock } = this.#ports;
    const now = clock.now();
    if (now < this.#lookAt) return;
    this.#lookAt = addSeconds(now, LOOK_SECONDS);
    const found = await find().catch((error: unknown) => {
      // Away: what is taken waits for it, too.
      if (!OstinatoError.is(error)) throw error;
      return [];
    });
    for (const job of found) {
      const mark = readJobMark(job.mark);
      if (mark === null || mark.server !== own.server || mark.pool !== own.pool || isOwn(mark.run.id)) continue;
      if (await isAlive(mark)) continue;
      await this.#settle(job, mark, now).catch((error: unknown) => {
        // Looked at again the next time.
        if (!OstinatoError.is(error)) throw error;
      });
    }
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  async #settle(job: FoundJob, { run: taken, worker }: JobMark, now: Instant): Promise<void> {
    const { client, adopt, say } = this.#ports;
    const run = await client.readFlowRun(taken.id);
    const isTheirs = run !== null && isUnder(run, taken);
    if (isTheirs && !isTerminal(run.state) && job.stage !== 'unstarted') {
      say(
        LOG_LEVELS.warning,
        `Run ${taken.name} (${taken.id}): its worker, ${worker}, is gone; ${job.name} is taken over.`,
      );
      return adopt(taken, job);
    }
    const isEndedByItself = run !== null && (run.state.type === 'COMPLETED' || run.state.type === 'FAILED');
    const isInHooks = isEndedByItself && secondsBetween(run.state.timestamp, now) < OVER_SECONDS;
    if (job.stage === 'running' && isInHooks) {
      this.#lookAt = addSeconds(now, SOON_SECONDS);
      return;
    }
    await job.remove();
    const why = run === null ? 'was deleted' : `is ${run.state.name}`;
    say(
      LOG_LEVELS.warning,
      `Run ${taken.name} (${taken.id}) ${why}, and its worker, ${worker}, is gone: ${job.name} is removed.`,
    );
  }
}

/** The run is under the lease that the job was started with, or under the one that the job has taken over. */
function isUnder({ state, lease: held }: FlowRun, { lease }: TakenRun): boolean {
  // A server of Prefect knows no leases.
  if (lease.token === 0) return state.type !== 'SCHEDULED';
  return held?.token === lease.token || held?.token === lease.token + 1;
}
