import type { Actor } from '../../core/actor.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { WorkPoolId, WorkQueueId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import { DEFAULT_QUEUE_NAME, type WorkPool, type WorkQueue } from '../../core/work-pool.ts';
import { poolStatus } from '../../core/work-pool-rules.ts';
import { checkJobDefaults } from '../job-variables.ts';
import { pauseEvents } from '../pauses.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { poolEvent, poolUpdated, queueEvent, withStatusTold } from './events.ts';

export type CreateWorkPool = Pick<
  WorkPool,
  'name' | 'description' | 'type' | 'baseJobTemplate' | 'isPaused' | 'concurrencyLimit' | 'storageConfiguration'
>;
export type UpdateWorkPool = {
  readonly [Key in Exclude<keyof CreateWorkPool, 'name' | 'type'>]?: CreateWorkPool[Key] | undefined;
};

/**
 * `forbidden` for a name that is kept back, `conflict` for one that is taken; `bad-input` and `not-found` for defaults
 * of its jobs that do not fit, or are blocks that are not there.
 */
export async function createWorkPool(ports: OrchestratorPorts, request: CreateWorkPool): Promise<WorkPool> {
  if (isReserved(request.name))
    throw new OstinatoError('forbidden', "Work pools starting with 'Prefect' are reserved for internal use.");
  await checkJobDefaults(ports, request.baseJobTemplate);
  const now = ports.clock.now();
  return await ports.storage.changeWorkPool<WorkPool>({ name: request.name }, (facts) => {
    if (facts !== null) throw new OstinatoError('conflict', 'A work pool with this name already exists.');
    const made = newWorkPool(ports, request, now);
    return { ...made, answer: made.pool };
  });
}

/** With its first queue. */
export function newWorkPool(
  { ids }: Pick<OrchestratorPorts, 'ids'>,
  request: CreateWorkPool,
  now: Instant,
): { readonly pool: WorkPool; readonly queues: readonly [WorkQueue]; readonly events: readonly OutboxEvent[] } {
  const times = { createdAt: now, updatedAt: now };
  const plain: WorkPool = {
    ...request,
    id: ids.next<WorkPoolId>(),
    status: poolStatus(request, false),
    defaultQueueId: ids.next<WorkQueueId>(),
    statusEventId: null,
    statusAt: null,
    ...times,
  };
  const queue: WorkQueue = {
    id: plain.defaultQueueId,
    workPoolId: plain.id,
    name: DEFAULT_QUEUE_NAME,
    description: "The work pool's default queue.",
    isPaused: false,
    concurrencyLimit: null,
    priority: 1,
    filter: null,
    lastPolled: null,
    status: 'NOT_READY',
    ...times,
  };
  const queueMade = queueEvent(ids, plain, queue, 'created', now);
  const made = poolEvent(ids, plain, 'created', now);
  const { pool, events } = withStatusTold(ids, null, plain, now);
  return { pool, queues: [queue], events: [queueMade, made, ...events] };
}

/** Absent fields stay. `not-found`; `forbidden` for what may not be changed of a pool that is kept back. */
export function updateWorkPool(
  ports: OrchestratorPorts,
  name: string,
  change: UpdateWorkPool,
  actor?: Actor,
): MaybePromise<void> {
  const { storage, ids } = ports;
  const said = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as Partial<WorkPool>;
  const isMore = Object.keys(said).some((field) => field !== 'isPaused' && field !== 'concurrencyLimit');
  if (isReserved(name) && isMore)
    throw new OstinatoError(
      'forbidden',
      "Work pools starting with 'Prefect' are reserved for internal use and can only be updated to set concurrency limits or pause.",
    );
  const now = ports.clock.now();
  return storage.changeWorkPool<void>({ name }, (facts) => {
    if (facts === null) throw poolMissing(name);
    const updated: WorkPool = { ...facts.pool, ...said, updatedAt: now };
    const fieldsTold = poolUpdated(ids, facts.pool, updated, now);
    const { pool, events } =
      change.isPaused === undefined
        ? { pool: updated, events: [] }
        : withStatusTold(ids, facts.pool, { ...updated, status: poolStatus(updated, facts.hasOnlineWorker) }, now);
    const paused = pauseEvents(ids, {
      noun: 'work-pool',
      id: pool.id,
      name,
      wasPaused: facts.pool.isPaused,
      isPaused: pool.isPaused,
      actor,
      now,
    });
    return { pool, events: [...(fieldsTold ? [fieldsTold] : []), ...events, ...paused], answer: undefined };
  });
}

/** With its queues and workers; runs of its queues stay. `not-found`, `forbidden`. */
export function deleteWorkPool({ storage, clock, ids }: OrchestratorPorts, name: string): MaybePromise<void> {
  if (isReserved(name))
    throw new OstinatoError(
      'forbidden',
      "Work pools starting with 'Prefect' are reserved for internal use and can not be deleted.",
    );
  const now = clock.now();
  return storage.changeWorkPool<void>({ name }, (facts) => {
    if (facts === null) throw poolMissing(name);
    const { pool, queues } = facts;
    const events = queues.map((queue) => queueEvent(ids, pool, queue, 'deleted', now));
    return { pool: null, events: [...events, poolEvent(ids, pool, 'deleted', now)], answer: undefined };
  });
}

export function poolMissing(name: string): OstinatoError {
  return new OstinatoError('not-found', `Work pool "${name}" not found.`);
}

function isReserved(name: string): boolean {
  return name.toLowerCase().startsWith('prefect');
}
