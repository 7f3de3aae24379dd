/** Work pools on the wire: what one is, who holds its slots, and the routes. */

import { formatInstant } from '../core/time.ts';
import { NO_STORAGE, type WorkPool as CoreWorkPool } from '../core/work-pool.ts';
import { encodeFlowRun } from './encode/flow-run.ts';
import { NameIn } from './body/concurrency.ts';
import { workPoolFilter } from './filter/infrastructure.ts';
import { PausedBy } from './paused.ts';
import { Action, Limit, Maybe, Offset, Parts, TimeIn, UuidIn, type RouteContract } from './route.ts';
import { FlowRun } from './schema/flow-run.ts';
import { Count, DateTime, EXACT, JsonObject, Nullable, Uuid, Whole } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { QueueSlots, Readiness } from './work-queue.ts';
import { rawJson } from './wire-json.ts';

const StorageConfiguration = Type.Object(
  {
    bundle_upload_step: Nullable(JsonObject),
    bundle_execution_step: Nullable(JsonObject),
    /** Absent for clients that do not know it. */
    default_result_storage_block_id: Type.Optional(Nullable(Uuid)),
  },
  EXACT,
);

export const WorkPool = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    description: Nullable(Type.String()),
    type: Type.String(),
    base_job_template: JsonObject,
    is_paused: Type.Boolean(),
    concurrency_limit: Nullable(Count),
    status: Nullable(Readiness),
    default_queue_id: Uuid,
    storage_configuration: StorageConfiguration,
    /** Runs that are Pending or Running; `null` without a limit. */
    active_slots: Nullable(Count),
    /** Ours: when it is read by itself, and is paused. */
    paused_by: Type.Optional(PausedBy),
  },
  EXACT,
);
export type WorkPool = Static<typeof WorkPool>;

/** @param activeSlots of all its queues @param version of the client, where it is one of Prefect */
export function encodeWorkPool(pool: CoreWorkPool, activeSlots: number, version: string | null = null): WorkPool {
  return {
    id: pool.id,
    created: formatInstant(pool.createdAt),
    updated: formatInstant(pool.updatedAt),
    name: pool.name,
    description: pool.description,
    type: pool.type,
    base_job_template: rawJson(pool.baseJobTemplate),
    is_paused: pool.isPaused,
    concurrency_limit: pool.concurrencyLimit,
    status: pool.status,
    default_queue_id: pool.defaultQueueId,
    storage_configuration: storageFor(version, pool.storageConfiguration),
    active_slots: pool.concurrencyLimit === null ? null : activeSlots,
  };
}

/** Clients up to this version refuse a storage configuration with the block of results. */
const WITHOUT_RESULT_STORAGE = [3, 3, 7] as const;

function storageFor(version: string | null, text: string): WorkPool['storage_configuration'] {
  if (version === null || !isUpTo(version, WITHOUT_RESULT_STORAGE)) return rawJson(text);
  const { default_result_storage_block_id: _, ...others } = JSON.parse(text) as WorkPool['storage_configuration'];
  return others;
}

function isUpTo(version: string, last: readonly number[]): boolean {
  const numbers = version.split('.').map((part) => Number.parseInt(part, 10));
  const difference = last.map((part, index) => (numbers[index] ?? 0) - part).find((by) => by !== 0) ?? 0;
  return difference <= 0;
}

/** What is kept of a storage configuration: all of its fields, as JSON. */
export function storageConfigurationText(sent: unknown): string {
  if (sent === null || sent === undefined) return NO_STORAGE;
  const { bundle_upload_step, bundle_execution_step, default_result_storage_block_id } = sent as Readonly<
    Record<string, unknown>
  >;
  return JSON.stringify({
    bundle_upload_step: bundle_upload_step ?? null,
    bundle_execution_step: bundle_execution_step ?? null,
    default_result_storage_block_id: default_result_storage_block_id ?? null,
  });
}

const StorageConfigurationIn = Action({
  bundle_upload_step: Maybe(JsonObject),
  bundle_execution_step: Maybe(JsonObject),
  default_result_storage_block_id: Maybe(UuidIn),
});
const LimitIn = Maybe(Whole({ minimum: 0 }));
const tag = 'Work Pools';

