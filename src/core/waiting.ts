/**
 * What a flow run that waits is waiting for: facts in, reasons out, as data. Pure. The command line, the API and the
 * pages show the same.
 */

import { byWhom, NOBODY_KNOWN, type Actor } from './actor.ts';
import type { FlowRun } from './flow-run.ts';
import { priorityOf } from './run-priority.ts';
import { shellWord } from './shell-word.ts';
import { secondsBetween, type Instant } from './time.ts';
import { plural, showInstant, showSeconds } from './why-phrases.ts';
import { AGENT_POOL_TYPE, type WorkPool, type WorkQueue } from './work-pool.ts';

/** A run that holds a slot. */
export interface SlotHolder {
  readonly kind: 'flow_run' | 'task_run';
  readonly id: string;
  /** `null`: there is no such run any more. */
  readonly name: string | null;
  readonly since: Instant;
}

/** A limit with whoever holds its slots. */
export interface HeldLimit {
  readonly what: 'work pool' | 'work queue' | 'deployment' | 'tag' | 'limit';
  readonly name: string;
  readonly slots: number;
  /** How many are taken. */
  readonly taken: number;
  /** Those that hold them the longest, first; no more than can be read. */
  readonly holders: readonly SlotHolder[];
}

/** Another pool that has what the run's own pool lacks. */
export interface NearPool {
  readonly name: string;
  readonly type: string;
  readonly workersOnline: number;
}

export interface WorkerSeen {
  readonly name: string;
  readonly isOnline: boolean;
  readonly lastHeartbeat: Instant;
}

export interface WaitingFacts {
  readonly now: Instant;
  readonly run: Pick<FlowRun, 'state' | 'runner' | 'submission'>;
  /** `null`: the run is in no queue that there is. */
  readonly place: {
    readonly pool: Pick<WorkPool, 'name' | 'type' | 'isPaused' | 'status'>;
    readonly queue: Pick<WorkQueue, 'name' | 'isPaused' | 'lastPolled'>;
    /** Since when the pool, the queue are paused; `null`: not known. */
    readonly poolPausedAt: Instant | null;
    readonly queuePausedAt: Instant | null;
    /** By whom; absent: not known. */
    readonly poolPausedBy?: Actor | undefined;
    readonly queuePausedBy?: Actor | undefined;
    /** Of the pool. */
    readonly workers: readonly WorkerSeen[];
    /** Other queues of the pool that were asked for work lately. */
    readonly askedQueues: readonly string[];
    /** Runs of the queue that are due now, and go first by their priority. */
    readonly aheadByPriority: number;
    /** Runs of the queue and of its priority that are due before it. */
    readonly aheadByTime: number;
  } | null;
  /** Pools with workers, of the type of the run's pool, or of any type where it has none. */
  readonly near: readonly NearPool[];
  /** Whether somebody has asked for the runs of its deployment lately; `null`: it has none. */
  readonly deployment: {
    readonly name: string;
    readonly isReady: boolean;
    readonly lastPolledAt: Instant | null;
  } | null;
  /** The limits that the run needs a slot of. */
  readonly limits: readonly HeldLimit[];
}

export const WAIT_KINDS = [
  'schedule',
  'pool-paused',
  'queue-paused',
  'limit',
  'no-queue',
  'no-worker',
  'queue-not-asked',
  'not-served',
  'turn',
] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

/** One thing that a run waits for. */
export interface WaitReason {
  readonly kind: WaitKind;
  /** A sentence. */
  readonly message: string;
  /** What to do about it; `null`: nothing, it passes by itself. */
  readonly remedy: string | null;
  /** Since when it stands in the way; `null`: not known. */
  readonly since: Instant | null;
  /** When it passes; `null`: nobody knows. */
  readonly until: Instant | null;
  /** Of a limit. */
  readonly slots: number | null;
  readonly holders: readonly SlotHolder[];
  /** Of `no-worker`. */
  readonly near: readonly NearPool[];
}

