import type { Actor } from '../../core/actor.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { WorkQueueId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import {
  NO_STORAGE,
  AGENT_POOL_NAME,
  AGENT_POOL_TYPE,
  DEFAULT_QUEUE_NAME,
  type QueueInPool,
  type WorkQueue,
} from '../../core/work-pool.ts';
import { freePriority, queueStatus, ranked } from '../../core/work-pool-rules.ts';
import type { WorkPoolChange, WorkPoolFacts } from '../../store/port/work-pools.ts';
import { pauseEvents } from '../pauses.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { queueEvent, queueUpdated } from './events.ts';
import { newWorkPool, poolMissing } from './pools.ts';

export interface CreateWorkQueue extends Pick<
  WorkQueue,
  'name' | 'description' | 'isPaused' | 'concurrencyLimit' | 'filter'
> {
  /** `null`: the first that is free. */
  readonly priority: number | null;
}
export type UpdateWorkQueue = {
  readonly [Key in 'name' | 'description' | 'isPaused' | 'concurrencyLimit' | 'priority' | 'filter' | 'lastPolled']?:
    | WorkQueue[Key]
    | undefined;
};
export type WorkQueueKey = { readonly id: WorkQueueId } | { readonly poolName: string; readonly name: string };

const PLAIN = { description: '', isPaused: false, concurrencyLimit: null, priority: null, filter: null } as const;

/** `not-found` for no such pool, `conflict` for a name that is taken in it. */
export function createWorkQueue(
  ports: OrchestratorPorts,
  poolName: string,
  request: CreateWorkQueue,
): MaybePromise<QueueInPool> {
  const now = ports.clock.now();
  return ports.storage.changeWorkPool<QueueInPool>({ name: poolName }, (facts) => {
    if (facts === null) throw poolMissing(poolName);
    if (facts.queues.some(({ name }) => name === request.name))
      throw new OstinatoError('conflict', `A work queue with this name already exists in work pool '${poolName}'.`);
    return withQueue(ports, facts, request, now);
  });
}

/** In the pool of agents, which is made when it is not there yet. `conflict` for a name that is taken in it. */
export function createAgentQueue(ports: OrchestratorPorts, request: CreateWorkQueue): MaybePromise<QueueInPool> {
  const now = ports.clock.now();
  return ports.storage.changeWorkPool<QueueInPool>({ name: AGENT_POOL_NAME }, (facts) => {
    if (facts?.queues.some(({ name }) => name === request.name))
      throw new OstinatoError('conflict', 'A work queue with this name already exists.');
    return facts === null ? withAgentPool(ports, request, now) : withQueue(ports, facts, request, now);
  });
}

/**
 * Where runs go that name a pool, a queue, or both: a queue that is not there is made, and so is the pool of agents,
 * which a queue is in that is named alone. No queue: the pool's default. `not-found` for no such pool.
 */
export function ensureWorkQueue(
  ports: OrchestratorPorts,
  poolName: string | null,
  queueName: string | null,
): MaybePromise<QueueInPool> {
  const now = ports.clock.now();
  return ports.storage.changeWorkPool<QueueInPool>({ name: poolName ?? AGENT_POOL_NAME }, (facts) => {
    if (facts === null && poolName !== null) throw poolMissing(poolName);
    const request = { ...PLAIN, name: queueName ?? DEFAULT_QUEUE_NAME };
    if (facts === null) return withAgentPool(ports, request, now);
    const there = facts.queues.find(({ id, name }) =>
      queueName === null ? id === facts.pool.defaultQueueId : name === queueName,
    );
    return there === undefined ? withQueue(ports, facts, request, now) : { answer: { pool: facts.pool, queue: there } };
  });
}

function withAgentPool(ports: OrchestratorPorts, request: CreateWorkQueue, now: Instant): WorkPoolChange<QueueInPool> {
  const made = newWorkPool(
    ports,
    {
      name: AGENT_POOL_NAME,
      description: null,
      type: AGENT_POOL_TYPE,
      baseJobTemplate: '{}',
      isPaused: false,
      concurrencyLimit: null,
      storageConfiguration: NO_STORAGE,
    },
    now,
  );
  const [first] = made.queues;
  if (request.name === DEFAULT_QUEUE_NAME) return { ...made, answer: { pool: made.pool, queue: first } };
  // Clients show the newest first, by their own watch: it came a millisecond after the first.
  const after = addSeconds(now, 0.001);
  const more = withQueue(ports, { pool: made.pool, queues: [first], hasOnlineWorker: false }, request, after);
  const others = (more.queues ?? []).some(({ id }) => id === first.id) ? [] : [first];
  return {
    pool: made.pool,
    queues: [...others, ...(more.queues ?? [])],
    events: [...made.events, ...(more.events ?? [])],
    answer: more.answer,
  };
}

