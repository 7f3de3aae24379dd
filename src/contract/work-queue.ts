/** Work queues on the wire: what one is, who holds its slots, how well it is, and the routes, by pool and by id. */

import type { FlowRun as CoreFlowRun } from '../core/flow-run.ts';
import { formatInstant, secondsBetween, type Instant } from '../core/time.ts';
import type { WorkPool, WorkQueue as CoreWorkQueue } from '../core/work-pool.ts';
import { POLLED_LATELY_SECONDS } from '../core/work-pool-rules.ts';
import { NameIn } from './body/concurrency.ts';
import { instantOrNull } from './encode/instant.ts';
import { workQueueFilter } from './filter/infrastructure.ts';
import { PausedBy } from './paused.ts';
import { Action, Limit, Maybe, Offset, Parts, TimeIn, UuidIn, type RouteContract } from './route.ts';
import { FlowRun } from './schema/flow-run.ts';
import { Count, DateTime, EXACT, JsonObject, Nullable, Seconds, Uuid, Whole } from './schema/scalars.ts';
import { StateType } from './schema/state.ts';
import { Type, type Static } from './type.ts';
import { rawJson } from './wire-json.ts';

export const Readiness = Type.Union([Type.Literal('READY'), Type.Literal('NOT_READY'), Type.Literal('PAUSED')]);

const BARE = {
  id: Uuid,
  created: DateTime,
  updated: DateTime,
  name: Type.String(),
  description: Nullable(Type.String()),
  is_paused: Type.Boolean(),
  concurrency_limit: Nullable(Count),
  /** From 1, which comes first. */
  priority: Count,
  work_pool_id: Uuid,
  /** Of queues of old. */
  filter: Nullable(JsonObject),
  last_polled: Nullable(DateTime),
};

/** As the check of a deployment's queues has it. */
export const BareQueue = Type.Object(BARE, EXACT);

export const WorkQueue = Type.Object(
  {
    ...BARE,
    work_pool_name: Type.String(),
    status: Readiness,
    /** Runs that are Pending or Running; `null` without a limit. */
    active_slots: Nullable(Count),
    /** Ours: when it is read by itself, and is paused. */
    paused_by: Type.Optional(PausedBy),
  },
  EXACT,
);
export type WorkQueue = Static<typeof WorkQueue>;

export function encodeBareQueue(queue: CoreWorkQueue): Static<typeof BareQueue> {
  return {
    id: queue.id,
    created: formatInstant(queue.createdAt),
    updated: formatInstant(queue.updatedAt),
    name: queue.name,
    description: queue.description,
    is_paused: queue.isPaused,
    concurrency_limit: queue.concurrencyLimit,
    priority: queue.priority,
    work_pool_id: queue.workPoolId,
    filter: queue.filter === null ? null : rawJson(queue.filter),
    last_polled: instantOrNull(queue.lastPolled),
  };
}

export function encodeWorkQueue(queue: CoreWorkQueue, poolName: WorkPool['name'], activeSlots: number): WorkQueue {
  return {
    ...encodeBareQueue(queue),
    work_pool_name: poolName,
    status: queue.status,
    active_slots: queue.concurrencyLimit === null ? null : activeSlots,
  };
}

/** A run that holds a slot. */
const SlotHolder = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    state_type: StateType,
    state_name: Type.String(),
    start_time: Nullable(DateTime),
    state_timestamp: DateTime,
    time_in_current_state: Seconds,
  },
  EXACT,
);

export const QueueSlots = Type.Object(
  {
    queue_id: Uuid,
    queue_name: Type.String(),
    active_slots: Count,
    concurrency_limit: Nullable(Count),
    flow_runs: Type.Array(SlotHolder),
    flow_run_count: Count,
  },
  EXACT,
);

export function encodeSlotHolder({ id, name, state, startTime }: CoreFlowRun, now: Instant): Static<typeof SlotHolder> {
  return {
    id,
    name,
    state_type: state.type,
    state_name: state.name,
    start_time: instantOrNull(startTime),
    state_timestamp: formatInstant(state.timestamp),
    time_in_current_state: Math.max(0, secondsBetween(state.timestamp, now)),
  };
}

const LATE_RUNS_MAX = 0;

const QueueHealth = Type.Object(
  {
    healthy: Type.Boolean(),
    late_runs_count: Count,
    last_polled: Nullable(DateTime),
    health_check_policy: Type.Object({ maximum_late_runs: Count, maximum_seconds_since_last_polled: Count }, EXACT),
  },
  EXACT,
);

export function encodeQueueHealth(
  { lastPolled }: CoreWorkQueue,
  lateRuns: number,
  now: Instant,
): Static<typeof QueueHealth> {
  const isPolled = lastPolled !== null && secondsBetween(lastPolled, now) <= POLLED_LATELY_SECONDS;
  return {
    healthy: lateRuns <= LATE_RUNS_MAX && isPolled,
    late_runs_count: lateRuns,
    last_polled: instantOrNull(lastPolled),
    health_check_policy: { maximum_late_runs: LATE_RUNS_MAX, maximum_seconds_since_last_polled: POLLED_LATELY_SECONDS },
  };
}

const FilterIn = Maybe(
  Type.Object({ tags: Maybe(Type.Array(Type.String())), deployment_ids: Maybe(Type.Array(UuidIn)) }),
);
const LimitIn = Maybe(Whole({ minimum: 0 }));
const PriorityIn = Maybe(Whole({ exclusiveMinimum: 0 }));