export const CREATE_WORK_POOL = {
  method: 'POST',
  path: '/work_pools/',
  name: 'create_work_pool',
  tag,
  summary: 'Create a work pool, with its default queue',
  body: Action({
    name: NameIn,
    description: Maybe(Type.String()),
    type: Type.Optional(Type.String()),
    base_job_template: Type.Optional(JsonObject),
    is_paused: Type.Optional(Type.Boolean()),
    concurrency_limit: LimitIn,
    storage_configuration: Type.Optional(StorageConfigurationIn),
  }),
  answers: { 201: WorkPool },
} as const satisfies RouteContract;

export const READ_WORK_POOL = {
  method: 'GET',
  path: '/work_pools/{name}',
  name: 'read_work_pool',
  tag,
  summary: 'Read a work pool',
  answers: { 200: WorkPool },
} as const satisfies RouteContract;

export const UPDATE_WORK_POOL = {
  method: 'PATCH',
  path: '/work_pools/{name}',
  name: 'update_work_pool',
  tag,
  summary: 'Change a work pool',
  body: Action({
    description: Maybe(Type.String()),
    is_paused: Maybe(Type.Boolean()),
    base_job_template: Maybe(JsonObject),
    concurrency_limit: LimitIn,
    storage_configuration: Maybe(StorageConfigurationIn),
  }),
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_WORK_POOL = {
  method: 'DELETE',
  path: '/work_pools/{name}',
  name: 'delete_work_pool',
  tag,
  summary: 'Delete a work pool with its queues',
  answers: { 204: null },
} as const satisfies RouteContract;

const WorkPoolsCount = Parts({ work_pools: Maybe(workPoolFilter.schema) });

export const LIST_WORK_POOLS = {
  method: 'POST',
  path: '/work_pools/filter',
  name: 'read_work_pools',
  tag,
  summary: 'List work pools by name',
  body: Parts({ ...WorkPoolsCount.properties, limit: Limit, offset: Offset }),
  isBodyOptional: true,
  answers: { 200: Type.Array(WorkPool) },
} as const satisfies RouteContract;

export const COUNT_WORK_POOLS = {
  method: 'POST',
  path: '/work_pools/count',
  name: 'count_work_pools',
  tag,
  summary: 'Count work pools',
  body: WorkPoolsCount,
  isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const PageNumber = Maybe(Whole({ minimum: 1 }));
const RUNS_OF_QUEUE_MAX = 200;

export const WORK_POOL_SLOTS = {
  method: 'POST',
  path: '/work_pools/{name}/concurrency_status',
  name: 'read_work_pool_concurrency_status',
  tag,
  summary: 'Who holds slots of a work pool, queue by queue',
  body: Parts({
    page: PageNumber,
    limit: Limit,
    /** Of each queue. */
    flow_run_limit: Maybe(Whole({ minimum: 0, maximum: RUNS_OF_QUEUE_MAX })),
  }),
  isBodyOptional: true,
  answers: {
    200: Type.Object(
      {
        active_slots: Count,
        concurrency_limit: Nullable(Count),
        queues: Type.Array(QueueSlots),
        count: Count,
        limit: Count,
        pages: Count,
        page: Count,
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;

const DueRun = Type.Object({ work_pool_id: Uuid, work_queue_id: Uuid, flow_run: FlowRun }, EXACT);

export const TAKE_DUE_RUNS = {
  method: 'POST',
  path: '/work_pools/{name}/get_scheduled_flow_runs',
  name: 'get_scheduled_flow_runs',
  tag,
  summary: 'What a worker is given: runs that are due, by priority, within the limits',
  body: Parts({
    work_queue_names: Maybe(Type.Array(Type.String(), { maxItems: 1000 })),
    scheduled_before: Maybe(TimeIn),
    scheduled_after: Maybe(TimeIn),
    limit: Limit,
  }),
  isBodyOptional: true,
  answers: { 200: Type.Array(DueRun) },
} as const satisfies RouteContract;

export function encodeDueRun(
  poolId: string,
  queueId: string,
  run: Parameters<typeof encodeFlowRun>[0],
  now: Parameters<typeof encodeFlowRun>[1],
) {
  return { work_pool_id: poolId, work_queue_id: queueId, flow_run: encodeFlowRun(run, now) };
}
