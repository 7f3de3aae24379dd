/** Work pools, their queues and workers: what their pages show, and what is done with them there. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { FlowRunRow, RecentRun } from '../../src/contract/routes/ui-pages.ts';
import type { WorkPool } from '../../src/contract/work-pool.ts';
import type { WorkQueue } from '../../src/contract/work-queue.ts';
import type { Worker } from '../../src/contract/worker.ts';
import { deleteAt, getJson, patchJson, postJson } from './http.ts';

export type { Worker };

interface Load {
  /** Pending or Running. */
  readonly active_run_count: number;
  readonly late_run_count: number;
}

export interface WorkPoolRow extends Load {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
  readonly is_paused: boolean;
  readonly status: 'READY' | 'NOT_READY' | 'PAUSED' | null;
  readonly concurrency_limit: number | null;
  readonly queue_count: number;
  readonly online_worker_count: number;
  readonly deployment_count: number;
  readonly runs: readonly RecentRun[];
}

export interface WorkPoolsPage {
  readonly as_of: string;
  readonly work_pools: readonly WorkPoolRow[];
  readonly count: number;
}

export function workPoolsPageQuery(page: {
  readonly limit: number;
  readonly offset: number;
  readonly recentRuns: number;
}) {
  const { recentRuns, ...rest } = page;
  return queryOptions({
    queryKey: ['work-pools', 'page', page],
    queryFn: ({ signal }) =>
      postJson<WorkPoolsPage>('/ui/pages/work_pools', { ...rest, recent_runs: recentRuns }, { signal }),
    placeholderData: keepPreviousData,
  });
}

export interface QueueInPool extends Load {
  readonly queue: WorkQueue;
}

export interface ActiveRun {
  readonly run: FlowRunRow;
  readonly work_queue_name: string | null;
  /** As whoever started it names its process, container or job. */
  readonly process: string | null;
  /** `null`: whoever took it does not say. */
  readonly worker_name: string | null;
}

export interface WorkPoolPageData extends Load {
  readonly as_of: string;
  readonly pool: WorkPool;
  readonly queues: readonly QueueInPool[];
  readonly workers: readonly Worker[];
  readonly worker_count: number;
  readonly deployment_count: number;
  readonly active: readonly ActiveRun[];
  readonly waiting: readonly FlowRunRow[];
  readonly waiting_count: number;
  readonly runs: readonly FlowRunRow[];
  readonly run_count: number;
}

export function workPoolPageQuery(name: string) {
  return queryOptions({
    queryKey: ['work-pools', 'one', name],
    queryFn: ({ signal }) => getJson<WorkPoolPageData>(`/ui/pages/work_pools/${encodeURIComponent(name)}`, { signal }),
  });
}

const poolPath = (pool: string): string => `/work_pools/${encodeURIComponent(pool)}`;
const queuePath = (pool: string, queue: string): string => `${poolPath(pool)}/queues/${encodeURIComponent(queue)}`;

export interface PoolChange {
  readonly is_paused?: boolean;
  readonly description?: string | null;
  /** `null`: none. */
  readonly concurrency_limit?: number | null;
}

export async function changePool(pool: string, change: PoolChange): Promise<void> {
  await patchJson(poolPath(pool), change);
}

export async function deletePool(pool: string): Promise<void> {
  await deleteAt(poolPath(pool));
}

export interface QueueChange extends PoolChange {
  /** From 1, which comes first. */
  readonly priority?: number;
}

export async function changeQueue(pool: string, queue: string, change: QueueChange): Promise<void> {
  await patchJson(queuePath(pool, queue), change);
}

export async function deleteQueue(pool: string, queue: string): Promise<void> {
  await deleteAt(queuePath(pool, queue));
}

export async function forgetWorker(pool: string, worker: string): Promise<void> {
  await deleteAt(`${poolPath(pool)}/workers/${encodeURIComponent(worker)}`);
}
