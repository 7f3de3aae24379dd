/** Rules of pools and queues: in which order they give, how much, and when they count as ready. */

import type { WorkQueueId } from './ids.ts';
import { addSeconds, type Instant } from './time.ts';
import { AGENT_POOL_TYPE, type Readiness, type Worker, type WorkPool, type WorkQueue } from './work-pool.ts';

/** A queue that nobody asked for work for so long is not ready. Source: Prefect 3.9, `foreman`. */
export const POLLED_LATELY_SECONDS = 60;
/** A run that is taken before its time keeps its worker from other work; no longer than this. */
export const PREFETCH_SECONDS_MAX = 3600;
/** So many beats of a worker may be missing. */
const MISSED_BEATS_MAX = 3;
/** Between the beats of a worker that does not say. */
const BEAT_SECONDS_DEFAULT = 30;

export function poolStatus(
  { type, isPaused }: Pick<WorkPool, 'type' | 'isPaused'>,
  hasOnlineWorker: boolean,
): Readiness | null {
  if (type === AGENT_POOL_TYPE) return null;
  if (isPaused) return 'PAUSED';
  return hasOnlineWorker ? 'READY' : 'NOT_READY';
}

export function queueStatus({ isPaused, lastPolled }: Pick<WorkQueue, 'isPaused' | 'lastPolled'>, now: Instant) {
  if (isPaused) return 'PAUSED';
  return lastPolled !== null && lastPolled >= addSeconds(now, -POLLED_LATELY_SECONDS) ? 'READY' : 'NOT_READY';
}

/** Whether a worker has been silent for so long that it is taken to be gone. */
export function isSilent({ lastHeartbeat, heartbeatIntervalSeconds }: Worker, now: Instant): boolean {
  return addSeconds(lastHeartbeat, (heartbeatIntervalSeconds ?? BEAT_SECONDS_DEFAULT) * MISSED_BEATS_MAX) < now;
}

/** The first priority that no queue of the pool has. */
export function freePriority(queues: readonly Pick<WorkQueue, 'priority'>[]): number {
  const taken = new Set(queues.map(({ priority }) => priority));
  for (let priority = 1; ; priority += 1) if (!taken.has(priority)) return priority;
}

/**
 * The queues of a pool in their order, with priorities that are unique: one that gets a priority keeps it, and those
 * that stand in its way move down, no further than they must.
 * @param moved the queue that was given its priority last; `null`: none
 */
export function ranked(queues: readonly WorkQueue[], moved: WorkQueueId | null): readonly WorkQueue[] {
  const order = queues.toSorted(
    (a, b) => a.priority - b.priority || Number(b.id === moved) - Number(a.id === moved) || (a.id < b.id ? -1 : 1),
  );
  let last = 0;
  return order.map((queue) => {
    const priority = Math.max(queue.priority, last + 1);
    last = priority;
    return priority === queue.priority ? queue : { ...queue, priority };
  });
}

/** What is due in a queue, the longest due first, and how many of its runs are Pending or Running. */
export interface QueueFacts<Run> {
  readonly queue: WorkQueue;
  readonly due: readonly Run[];
  readonly activeSlots: number;
}

export interface Delivery<Run> {
  readonly queue: WorkQueue;
  readonly run: Run;
}

/**
 * Which runs a worker is given: by the priority of their queues, then as they are due; no more than the limits of the
 * queue and of the pool leave room for, and none of what is paused.
 * @param activeSlots of all queues of the pool
 */
export function deliveries<Run>(
  pool: Pick<WorkPool, 'isPaused' | 'concurrencyLimit'>,
  activeSlots: number,
  queues: readonly QueueFacts<Run>[],
  most: number,
): readonly Delivery<Run>[] {
  if (pool.isPaused) return [];
  const room = Math.min(most, roomOf(pool.concurrencyLimit, activeSlots));
  const given = queues
    .filter(({ queue }) => !queue.isPaused)
    .toSorted((a, b) => a.queue.priority - b.queue.priority)
    .flatMap(({ queue, due, activeSlots: active }) =>
      due.slice(0, Math.min(due.length, roomOf(queue.concurrencyLimit, active))).map((run) => ({ queue, run })),
    );
  return given.slice(0, room);
}

function roomOf(limit: number | null, active: number): number {
  return limit === null ? Number.MAX_SAFE_INTEGER : Math.max(0, limit - active);
}

const PLACEHOLDER = /\{\{\s*([\w.\-[\]$]+)\s*\}\}/g;

/** Why it is no template of jobs, in the words of Prefect's server; `null`: it is one. */
export function jobTemplateProblem(template: Readonly<Record<string, unknown>>): string | null {
  if (Object.keys(template).length === 0) return null;
  const { job_configuration: configuration, variables } = template;
  if (!isFilled(configuration) || !isFilled(variables))
    return 'The `base_job_template` must contain both a `job_configuration` key and a `variables` key.';
  const used = new Set([...JSON.stringify(configuration).matchAll(PLACEHOLDER)].map(([, name]) => name ?? ''));
  const properties = variables['properties'];
  const declared = new Set(isFilled(properties) ? Object.keys(properties) : []);
  const missing = [...used].filter((name) => !declared.has(name));
  if (missing.length === 0) return null;
  return (
    'The variables specified in the job configuration template must be present as properties in the variables schema. ' +
    `Your job configuration uses the following undeclared variable(s): ${missing.join(' ,')}.`
  );
}

function isFilled(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