/** In the order in which they have to pass; empty for a run that does not wait, or waits for a moment only. */
export function waitReasons(facts: WaitingFacts): readonly WaitReason[] {
  const { run, now } = facts;
  const { state } = run;
  if (state.type !== 'SCHEDULED') return [];
  const isEarly = state.scheduledTime > now;
  const reasons = [...(isEarly ? [notDue(state.scheduledTime)] : []), ...paused(facts), ...limitReasons(facts)];
  if (run.runner !== 'worker') return reasons;
  const unattended = whoeverWouldTakeIt(facts);
  if (unattended !== null) reasons.push(unattended);
  const { aheadByPriority = 0, aheadByTime = 0 } = facts.place ?? {};
  // Who waits for a slot wants to know that others get it first; of those that came before it, it knows by itself.
  const isTurn = reasons.length === 0 || (aheadByPriority > 0 && reasons.every(({ kind }) => kind === 'limit'));
  if (!isEarly && isTurn && aheadByPriority + aheadByTime > 0)
    reasons.push(behind(priorityOf(run), aheadByPriority, aheadByTime));
  return reasons;
}

const PLAIN = { remedy: null, since: null, until: null, slots: null, holders: [], near: [] } as const;

function notDue(until: Instant): WaitReason {
  return { ...PLAIN, kind: 'schedule', message: `It is due at ${showInstant(until)}.`, until };
}

function paused({ place }: WaitingFacts): readonly WaitReason[] {
  if (place === null) return [];
  const { pool, queue, poolPausedAt, queuePausedAt, poolPausedBy, queuePausedBy } = place;
  const of = (
    kind: WaitKind,
    what: string,
    name: string,
    since: Instant | null,
    actor: Actor = NOBODY_KNOWN,
  ): WaitReason => ({
    ...PLAIN,
    kind,
    message: `The ${what} "${name}" is paused${since === null ? '' : ` since ${showInstant(since)}`}${byWhom(actor)}.`,
    remedy: `It goes on when the ${what} is resumed.`,
    since,
  });
  return [
    ...(pool.isPaused ? [of('pool-paused', 'work pool', pool.name, poolPausedAt, poolPausedBy)] : []),
    ...(queue.isPaused ? [of('queue-paused', 'work queue', queue.name, queuePausedAt, queuePausedBy)] : []),
  ];
}

const HOLDERS_NAMED_MAX = 3;

/** The limits that have no slot free. A task run waits for nothing else that is not told by its states. */
export function limitReasons({ limits, now }: Pick<WaitingFacts, 'limits' | 'now'>): readonly WaitReason[] {
  return limits
    .filter(({ slots, taken }) => taken >= slots)
    .map(({ what, name, slots, taken, holders }) => {
      const named = holders
        .slice(0, HOLDERS_NAMED_MAX)
        .map((holder) => `"${holder.name ?? holder.id}" for ${showSeconds(secondsBetween(holder.since, now))}`);
      const others = taken - named.length;
      const by = [...named, ...(named.length > 0 && others > 0 ? [`${others} more`] : [])].join(', ');
      return {
        ...PLAIN,
        kind: 'limit',
        message:
          slots === 0
            ? `The limit of the ${what} "${name}" is 0: none of its runs may begin.`
            : `${slots === 1 ? 'The slot' : `All ${slots} slots`} of the ${what} "${name}" ${slots === 1 ? 'is' : 'are'} taken${by === '' ? '' : `: by ${by}`}.`,
        remedy: slots === 0 ? 'It goes on when the limit is raised.' : null,
        since: holders[0]?.since ?? null,
        slots,
        holders,
      };
    });
}

