/** What is told of work pools and queues, named as Prefect names its events. */

import {
  RESOURCE_ID,
  RESOURCE_NAME,
  RESOURCE_ROLE,
  type OutboxEvent,
  type RelatedResource,
  type ResourceLabels,
} from '../../core/event.ts';
import type { EventId, IdSource } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { Readiness, WorkPool, WorkQueue } from '../../core/work-pool.ts';

/** A status is told to follow the one before when they are close. */
const FOLLOWS_WITHIN_SECONDS = 600;

export function poolEvent(ids: IdSource, pool: WorkPool, what: 'created' | 'deleted', now: Instant): OutboxEvent {
  return {
    ...eventOf(ids, 'work-pool', pool.id, what, now),
    labels: poolLabels(pool),
    related: [
      { [RESOURCE_ID]: `prefect.work-queue.${pool.defaultQueueId}`, [RESOURCE_ROLE]: 'default-queue' },
      ...resultStorageOf(pool),
    ],
  };
}

/** `null` when nothing of what people may change has changed, other than whether it is paused. */
export function poolUpdated(ids: IdSource, before: WorkPool, pool: WorkPool, now: Instant): OutboxEvent | null {
  const updates = {
    ...changed('description', before.description, pool.description),
    ...changedJson('base_job_template', before.baseJobTemplate, pool.baseJobTemplate),
    ...changed('concurrency_limit', before.concurrencyLimit, pool.concurrencyLimit),
    ...changedJson('storage_configuration', before.storageConfiguration, pool.storageConfiguration),
  };
  return withUpdates({ ...eventOf(ids, 'work-pool', pool.id, 'updated', now), labels: poolLabels(pool) }, updates);
}

/** The pool with the event that tells of its status; an agents' pool has none. */
export function withStatusTold(
  ids: IdSource,
  before: WorkPool | null,
  pool: WorkPool,
  now: Instant,
): { readonly pool: WorkPool; readonly events: readonly OutboxEvent[] } {
  if (pool.status === null) return { pool, events: [] };
  const { [RESOURCE_ROLE]: _role, ...labels } = poolLabels(pool);
  const toldAt = before?.statusAt ?? null;
  const isClose = toldAt !== null && toldAt > addSeconds(now, -FOLLOWS_WITHIN_SECONDS);
  const event: OutboxEvent = {
    ...eventOf(ids, 'work-pool', pool.id, kebab(pool.status), now),
    labels,
    follows: isClose ? before?.statusEventId : null,
  };
  return { pool: { ...pool, statusEventId: event.id, statusAt: now }, events: [event] };
}

export function queueEvent(
  ids: IdSource,
  pool: WorkPool,
  queue: WorkQueue,
  what: 'created' | 'deleted' | Readiness,
  now: Instant,
): OutboxEvent {
  const name = what === 'created' || what === 'deleted' ? what : kebab(what);
  return { ...eventOf(ids, 'work-queue', queue.id, name, now), ...queueMarks(pool, queue) };
}

/** `null` when nothing of what people may change has changed, other than whether it is paused. */
export function queueUpdated(
  ids: IdSource,
  pool: WorkPool,
  before: WorkQueue,
  queue: WorkQueue,
  now: Instant,
): OutboxEvent | null {
  const updates = {
    ...changed('name', before.name, queue.name),
    ...changed('description', before.description, queue.description),
    ...changed('concurrency_limit', before.concurrencyLimit, queue.concurrencyLimit),
    ...changed('priority', before.priority, queue.priority),
  };
  return withUpdates({ ...eventOf(ids, 'work-queue', queue.id, 'updated', now), ...queueMarks(pool, queue) }, updates);
}

function eventOf(ids: IdSource, kind: 'work-pool' | 'work-queue', id: string, what: string, occurred: Instant) {
  const event: OutboxEvent = {
    id: ids.next<EventId>(),
    name: `prefect.${kind}.${what}`,
    resourceId: `prefect.${kind}.${id}`,
    occurred,
    payload: '{}',
  };
  return event;
}

function withUpdates(event: OutboxEvent, updates: Readonly<Record<string, unknown>>): OutboxEvent | null {
  const names = Object.keys(updates);
  return names.length === 0 ? null : { ...event, payload: JSON.stringify({ updated_fields: names, updates }) };
}

function changed(name: string, from: unknown, to: unknown): Readonly<Record<string, unknown>> {
  return from === to ? {} : { [name]: { from, to } };
}

function changedJson(name: string, from: string, to: string): Readonly<Record<string, unknown>> {
  return from === to ? {} : { [name]: { from: exactValue(from), to: exactValue(to) } };
}

function kebab(status: Readiness): string {
  return status.toLowerCase().replace('_', '-');
}

function poolLabels({ name, type }: WorkPool): ResourceLabels {
  return { [RESOURCE_NAME]: name, 'prefect.work-pool.type': type, [RESOURCE_ROLE]: 'work-pool' };
}

function queueMarks(pool: WorkPool, { name }: WorkQueue): Pick<OutboxEvent, 'labels' | 'related'> {
  return {
    labels: { [RESOURCE_NAME]: name, [RESOURCE_ROLE]: 'work-queue' },
    related: [{ [RESOURCE_ID]: `prefect.work-pool.${pool.id}`, ...poolLabels(pool) }],
  };
}

function resultStorageOf({ storageConfiguration }: WorkPool): readonly RelatedResource[] {
  const { default_result_storage_block_id: id } = JSON.parse(storageConfiguration) as Readonly<Record<string, unknown>>;
  return typeof id === 'string'
    ? [{ [RESOURCE_ID]: `prefect.block-document.${id}`, [RESOURCE_ROLE]: 'result-storage' }]
    : [];
}
