/** Work pools, their queues, and the workers that take runs from them. */

import type { EventId, WorkerId, WorkPoolId, WorkQueueId } from './ids.ts';
import type { Instant } from './time.ts';

/** Of a pool: a worker is there. Of a queue: it was asked for work lately. */
export type Readiness = 'READY' | 'NOT_READY' | 'PAUSED';

/** The type of pools that agents (Prefect 2) take runs from: they have no readiness. */
export const AGENT_POOL_TYPE = 'prefect-agent';
/** Where queues are that are named without a pool. */
export const AGENT_POOL_NAME = 'default-agent-pool';
/** Every pool is made with a queue of this name. */
export const DEFAULT_QUEUE_NAME = 'default';

export interface WorkPool {
  readonly id: WorkPoolId;
  /** Unique; never changes. */
  readonly name: string;
  readonly description: string | null;
  /** For instance `process`: which workers take its runs. */
  readonly type: string;
  /** JSON object: with what a job is started, and the schema of what may be said about it. `{}`: nothing was said. */
  readonly baseJobTemplate: string;
  readonly isPaused: boolean;
  /** How many runs of all its queues may be Pending or Running at once; `null`: any number. */
  readonly concurrencyLimit: number | null;
  /** `null`: of agents' pools. */
  readonly status: Readiness | null;
  readonly defaultQueueId: WorkQueueId;
  /** JSON object: where bundles of code and results are kept. */
  readonly storageConfiguration: string;
  /** The event that told of its status last, and when. */
  readonly statusEventId: EventId | null;
  readonly statusAt: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** What a pool says that keeps nothing of its own: all members are there. */
export const NO_STORAGE = JSON.stringify({
  bundle_upload_step: null,
  bundle_execution_step: null,
  default_result_storage_block_id: null,
});

export interface WorkQueue {
  readonly id: WorkQueueId;
  readonly workPoolId: WorkPoolId;
  /** Unique in its pool. */
  readonly name: string;
  readonly description: string | null;
  readonly isPaused: boolean;
  /** How many of its runs may be Pending or Running at once; `null`: any number. */
  readonly concurrencyLimit: number | null;
  /** From 1, which comes first; unique in its pool. */
  readonly priority: number;
  /** JSON object of queues of old: they have the runs with these tags, of these deployments. `null`: runs name it. */
  readonly filter: string | null;
  /** When it was last asked for work; `null`: never. */
  readonly lastPolled: Instant | null;
  readonly status: Readiness;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export type WorkerStatus = 'ONLINE' | 'OFFLINE';

export interface Worker {
  readonly id: WorkerId;
  readonly workPoolId: WorkPoolId;
  /** Unique in its pool. */
  readonly name: string;
  readonly lastHeartbeat: Instant;
  /** `null`: it did not say. */
  readonly heartbeatIntervalSeconds: number | null;
  readonly status: WorkerStatus;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface QueueInPool {
  readonly pool: WorkPool;
  readonly queue: WorkQueue;
}

/**
 * The queue that a run is in, as it was when the run was made. Of a queue that was deleted its name is left, and no
 * ids.
 */
export interface QueueOfRun {
  readonly workQueueId: WorkQueueId | null;
  readonly workQueueName: string | null;
  readonly workPoolId: WorkPoolId | null;
  readonly workPoolName: string | null;
  readonly workPoolType: string | null;
}

export const NO_QUEUE: QueueOfRun = Object.freeze({
  workQueueId: null,
  workQueueName: null,
  workPoolId: null,
  workPoolName: null,
  workPoolType: null,
});

export function queueOfRun({ id: workPoolId, name, type }: WorkPool, queue: WorkQueue): QueueOfRun {
  return { workQueueId: queue.id, workQueueName: queue.name, workPoolId, workPoolName: name, workPoolType: type };
}
