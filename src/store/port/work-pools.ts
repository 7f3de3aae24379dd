/** Work pools with their queues, and workers. Lists of them are found by condition (`QueryStorage.find`). */

import type { OutboxEvent } from '../../core/event.ts';
import type { WorkPoolId, WorkQueueId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Worker, WorkPool, WorkQueue } from '../../core/work-pool.ts';

/** By name, by id, or by the id of one of its queues. */
export type WorkPoolKey = { readonly name: string } | { readonly id: WorkPoolId } | { readonly queueId: WorkQueueId };

export interface WorkPoolFacts {
  readonly pool: WorkPool;
  /** All of the pool, by priority. */
  readonly queues: readonly WorkQueue[];
  readonly hasOnlineWorker: boolean;
}

export interface WorkPoolChange<Answer> {
  /** `null` deletes the pool with its queues and workers. */
  readonly pool?: WorkPool | null;
  /** New ones and changed ones. */
  readonly queues?: readonly WorkQueue[];
  readonly deletedQueues?: readonly WorkQueueId[];
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface WorkerFacts {
  readonly pool: WorkPool;
  readonly worker: Worker | null;
}

export interface WorkerChange<Answer> {
  /** `null` deletes it. */
  readonly worker?: Worker | null;
  readonly pool?: WorkPool;
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface WorkPoolStorage {
  readWorkPool(key: WorkPoolKey): MaybePromise<WorkPoolFacts | null>;
  /**
   * Runs of queues that are deleted have no queue from then on; they remember its name. `conflict` for a pool, or a
   * queue of the pool, whose name is another's.
   */
  changeWorkPool<Answer>(
    key: WorkPoolKey,
    change: (facts: WorkPoolFacts | null) => WorkPoolChange<Answer>,
  ): MaybePromise<Answer>;
  /** `null` is handed over where there is no such pool. */
  changeWorker<Answer>(
    key: { readonly pool: WorkPoolKey; readonly name: string },
    change: (facts: WorkerFacts | null) => WorkerChange<Answer>,
  ): MaybePromise<Answer>;
}
