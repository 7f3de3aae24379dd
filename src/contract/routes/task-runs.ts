import { BULKY_BODY } from '../json-bounds.ts';
import type { RouteContract } from '../route.ts';
import { SetState } from '../body/flow-run.ts';
import { TaskRunCreate, TaskRunUpdate } from '../body/task-run.ts';
import { Explanation } from '../schema/explanation.ts';
import { TaskRun } from '../schema/task-run.ts';
import { OrchestrationResult } from './flow-runs.ts';

const tag = 'Task runs';

export const CREATE_TASK_RUN = {
  method: 'POST',
  path: '/task_runs/',
  name: 'create_task_run',
  tag,
  summary: 'Create a task run; answers the one of the same flow run, task key and dynamic key if there is one',
  body: TaskRunCreate,
  bodyLimits: BULKY_BODY,
  answers: { 201: TaskRun, 200: TaskRun },
} as const satisfies RouteContract;

export const READ_TASK_RUN = {
  method: 'GET',
  path: '/task_runs/{id}',
  name: 'read_task_run',
  tag,
  summary: 'Read a task run',
  answers: { 200: TaskRun },
} as const satisfies RouteContract;

export const UPDATE_TASK_RUN = {
  method: 'PATCH',
  path: '/task_runs/{id}',
  name: 'update_task_run',
  tag,
  summary: 'Rename a task run',
  body: TaskRunUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_TASK_RUN = {
  method: 'DELETE',
  path: '/task_runs/{id}',
  name: 'delete_task_run',
  tag,
  summary: 'Delete a task run with all that belongs to it',
  answers: { 204: null },
} as const satisfies RouteContract;

export const SET_TASK_RUN_STATE = {
  method: 'POST',
  path: '/task_runs/{id}/set_state',
  name: 'set_task_run_state',
  tag,
  summary: 'Propose a state',
  body: SetState,
  bodyLimits: BULKY_BODY,
  answers: { 201: OrchestrationResult, 200: OrchestrationResult },
} as const satisfies RouteContract;

export const EXPLAIN_TASK_RUN = {
  method: 'GET',
  path: '/task_runs/{id}/why',
  name: 'explain_task_run',
  tag,
  summary: 'Why the task run is as it is',
  answers: { 200: Explanation },
} as const satisfies RouteContract;