const WorkQueueCreate = Action({
  name: NameIn,
  description: Maybe(Type.String()),
  is_paused: Type.Optional(Type.Boolean()),
  concurrency_limit: LimitIn,
  priority: PriorityIn,
  filter: FilterIn,
});
const WorkQueueUpdate = Action({
  name: Maybe(Type.String()),
  description: Maybe(Type.String()),
  is_paused: Type.Optional(Type.Boolean()),
  concurrency_limit: LimitIn,
  priority: PriorityIn,
  last_polled: Maybe(TimeIn),
  filter: FilterIn,
});
export type WorkQueueCreate = Static<typeof WorkQueueCreate>;
export type WorkQueueUpdate = Static<typeof WorkQueueUpdate>;

const ListIn = Parts({ work_queues: Maybe(workQueueFilter.schema), limit: Limit, offset: Offset });
const inPool = 'Work Pools';
const byId = 'Work Queues';

export const CREATE_QUEUE_IN_POOL = {
  method: 'POST',
  path: '/work_pools/{work_pool_name}/queues',
  name: 'create_work_queue_in_pool',
  tag: inPool,
  summary: 'Create a work queue in a pool',
  body: WorkQueueCreate,
  answers: { 201: WorkQueue },
} as const satisfies RouteContract;

export const READ_QUEUE_IN_POOL = {
  method: 'GET',
  path: '/work_pools/{work_pool_name}/queues/{name}',
  name: 'read_work_queue_in_pool',
  tag: inPool,
  summary: 'Read a work queue of a pool',
  answers: { 200: WorkQueue },
} as const satisfies RouteContract;

export const LIST_QUEUES_IN_POOL = {
  method: 'POST',
  path: '/work_pools/{work_pool_name}/queues/filter',
  name: 'read_work_queues_in_pool',
  tag: inPool,
  summary: 'List the work queues of a pool by priority',
  body: ListIn,
  isBodyOptional: true,
  answers: { 200: Type.Array(WorkQueue) },
} as const satisfies RouteContract;

export const UPDATE_QUEUE_IN_POOL = {
  method: 'PATCH',
  path: '/work_pools/{work_pool_name}/queues/{name}',
  name: 'update_work_queue_in_pool',
  tag: inPool,
  summary: 'Change a work queue of a pool',
  body: WorkQueueUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_QUEUE_IN_POOL = {
  method: 'DELETE',
  path: '/work_pools/{work_pool_name}/queues/{name}',
  name: 'delete_work_queue_in_pool',
  tag: inPool,
  summary: 'Delete a work queue of a pool',
  answers: { 204: null },
} as const satisfies RouteContract;

export const CREATE_QUEUE = {
  method: 'POST',
  path: '/work_queues/',
  name: 'create_work_queue',
  tag: byId,
  summary: 'Create a work queue for agents',
  body: WorkQueueCreate,
  answers: { 201: WorkQueue },
} as const satisfies RouteContract;

export const READ_QUEUE = {
  method: 'GET',
  path: '/work_queues/{id}',
  name: 'read_work_queue',
  tag: byId,
  summary: 'Read a work queue',
  answers: { 200: WorkQueue },
} as const satisfies RouteContract;

export const READ_QUEUE_BY_NAME = {
  method: 'GET',
  path: '/work_queues/name/{name}',
  name: 'read_work_queue_by_name',
  tag: byId,
  summary: 'Read a work queue of agents by name',
  answers: { 200: WorkQueue },
} as const satisfies RouteContract;

export const LIST_QUEUES = {
  method: 'POST',
  path: '/work_queues/filter',
  name: 'read_work_queues',
  tag: byId,
  summary: 'List work queues of all pools by name',
  body: ListIn,
  isBodyOptional: true,
  answers: { 200: Type.Array(WorkQueue) },
} as const satisfies RouteContract;

export const UPDATE_QUEUE = {
  method: 'PATCH',
  path: '/work_queues/{id}',
  name: 'update_work_queue',
  tag: byId,
  summary: 'Change a work queue',
  body: WorkQueueUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_QUEUE = {
  method: 'DELETE',
  path: '/work_queues/{id}',
  name: 'delete_work_queue',
  tag: byId,
  summary: 'Delete a work queue',
  answers: { 204: null },
} as const satisfies RouteContract;

export const TAKE_RUNS_OF_QUEUE = {
  method: 'POST',
  path: '/work_queues/{id}/get_runs',
  name: 'read_work_queue_runs',
  tag: byId,
  summary: 'What an agent is given: runs of the queue that are due',
  body: Parts({ scheduled_before: Maybe(TimeIn), limit: Limit }),
  isBodyOptional: true,
  answers: { 200: Type.Array(FlowRun) },
} as const satisfies RouteContract;

export const QUEUE_SLOTS = {
  method: 'POST',
  path: '/work_queues/{id}/concurrency_status',
  name: 'read_work_queue_concurrency_status',
  tag: byId,
  summary: 'Who holds slots of a work queue',
  body: Parts({ page: Maybe(Whole({ minimum: 1 })), limit: Limit }),
  isBodyOptional: true,
  answers: {
    200: Type.Object(
      {
        active_slots: Count,
        concurrency_limit: Nullable(Count),
        flow_runs: Type.Array(SlotHolder),
        count: Count,
        limit: Count,
        pages: Count,
        page: Count,
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;

export const QUEUE_HEALTH = {
  method: 'GET',
  path: '/work_queues/{id}/status',
  name: 'read_work_queue_status',
  tag: byId,
  summary: 'Whether the runs of a work queue are taken in time',
  answers: { 200: QueueHealth },
} as const satisfies RouteContract;
