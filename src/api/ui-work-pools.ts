/** What our own pages ask for of work pools: see `contract/routes/ui-work-pools.ts`. */

import { workPoolFilter } from '../contract/filter/infrastructure.ts';
import { flowRunSorts } from '../contract/filter/sort.ts';
import { UI_WORK_POOL_PAGE, UI_WORK_POOLS_PAGE } from '../contract/routes/ui-work-pools.ts';
import { encodeWorkPool } from '../contract/work-pool.ts';
import { encodeWorkQueue } from '../contract/work-queue.ts';
import { encodeWorker } from '../contract/worker.ts';
import { allOf, EVERYTHING, type Condition } from '../core/query.ts';
import { formatInstant } from '../core/time.ts';
import type { WorkPool, WorkQueue } from '../core/work-pool.ts';
import { WORKER_LABEL } from '../orchestrator/claim-flow-run.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { queryOf } from './lists.ts';
import { found, ok, operation, type Operation } from './operation.ts';
import {
  HAS_BEGUN,
  RECENT_RUNS_DEFAULT,
  RUNS_SHOWN,
  SOONEST,
  WAITING_SHOWN,
  WAITS,
  recentOf,
  rowOf,
  type PageParts,
} from './ui-rows.ts';

const ACTIVE_SHOWN = 50;
const WORKERS_SHOWN = 50;

const IS_ACTIVE: Condition = { op: 'in', field: 'stateType', values: ['PENDING', 'RUNNING'] };
const IS_ONLINE: Condition = { op: 'eq', field: 'status', value: 'ONLINE' };
const BY_NAME = [{ field: 'name', direction: 'asc' }] as const;
const OLDEST = [{ field: 'id', direction: 'asc' }] as const;
const HEARD_LAST = [{ field: 'lastHeartbeat', direction: 'desc' }] as const;

export function uiWorkPoolPageOperations({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_WORK_POOLS_PAGE, async ({ body }) => {
      const asOf = formatInstant(clock.now());
      const where = body.work_pools ? workPoolFilter.condition(body.work_pools) : EVERYTHING;
      const pools = await useCases.find('work_pool', queryOf(where, BY_NAME, body));
      const rows: unknown[] = [];
      for (const pool of pools) {
        const queues = (await useCases.readWorkPool({ id: pool.id }))?.queues ?? [];
        const runs = await newestRuns(useCases, queues, body.recent_runs ?? RECENT_RUNS_DEFAULT);
        rows.push({
          id: pool.id,
          name: pool.name,
          type: pool.type,
          description: pool.description,
          is_paused: pool.isPaused,
          status: pool.status,
          concurrency_limit: pool.concurrencyLimit,
          ...sumOf([...(await loadsOf(useCases, queues)).values()]),
          queue_count: queues.length,
          online_worker_count: await useCases.count('worker', workersOf(pool, IS_ONLINE)),
          deployment_count: await countDeployments(useCases, queues),
          runs: runs.map(recentOf),
        });
      }
      return ok({ as_of: asOf, work_pools: rows, count: await useCases.count('work_pool', where) });
    }),
    operation(UI_WORK_POOL_PAGE, async ({ params }) => {
      const now = clock.now();
      const { pool, queues } = found(await useCases.readWorkPool({ name: params['name'] ?? '' }), 'Work pool');
      const loads = await loadsOf(useCases, queues);
      const all = sumOf([...loads.values()]);
      const slots = await useCases.countSlots(queues);
      const find = (more: Condition, sort: Parameters<typeof queryOf>[1], limit: number) =>
        useCases.find('flow_run', queryOf(runsIn(queues, more), sort, { limit }));
      const workers = await useCases.find('worker', queryOf(workersOf(pool), HEARD_LAST, { limit: WORKERS_SHOWN }));
      return ok({
        as_of: formatInstant(now),
        pool: encodeWorkPool(
          pool,
          [...slots.values()].reduce((sum, count) => sum + count, 0),
        ),
        queues: queues.map((queue) => {
          const load = loads.get(queue.id) ?? NO_LOAD;
          return { queue: encodeWorkQueue(queue, pool.name, slots.get(queue.id) ?? 0), ...load };
        }),
        workers: workers.map(encodeWorker),
        worker_count: await useCases.count('worker', workersOf(pool)),
        deployment_count: await countDeployments(useCases, queues),
        ...all,
        active: (await find(IS_ACTIVE, OLDEST, ACTIVE_SHOWN)).map((run) => ({
          run: rowOf(run),
          work_queue_name: run.submission?.workQueueName ?? null,
          process: run.submission?.infrastructurePid ?? null,
          worker_name: textOf(run.labels[WORKER_LABEL]),
        })),
        waiting: (await find(WAITS, SOONEST, WAITING_SHOWN)).map(rowOf),
        waiting_count: await useCases.count('flow_run', runsIn(queues, WAITS)),
        runs: (await newestRuns(useCases, queues, RUNS_SHOWN)).map(rowOf),
        run_count: await useCases.count('flow_run', runsIn(queues, HAS_BEGUN)),
      });
    }),
  ];
}

function textOf(label: unknown): string | null {
  return typeof label === 'string' ? label : null;
}

interface Load {
  readonly active_run_count: number;
  readonly late_run_count: number;
}
const NO_LOAD: Load = Object.freeze({ active_run_count: 0, late_run_count: 0 });

async function loadsOf(useCases: UseCases, queues: readonly WorkQueue[]): Promise<ReadonlyMap<string, Load>> {
  // By state: whoever has told of a run as Running took no slot for it.
  const active = await useCases.countBy('flow_run', 'workQueueId', runsIn(queues, IS_ACTIVE));
  const loads = new Map<string, Load>();
  for (const queue of queues)
    loads.set(queue.id, {
      active_run_count: active.get(queue.id) ?? 0,
      late_run_count: await useCases.countLateRuns(queue),
    });
  return loads;
}

function sumOf(loads: readonly Load[]): Load {
  return loads.reduce(
    (sum, { active_run_count: active, late_run_count: late }) => ({
      active_run_count: sum.active_run_count + active,
      late_run_count: sum.late_run_count + late,
    }),
    NO_LOAD,
  );
}

function inQueues(queues: readonly WorkQueue[]): Condition {
  return { op: 'in', field: 'workQueueId', values: queues.map(({ id }) => id) };
}

function runsIn(queues: readonly WorkQueue[], more: Condition): Condition {
  return allOf([inQueues(queues), more]);
}

function newestRuns(useCases: UseCases, queues: readonly WorkQueue[], limit: number) {
  return useCases.find(
    'flow_run',
    queryOf(runsIn(queues, HAS_BEGUN), flowRunSorts.of('EXPECTED_START_TIME_DESC'), { limit }),
  );
}

function workersOf({ id }: WorkPool, ...more: readonly Condition[]): Condition {
  return allOf([{ op: 'eq', field: 'workPoolId', value: id }, ...more]);
}

function countDeployments(useCases: UseCases, queues: readonly WorkQueue[]) {
  return useCases.count('deployment', inQueues(queues));
}