function withQueue(
  { ids }: OrchestratorPorts,
  { pool, queues }: WorkPoolFacts,
  request: CreateWorkQueue,
  now: Instant,
): WorkPoolChange<QueueInPool> {
  const queue: WorkQueue = {
    ...request,
    id: ids.next<WorkQueueId>(),
    workPoolId: pool.id,
    priority: request.priority ?? freePriority(queues),
    lastPolled: null,
    status: queueStatus({ isPaused: request.isPaused, lastPolled: null }, now),
    createdAt: now,
    updatedAt: now,
  };
  return {
    queues: [queue, ...movedBy(queues, [...queues, queue], queue.id)],
    events: [queueEvent(ids, pool, queue, 'created', now)],
    answer: { pool, queue },
  };
}

/** The queues that must give way, with their new priorities. */
function movedBy(before: readonly WorkQueue[], queues: readonly WorkQueue[], moved: WorkQueueId | null) {
  return ranked(queues, moved).filter((queue) => queue.id !== moved && !before.includes(queue));
}

/** Absent fields stay. `not-found`, `conflict`. */
export function updateWorkQueue(
  ports: OrchestratorPorts,
  key: WorkQueueKey,
  change: UpdateWorkQueue,
  actor?: Actor,
): MaybePromise<void> {
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const now = ports.clock.now();
  return ports.storage.changeWorkPool<void>(poolOf(key), (facts) => {
    const before = queueIn(facts, key);
    const queue = withStatus(before, { ...before, ...said, updatedAt: now }, now);
    const { pool, queues } = facts as WorkPoolFacts;
    const updated = queueUpdated(ports.ids, pool, before, queue, now);
    const events: OutboxEvent[] = updated ? [updated] : [];
    if (queue.status !== before.status) events.push(queueEvent(ports.ids, pool, queue, queue.status, now));
    events.push(
      ...pauseEvents(ports.ids, {
        noun: 'work-queue',
        id: queue.id,
        name: queue.name,
        wasPaused: before.isPaused,
        isPaused: queue.isPaused,
        actor,
        now,
      }),
    );
    const others = queues.map((each) => (each.id === queue.id ? queue : each));
    const moved = change.priority === undefined ? [] : movedBy(queues, others, queue.id);
    return { queues: [queue, ...moved], events, answer: undefined };
  });
}

/** Pausing and resuming moves the status; anything else leaves it. */
function withStatus(before: WorkQueue, queue: WorkQueue, now: Instant): WorkQueue {
  return before.isPaused === queue.isPaused ? queue : { ...queue, status: queueStatus(queue, now) };
}

/** `not-found`; `conflict` for the default queue of a pool. */
export function deleteWorkQueue({ storage, clock, ids }: OrchestratorPorts, key: WorkQueueKey): MaybePromise<void> {
  const now = clock.now();
  return storage.changeWorkPool<void>(poolOf(key), (facts) => {
    const queue = queueIn(facts, key);
    const { pool } = facts as WorkPoolFacts;
    if (queue.id === pool.defaultQueueId)
      throw new OstinatoError('conflict', "Can't delete a pool's default queue.", {
        remedy: 'Pause it, or delete the pool.',
      });
    return { deletedQueues: [queue.id], events: [queueEvent(ids, pool, queue, 'deleted', now)], answer: undefined };
  });
}

export function poolOf(key: WorkQueueKey) {
  return 'id' in key ? { queueId: key.id } : { name: key.poolName };
}

/** `not-found` */
export function queueIn(facts: WorkPoolFacts | null, key: WorkQueueKey): WorkQueue {
  if ('id' in key) {
    const queue = facts?.queues.find(({ id }) => id === key.id);
    if (queue === undefined) throw new OstinatoError('not-found', 'work queue not found');
    return queue;
  }
  if (facts === null) throw poolMissing(key.poolName);
  const queue = facts.queues.find(({ name }) => name === key.name);
  if (queue === undefined) throw queueMissing(key.poolName, key.name);
  return queue;
}

export function queueMissing(poolName: string, name: string): OstinatoError {
  return new OstinatoError('not-found', `Work pool queue '${poolName}/${name}' not found.`);
}
