/**
 * Runs of this machine whose worker is gone. Their processes go on by themselves; what they cannot do themselves is
 * done by whichever worker is there.
 *
 * 1. A run that is to stop, and whose process does not hear it, is ended as its own worker would: asked, then by force,
 *    with all that it has started; each stage is told.
 * 2. What a run has left behind that is over is ended.
 * 3. What a worker that lives looks after, and runs of other servers, are left alone.
 */

import type { RunClient } from '../client/port.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import { isUuid, type FlowRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { isTerminal } from '../core/state.ts';
import { addSeconds, secondsBetween, sleep, type Clock, type Instant } from '../core/time.ts';
import type { RunNews } from './run-news.ts';
import { processesNamed } from './process-job.ts';
import { CANCEL_SECONDS, GIVEN_UP_SECONDS, KILL_AGAIN_MS, KILL_SECONDS, notEnded } from './run-supervisor.ts';

/** How often this machine is looked over when nothing gives reason to. */
const LOOK_SECONDS = 60;
/** A run that is over has so long for its hooks, and its worker for what is left of it. */
const OVER_SECONDS = 60;
const RUNS_MAX = 200;

export interface OrphanPorts {
  readonly client: Pick<RunClient, 'readFlowRun' | 'list' | 'setFlowRunState'>;
  /** The runs that processes of this machine carry the mark of. */
  readonly marked: () => readonly string[];
  /** All that is there of a run: its process, if `leader` is still it, and what that has started. */
  readonly find: (id: FlowRunId, leader: number | null) => readonly number[];
  /** Whether a worker that lives has started this process. */
  readonly isSupervised: (pid: number) => boolean;
  readonly signal: (pids: readonly number[], name: 'SIGTERM' | 'SIGKILL') => void;
  readonly tell: (news: RunNews) => Promise<void>;
  readonly clock: Clock;
  readonly host: string;
  readonly say: (level: number, message: string) => void;
}

export class Orphans {
  readonly #ports: OrphanPorts;
  readonly #ending = new Map<FlowRunId, Promise<void>>();
  #lookAt = 0 as Instant;

  constructor(ports: OrphanPorts) {
    this.#ports = ports;
  }

  /** Somebody wants runs to stop that this worker has not: they are looked at when their own time for it is over. */
  expect(): void {
    const due = addSeconds(this.#ports.clock.now(), CANCEL_SECONDS);
    if (due < this.#lookAt) this.#lookAt = due;
  }

  /** @param isOwn whether this worker has the run */
  async look(isOwn: (id: FlowRunId) => boolean): Promise<void> {
    const { client, clock, marked } = this.#ports;
    const now = clock.now();
    if (now < this.#lookAt) return;
    this.#lookAt = addSeconds(now, LOOK_SECONDS);
    const stopping = await client.list('flow_run', { where: matching({ stateType: ['CANCELLING'] }), limit: RUNS_MAX });
    const known = new Map(stopping.map((run) => [run.id, run]));
    const ids = new Set([...known.keys(), ...(marked().filter(isUuid) as FlowRunId[])]);
    for (const id of ids) {
      if (isOwn(id) || this.#ending.has(id)) continue;
      const run = known.get(id) ?? (await client.readFlowRun(id));
      if (run !== null) this.#lookAfter(run, now);
    }
  }

  /** When what is being ended has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending.values());
  }

  #lookAfter(run: FlowRun, now: Instant): void {
    const { find, isSupervised } = this.#ports;
    const isOver = isTerminal(run.state);
    if (!isOver && run.state.type !== 'CANCELLING') return;
    const left = (isOver ? OVER_SECONDS : CANCEL_SECONDS) - secondsBetween(run.state.timestamp, now);
    const leader = this.#leaderOf(run);
    const pids = find(run.id, leader);
    if (pids.length === 0 || (leader !== null && pids.includes(leader) && isSupervised(leader))) return;
    if (left > 0) {
      this.#lookAt = addSeconds(now, Math.min(left, secondsBetween(now, this.#lookAt)));
      return;
    }
    const ending = this.#end(run, leader, isOver)
      .catch((error: unknown) => {
        // Looked at again the next time.
        if (!OstinatoError.is(error)) throw error;
      })
      .finally(() => this.#ending.delete(run.id));
    this.#ending.set(run.id, ending);
  }

  #leaderOf({ submission }: FlowRun): number | null {
    const place = submission?.infrastructurePid ?? '';
    const at = place.lastIndexOf(':');
    const pid = Number(place.slice(at + 1));
    return place.slice(0, at) === this.#ports.host && Number.isInteger(pid) && pid > 1 ? pid : null;
  }

  async #end(run: FlowRun, leader: number | null, isOver: boolean): Promise<void> {
    const { clock, find, signal, say } = this.#ports;
    const tell = (what: RunNews['what'], payload: RunNews['payload'] = {}): void =>
      void this.#ports.tell({ run, what, at: clock.now(), payload });
    const since = clock.now();
    if (!isOver) {
      say(LOG_LEVELS.warning, `Run ${run.name} (${run.id}) is to stop, and its worker is gone: its process is ended.`);
      tell('cancel-seen', { requested: run.state.timestamp, grace_seconds: KILL_SECONDS });
      tell('signalled', { signal: 'SIGTERM' });
      signal(find(run.id, leader), 'SIGTERM');
    }
    let isKilled = false;
    for (;;) {
      const pids = find(run.id, leader);
      if (pids.length === 0) break;
      const seconds = secondsBetween(since, clock.now());
      if (seconds >= GIVEN_UP_SECONDS) {
        tell('unconfirmed', { left: processesNamed(pids) });
        return say(LOG_LEVELS.error, `Run ${run.name}: ${notEnded(processesNamed(pids))}`);
      }
      if (isOver || seconds >= KILL_SECONDS) {
        if (!isKilled) tell('killed', { signal: 'SIGKILL' });
        isKilled = true;
        signal(pids, 'SIGKILL');
      }
      await sleep(clock, KILL_AGAIN_MS);
    }
    tell('confirmed');
    if (!isOver) await this.#tellEnd(run.id);
  }

  /** Its process has said nothing: the run has ended all the same. */
  async #tellEnd(id: FlowRunId): Promise<void> {
    const run = await this.#ports.client.readFlowRun(id);
    if (run?.state.type !== 'CANCELLING') return;
    await this.#ports.client.setFlowRunState({
      id,
      state: {
        type: 'CANCELLED',
        message: `It was being cancelled. Its worker was gone; another one on ${this.#ports.host} has ended its process.`,
      },
      leaseToken: run.lease?.token,
    });
  }
}
