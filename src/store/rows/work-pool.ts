import type { EventId, WorkerId, WorkPoolId, WorkQueueId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Readiness, Worker, WorkerStatus, WorkPool, WorkQueue } from '../../core/work-pool.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';

interface Times {
  readonly created_at: number;
  readonly updated_at: number;
}

export interface WorkPoolRow extends Times {
  readonly id: IdValue;
  readonly name: string;
  readonly description: string | null;
  readonly type: string;
  /** JSON. */
  readonly base_job_template: string;
  readonly is_paused: number;
  readonly concurrency_limit: number | null;
  readonly status: string | null;
  readonly default_queue_id: IdValue;
  /** JSON. */
  readonly storage_configuration: string;
  readonly status_event_id: IdValue | null;
  readonly status_at: number | null;
}

export interface WorkQueueRow extends Times {
  readonly id: IdValue;
  readonly work_pool_id: IdValue;
  readonly name: string;
  readonly description: string | null;
  readonly is_paused: number;
  readonly concurrency_limit: number | null;
  readonly priority: number;
  /** JSON. */
  readonly filter: string | null;
  readonly last_polled: number | null;
  readonly status: string;
}

export interface WorkerRow extends Times {
  readonly id: IdValue;
  readonly work_pool_id: IdValue;
  readonly name: string;
  readonly last_heartbeat: number;
  readonly heartbeat_interval_seconds: number | null;
  readonly status: string;
}

export function readWorkPoolRow(row: WorkPoolRow): WorkPool {
  return {
    id: readId<WorkPoolId>(row.id),
    name: row.name,
    description: row.description,
    type: row.type,
    baseJobTemplate: row.base_job_template,
    isPaused: row.is_paused === 1,
    concurrencyLimit: row.concurrency_limit,
    status: row.status as Readiness | null,
    defaultQueueId: readId<WorkQueueId>(row.default_queue_id),
    storageConfiguration: row.storage_configuration,
    statusEventId: readIdOrNull<EventId>(row.status_event_id),
    statusAt: row.status_at as Instant | null,
    ...timesOf(row),
  };
}

export function readWorkQueueRow(row: WorkQueueRow): WorkQueue {
  return {
    id: readId<WorkQueueId>(row.id),
    workPoolId: readId<WorkPoolId>(row.work_pool_id),
    name: row.name,
    description: row.description,
    isPaused: row.is_paused === 1,
    concurrencyLimit: row.concurrency_limit,
    priority: row.priority,
    filter: row.filter,
    lastPolled: row.last_polled as Instant | null,
    status: row.status as Readiness,
    ...timesOf(row),
  };
}

export function readWorkerRow(row: WorkerRow): Worker {
  return {
    id: readId<WorkerId>(row.id),
    workPoolId: readId<WorkPoolId>(row.work_pool_id),
    name: row.name,
    lastHeartbeat: row.last_heartbeat as Instant,
    heartbeatIntervalSeconds: row.heartbeat_interval_seconds,
    status: row.status as WorkerStatus,
    ...timesOf(row),
  };
}

function timesOf(row: Times): { readonly createdAt: Instant; readonly updatedAt: Instant } {
  return { createdAt: row.created_at as Instant, updatedAt: row.updated_at as Instant };
}
