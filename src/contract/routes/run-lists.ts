/** Lists, counts and histories of flow runs and task runs, and their states. */

import { Type } from '../type.ts';

import { Maybe, Parts, UuidIn, type RouteContract } from '../route.ts';
import { bulk, DeletedIds, History, history, MaybeNumber, numbered, page, Paginated } from '../body/list.ts';
import { StateCreate } from '../body/state.ts';
import { flowRunFilters, taskRunFilters } from '../filter/related.ts';
import { flowRunFilter } from '../filter/runs.ts';
import { flowRunSorts, taskRunSorts } from '../filter/sort.ts';
import { workQueueFilter } from '../filter/infrastructure.ts';
import { FlowRun } from '../schema/flow-run.ts';
import { State } from '../schema/state.ts';
import { TaskRun } from '../schema/task-run.ts';
import { OrchestrationResult } from './flow-runs.ts';
import { Whole } from '../schema/scalars.ts';

const flowRuns = 'Flow runs';
const taskRuns = 'Task runs';

export const FILTER_FLOW_RUNS = {
  method: 'POST',
  path: '/flow_runs/filter',
  name: 'read_flow_runs',
  tag: flowRuns,
  summary: 'List flow runs',
  body: Parts({ ...flowRunFilters, sort: flowRunSorts.schema, ...page }),
  isBodyOptional: true,
  answers: { 200: Type.Array(FlowRun) },
} as const satisfies RouteContract;

export const COUNT_FLOW_RUNS = {
  method: 'POST',
  path: '/flow_runs/count',
  name: 'count_flow_runs',
  tag: flowRuns,
  summary: 'Count flow runs',
  body: Parts(flowRunFilters),
  isBodyOptional: true,
  answers: { 200: Whole() },
} as const satisfies RouteContract;

export const PAGINATE_FLOW_RUNS = {
  method: 'POST',
  path: '/flow_runs/paginate',
  name: 'paginate_flow_runs',
  tag: flowRuns,
  summary: 'List flow runs page by page',
  body: Parts({ ...flowRunFilters, sort: flowRunSorts.schema, ...numbered }),
  isBodyOptional: true,
  answers: { 200: Paginated(FlowRun) },
} as const satisfies RouteContract;

export const FLOW_RUN_HISTORY = {
  method: 'POST',
  path: '/flow_runs/history',
  name: 'flow_run_history',
  tag: flowRuns,
  summary: 'Flow runs by interval of time and state, at most 500 intervals',
  // Here the queues go by their other name.
  body: Parts({ ...history, ...flowRunFilters, work_queues: Maybe(workQueueFilter.schema) }),
  answers: { 200: History },
} as const satisfies RouteContract;

export const FLOW_RUN_LATENESS = {
  method: 'POST',
  path: '/flow_runs/lateness',
  name: 'average_flow_run_lateness',
  tag: flowRuns,
  summary: 'Seconds by which flow runs are late on average',
  body: Parts(flowRunFilters),
  isBodyOptional: true,
  answers: { 200: MaybeNumber },
} as const satisfies RouteContract;

export const DELETE_FLOW_RUNS = {
  method: 'POST',
  path: '/flow_runs/bulk_delete',
  name: 'bulk_delete_flow_runs',
  tag: flowRuns,
  summary: 'Delete flow runs that a filter finds, at most 50',
  body: Parts({ flow_runs: Maybe(flowRunFilter.schema), ...bulk }),
  isBodyOptional: true,
  answers: { 200: DeletedIds },
} as const satisfies RouteContract;

export const SET_FLOW_RUN_STATES = {
  method: 'POST',
  path: '/flow_runs/bulk_set_state',
  name: 'bulk_set_flow_run_state',
  tag: flowRuns,
  summary: 'Propose a state for flow runs that a filter finds, at most 50',
  body: Parts({ flow_runs: Maybe(flowRunFilter.schema), state: StateCreate, force: Maybe(Type.Boolean()), ...bulk }),
  answers: {
    200: Type.Object({
      results: Type.Array(Type.Object({ flow_run_id: Type.String(), ...OrchestrationResult.properties })),
    }),
  },
} as const satisfies RouteContract;

export const READ_FLOW_RUN_STATES = {
  method: 'GET',
  path: '/flow_run_states/',
  name: 'read_flow_run_states',
  tag: 'Flow run states',
  summary: 'The states of a flow run, oldest first',
  query: { flow_run_id: UuidIn },
  answers: { 200: Type.Array(State) },
} as const satisfies RouteContract;

export const READ_FLOW_RUN_STATE = {
  method: 'GET',
  path: '/flow_run_states/{id}',
  name: 'read_flow_run_state',
  tag: 'Flow run states',
  summary: 'Read a state of a flow run',
  answers: { 200: State },
} as const satisfies RouteContract;

export const FILTER_TASK_RUNS = {
  method: 'POST',
  path: '/task_runs/filter',
  name: 'read_task_runs',
  tag: taskRuns,
  summary: 'List task runs',
  body: Parts({ ...taskRunFilters, sort: taskRunSorts.schema, ...page }),
  isBodyOptional: true,
  answers: { 200: Type.Array(TaskRun) },
} as const satisfies RouteContract;

export const COUNT_TASK_RUNS = {
  method: 'POST',
  path: '/task_runs/count',
  name: 'count_task_runs',
  tag: taskRuns,
  summary: 'Count task runs',
  body: Parts(taskRunFilters),
  isBodyOptional: true,
  answers: { 200: Whole() },
} as const satisfies RouteContract;

export const PAGINATE_TASK_RUNS = {
  method: 'POST',
  path: '/task_runs/paginate',
  name: 'paginate_task_runs',
  tag: taskRuns,
  summary: 'List task runs page by page',
  body: Parts({ ...taskRunFilters, sort: taskRunSorts.schema, ...numbered }),
  isBodyOptional: true,
  answers: { 200: Paginated(TaskRun) },
} as const satisfies RouteContract;

export const TASK_RUN_HISTORY = {
  method: 'POST',
  path: '/task_runs/history',
  name: 'task_run_history',
  tag: taskRuns,
  summary: 'Task runs by interval of time and state, at most 500 intervals',
  body: Parts({ ...history, ...taskRunFilters }),
  answers: { 200: History },
} as const satisfies RouteContract;

export const READ_TASK_RUN_STATES = {
  method: 'GET',
  path: '/task_run_states/',
  name: 'read_task_run_states',
  tag: 'Task run states',
  summary: 'The states of a task run, oldest first',
  query: { task_run_id: UuidIn },
  answers: { 200: Type.Array(State) },
} as const satisfies RouteContract;

export const READ_TASK_RUN_STATE = {
  method: 'GET',
  path: '/task_run_states/{id}',
  name: 'read_task_run_state',
  tag: 'Task run states',
  summary: 'Read a state of a task run',
  answers: { 200: State },
} as const satisfies RouteContract;
