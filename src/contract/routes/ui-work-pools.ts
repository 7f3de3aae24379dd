/** What our own pages ask for of work pools, a request a page. */

import { workPoolFilter } from '../filter/infrastructure.ts';
import { Limit, Maybe, Offset, Parts, type RouteContract } from '../route.ts';
import { Count, DateTime, Nullable, Uuid, Whole } from '../schema/scalars.ts';
import { Type } from '../type.ts';
import { WorkPool } from '../work-pool.ts';
import { Readiness, WorkQueue } from '../work-queue.ts';
import { Worker } from '../worker.ts';
import { FlowRunRow, RECENT_RUNS_MAX, RecentRun } from './ui-pages.ts';

const tag = 'Pages';

/** How many of its runs are Pending or Running, and how many wait though their time has come a while ago. */
const Load = { active_run_count: Count, late_run_count: Count };

export const UI_WORK_POOLS_PAGE = {
  method: 'POST',
  path: '/ui/pages/work_pools',
  name: 'read_work_pools_page',
  tag,
  summary: 'The page of work pools: who takes their runs, what they do now, their newest runs',
  body: Parts({
    work_pools: Maybe(workPoolFilter.schema),
    limit: Limit,
    offset: Offset,
    recent_runs: Maybe(Whole({ minimum: 0, maximum: RECENT_RUNS_MAX })),
  }),
  answers: {
    200: Type.Object({
      as_of: DateTime,
      work_pools: Type.Array(
        Type.Object({
          id: Uuid,
          name: Type.String(),
          type: Type.String(),
          description: Nullable(Type.String()),
          is_paused: Type.Boolean(),
          status: Nullable(Readiness),
          concurrency_limit: Nullable(Count),
          ...Load,
          queue_count: Count,
          online_worker_count: Count,
          deployment_count: Count,
          /** The newest that have begun, newest first. */
          runs: Type.Array(RecentRun),
        }),
      ),
      count: Count,
    }),
  },
} as const satisfies RouteContract;

export const UI_WORK_POOL_PAGE = {
  method: 'GET',
  path: '/ui/pages/work_pools/{name}',
  name: 'read_work_pool_page',
  tag,
  summary: 'A work pool: its queues, its workers, its runs that are under way, that wait, and that are over',
  answers: {
    200: Type.Object({
      as_of: DateTime,
      pool: WorkPool,
      /** By priority. */
      queues: Type.Array(Type.Object({ queue: WorkQueue, ...Load })),
      /** The 50 that were heard of last. */
      workers: Type.Array(Worker),
      worker_count: Count,
      deployment_count: Count,
      ...Load,
      /** The first 50 of those that are Pending or Running, with their process as whoever started it names it. */
      active: Type.Array(
        Type.Object({
          run: FlowRunRow,
          work_queue_name: Nullable(Type.String()),
          process: Nullable(Type.String()),
          /** `null`: whoever took it does not say, as workers of Prefect. */
          worker_name: Nullable(Type.String()),
        }),
      ),
      /** Runs that wait for their time, the first ten. */
      waiting: Type.Array(FlowRunRow),
      waiting_count: Count,
      /** The newest 20 that have begun. */
      runs: Type.Array(FlowRunRow),
      run_count: Count,
    }),
  },
} as const satisfies RouteContract;
