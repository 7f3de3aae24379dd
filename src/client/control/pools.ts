/** Work pools, their queues and workers of whatever server, as people make, look at and change them. */

import {
  CREATE_WORK_POOL,
  DELETE_WORK_POOL,
  LIST_WORK_POOLS,
  READ_WORK_POOL,
  UPDATE_WORK_POOL,
  type WorkPool,
} from '../../contract/work-pool.ts';
import {
  CREATE_QUEUE,
  CREATE_QUEUE_IN_POOL,
  DELETE_QUEUE,
  LIST_QUEUES,
  LIST_QUEUES_IN_POOL,
  READ_QUEUE_IN_POOL,
  UPDATE_QUEUE,
  type WorkQueue,
  type WorkQueueCreate,
} from '../../contract/work-queue.ts';
import { LIST_WORKERS, type Worker } from '../../contract/worker.ts';
import type { Static } from '../../contract/type.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { AGENT_POOL_NAME } from '../../core/work-pool.ts';
import type { ControlPlane } from './plane.ts';

interface Page {
  /** How many at most. */
  readonly limit: number;
}

export type NewPool = Static<typeof CREATE_WORK_POOL.body>;
export type PoolChange = Static<typeof UPDATE_WORK_POOL.body>;

export interface PoolClient {
  /** By name. */
  listPools(page: Page): Promise<readonly BothViews<WorkPool>[]>;
  /** `null`: there is none. */
  readPool(name: string): Promise<BothViews<WorkPool> | null>;
  /** `conflict` when it is there. */
  createPool(pool: NewPool): Promise<BothViews<WorkPool>>;
  updatePool(name: string, change: PoolChange): Promise<void>;
  removePool(name: string): Promise<void>;
  /** @param pool `null`: of all pools */
  listQueues(pool: string | null, page: Page): Promise<readonly BothViews<WorkQueue>[]>;
  readQueue(pool: string, name: string): Promise<BothViews<WorkQueue> | null>;
  /** `conflict` when it is there. */
  createQueue(pool: string, queue: WorkQueueCreate): Promise<BothViews<WorkQueue>>;
  pauseQueue(id: string, isPaused: boolean): Promise<void>;
  removeQueue(id: string): Promise<void>;
  /** The one that was heard of last comes first. */
  listWorkers(pool: string, page: Page): Promise<readonly BothViews<Worker>[]>;
}

export function poolsOf(plane: ControlPlane): PoolClient {
  return {
    listPools: (page) => plane.list(LIST_WORK_POOLS, {}, page),
    readPool: (name) => plane.find(READ_WORK_POOL, { name }),
    createPool: (body) => plane.ask(CREATE_WORK_POOL, { body }),
    updatePool: async (name, body) => void (await plane.ask(UPDATE_WORK_POOL, { params: { name }, body })),
    removePool: async (name) => void (await plane.ask(DELETE_WORK_POOL, { params: { name } })),
    async listQueues(pool, page) {
      if (pool === null) return await plane.list(LIST_QUEUES, {}, page);
      return await plane.list(LIST_QUEUES_IN_POOL, {}, { ...page, params: { work_pool_name: pool } });
    },
    readQueue: (pool, name) => plane.find(READ_QUEUE_IN_POOL, { work_pool_name: pool, name }),
    // The pool of agents is made with its first queue.
    createQueue: (pool, body) =>
      pool === AGENT_POOL_NAME
        ? plane.ask(CREATE_QUEUE, { body })
        : plane.ask(CREATE_QUEUE_IN_POOL, { params: { work_pool_name: pool }, body }),
    pauseQueue: async (id, isPaused) =>
      void (await plane.ask(UPDATE_QUEUE, { params: { id }, body: { is_paused: isPaused } })),
    removeQueue: async (id) => void (await plane.ask(DELETE_QUEUE, { params: { id } })),
    listWorkers: (pool, page) => plane.list(LIST_WORKERS, {}, { ...page, params: { work_pool_name: pool } }),
  };
}
