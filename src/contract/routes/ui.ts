/** What Prefect's pages ask for beside the rest. */

import { Type } from '../type.ts';

import { Maybe, Offset, Parts, type RouteContract } from '../route.ts';
import { CountById, IdsIn } from '../body/list.ts';
import { workQueueFilter } from '../filter/infrastructure.ts';
import { flowFilters, taskRunFilters } from '../filter/related.ts';
import { taskRunFilter } from '../filter/runs.ts';
import { flowRunSorts } from '../filter/sort.ts';
import { DateTime, Nullable, Seconds, Uuid, Whole } from '../schema/scalars.ts';
import { StateType } from '../schema/state.ts';
import { TaskRun } from '../schema/task-run.ts';

const tag = 'Pages';

export const UI_FLOW_RUN_HISTORY = {
  method: 'POST',
  path: '/ui/flow_runs/history',
  name: 'read_flow_run_history',
  tag,
  summary: 'Flow runs as points in time',
  body: Parts({
    ...flowFilters,
    sort: flowRunSorts.schema,
    limit: Maybe(Whole({ minimum: 0, maximum: 1000 })),
    offset: Offset,
  }),
  isBodyOptional: true,
  answers: {
    200: Type.Array(
      Type.Object({
        id: Uuid,
        state_type: StateType,
        timestamp: Nullable(DateTime),
        duration: Seconds,
        lateness: Seconds,
      }),
    ),
  },
} as const satisfies RouteContract;

export const UI_COUNT_TASK_RUNS = {
  method: 'POST',
  path: '/ui/flow_runs/count-task-runs',
  name: 'count_task_runs_by_flow_run',
  tag,
  summary: 'Task runs of flow runs, without those that stand for subflows',
  body: Parts({ flow_run_ids: IdsIn }),
  answers: { 200: CountById },
} as const satisfies RouteContract;

export const UI_COUNT_DEPLOYMENTS = {
  method: 'POST',
  path: '/ui/flows/count-deployments',
  name: 'count_deployments_by_flow',
  tag,
  summary: 'Deployments of flows',
  body: Parts({ flow_ids: IdsIn }),
  answers: { 200: CountById },
} as const satisfies RouteContract;

export const UI_NEXT_RUNS = {
  method: 'POST',
  path: '/ui/flows/next-runs',
  name: 'next_runs_by_flow',
  tag,
  summary: 'The next scheduled run of flows',
  body: Parts({ flow_ids: IdsIn }),
  answers: {
    200: Type.Record(
      Type.String(),
      Nullable(
        Type.Object({
          id: Uuid,
          flow_id: Uuid,
          name: Type.String(),
          state_name: Type.String(),
          state_type: StateType,
          next_scheduled_start_time: DateTime,
        }),
      ),
    ),
  },
} as const satisfies RouteContract;

export const UI_TASK_RUN_COUNTS = {
  method: 'POST',
  path: '/ui/task_runs/dashboard/counts',
  name: 'read_dashboard_task_run_counts',
  tag,
  summary: 'Finished task runs in 20 intervals of time',
  body: Parts({ ...flowFilters, work_queues: Maybe(workQueueFilter.schema), task_runs: taskRunFilter.schema }),
  answers: { 200: Type.Array(Type.Object({ completed: Whole(), failed: Whole() })) },
} as const satisfies RouteContract;

export const UI_COUNT_TASK_RUNS_BY_STATE = {
  method: 'POST',
  path: '/ui/task_runs/count',
  name: 'read_task_run_counts_by_state',
  tag,
  summary: 'Task runs by type of state',
  body: Parts(taskRunFilters),
  isBodyOptional: true,
  answers: { 200: CountById },
} as const satisfies RouteContract;

export const UI_READ_TASK_RUN = {
  method: 'GET',
  path: '/ui/task_runs/{id}',
  name: 'read_task_run_with_flow_run_name',
  tag,
  summary: 'Read a task run with the name of its flow run',
  answers: { 200: Type.Object({ ...TaskRun.properties, flow_run_name: Nullable(Type.String()) }) },
} as const satisfies RouteContract;
