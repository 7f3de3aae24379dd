/** Workers on the wire: what one is, and the routes. */

import { formatInstant } from '../core/time.ts';
import type { Worker as CoreWorker } from '../core/work-pool.ts';
import { criterion, filter } from './filter/filter.ts';
import { anyOf, noneOf, notAfter, notBefore } from './filter/leaf.ts';
import { Limit, Maybe, Offset, Parts, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';

const WorkerStatus = Type.Union([Type.Literal('ONLINE'), Type.Literal('OFFLINE')]);

export const Worker = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    work_pool_id: Uuid,
    last_heartbeat_time: DateTime,
    heartbeat_interval_seconds: Nullable(Count),
    status: WorkerStatus,
  },
  EXACT,
);
export type Worker = Static<typeof Worker>;

export function encodeWorker(worker: CoreWorker): Worker {
  return {
    id: worker.id,
    created: formatInstant(worker.createdAt),
    updated: formatInstant(worker.updatedAt),
    name: worker.name,
    work_pool_id: worker.workPoolId,
    last_heartbeat_time: formatInstant(worker.lastHeartbeat),
    heartbeat_interval_seconds: worker.heartbeatIntervalSeconds,
    status: worker.status,
  };
}

export const workerFilter = filter('WorkerFilter', {
  last_heartbeat_time: criterion({ before_: notAfter('lastHeartbeat'), after_: notBefore('lastHeartbeat') }),
  status: criterion({ any_: anyOf('status', WorkerStatus), not_any_: noneOf('status', WorkerStatus) }),
});

const tag = 'Work Pools';
/** Seconds: a day. */
const INTERVAL_MAX = 86_400;

export const BEAT_WORKER = {
  method: 'POST',
  path: '/work_pools/{work_pool_name}/workers/heartbeat',
  name: 'worker_heartbeat',
  tag,
  summary: 'A worker is there',
  body: Parts({
    name: Type.String({ minLength: 1, maxLength: 500 }),
    heartbeat_interval_seconds: Maybe(Whole({ minimum: 0, maximum: INTERVAL_MAX })),
  }),
  answers: { 204: null },
} as const satisfies RouteContract;

export const LIST_WORKERS = {
  method: 'POST',
  path: '/work_pools/{work_pool_name}/workers/filter',
  name: 'read_workers',
  tag,
  summary: 'List the workers of a pool, the one that was heard of last first',
  body: Parts({ workers: Maybe(workerFilter.schema), limit: Limit, offset: Offset }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Worker) },
} as const satisfies RouteContract;

export const DELETE_WORKER = {
  method: 'DELETE',
  path: '/work_pools/{work_pool_name}/workers/{name}',
  name: 'delete_worker',
  tag,
  summary: 'Forget a worker',
  answers: { 204: null },
} as const satisfies RouteContract;