/** `null`: somebody is there who takes it, as far as can be seen. */
function whoeverWouldTakeIt({ place, run, deployment, near, now }: WaitingFacts): WaitReason | null {
  if (place === null) {
    const queue = run.submission?.workQueueName ?? null;
    if (queue !== null || deployment === null)
      return {
        ...PLAIN,
        kind: 'no-queue',
        message:
          queue === null
            ? 'It is in no work queue, so no worker finds it.'
            : `The work queue "${queue}" that it was in is gone.`,
        remedy: 'Run its deployment again, in a queue that there is.',
      };
    if (deployment.isReady) return null;
    return {
      ...PLAIN,
      kind: 'not-served',
      message: `Nobody serves the deployment "${deployment.name}"${lastAsked(deployment.lastPolledAt, now)}.`,
      remedy: 'Start the program that serves it.',
      since: deployment.lastPolledAt,
    };
  }
  const { pool, queue, workers, askedQueues } = place;
  const online = workers.filter(({ isOnline }) => isOnline);
  // Agents of Prefect 2 only ask their queues.
  if (online.length === 0 && askedLately(queue.lastPolled, now)) return null;
  if (online.length === 0) {
    const gone = workers.toSorted((a, b) => b.lastHeartbeat - a.lastHeartbeat)[0];
    const last =
      gone === undefined
        ? ' None was ever there'
        : ` The last one, "${gone.name}", was heard ${showSeconds(secondsBetween(gone.lastHeartbeat, now))} ago`;
    const elsewhere = near
      .map(({ name, workersOnline }) => `"${name}" (${plural(workersOnline, 'worker')})`)
      .join(', ');
    return {
      ...PLAIN,
      kind: 'no-worker',
      message: `No worker is on the work pool "${pool.name}" (${pool.type}).${last}.${elsewhere === '' ? '' : ` Workers are on: ${elsewhere}.`}`,
      remedy: `Start a worker: \`${workerCommand(pool, queue, false)}\`.`,
      since: gone?.lastHeartbeat ?? null,
      near,
    };
  }
  if (askedLately(queue.lastPolled, now)) return null;
  const others = askedQueues.map((name) => `"${name}"`).join(', ');
  return {
    ...PLAIN,
    kind: 'queue-not-asked',
    message: `${plural(online.length, 'worker is', 'workers are')} on the work pool "${pool.name}", but none asks the queue "${queue.name}"${lastAsked(queue.lastPolled, now)}.${others === '' ? '' : ` Asked are: ${others}.`}`,
    remedy: `Start a worker that asks it: \`${workerCommand(pool, queue, true)}\`.`,
    since: queue.lastPolled,
  };
}

/** Starts a worker that takes the pool's runs, in the words of ours; Prefect's has the same. */
export function workerCommand(
  pool: Pick<WorkPool, 'name' | 'type'>,
  queue: Pick<WorkQueue, 'name'>,
  isOnlyThisQueue: boolean,
): string {
  if (pool.type === AGENT_POOL_TYPE) return `ostinato agent start --work-queue=${shellWord(queue.name)}`;
  const asked = isOnlyThisQueue ? ` --work-queue=${shellWord(queue.name)}` : '';
  return `ostinato worker start --pool=${shellWord(pool.name)}${asked}`;
}

/** Longer than the longest interval at which workers ask unless they are told otherwise. */
const ASKED_LATELY_SECONDS = 60;

function askedLately(lastPolled: Instant | null, now: Instant): boolean {
  return lastPolled !== null && secondsBetween(lastPolled, now) <= ASKED_LATELY_SECONDS;
}

function lastAsked(at: Instant | null, now: Instant): string {
  return at === null ? '' : `; it was asked for ${showSeconds(secondsBetween(at, now))} ago the last time`;
}

function behind(own: number, byPriority: number, byTime: number): WaitReason {
  const parts = [
    ...(byPriority > 0
      ? [
          `${plural(byPriority, 'run')} of its queue ${byPriority === 1 ? 'goes' : 'go'} first: of a priority below its own, ${own}.`,
        ]
      : []),
    ...(byTime > 0 ? [`${plural(byTime, 'run')} of its queue ${byTime === 1 ? 'is' : 'are'} due before it.`] : []),
  ];
  return { ...PLAIN, kind: 'turn', message: parts.join(' ') };
}
