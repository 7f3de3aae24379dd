import { Type } from '../type.ts';

import { Nullable, Whole } from '../schema/scalars.ts';
import { BULKY_BODY } from '../json-bounds.ts';
import type { RouteContract } from '../route.ts';
import { FlowRun } from '../schema/flow-run.ts';
import { State } from '../schema/state.ts';
import { FlowRunCreate, FlowRunUpdate, LabelsIn, Resume, SetState } from '../body/flow-run.ts';
import { Explanation } from '../schema/explanation.ts';

const tag = 'Flow runs';

/** What a proposed state is answered with. */
export const OrchestrationResult = Type.Object({
  state: Nullable(State),
  status: Type.Union([Type.Literal('ACCEPT'), Type.Literal('REJECT'), Type.Literal('WAIT'), Type.Literal('ABORT')]),
  details: Type.Union([
    Type.Object({ type: Type.Literal('accept_details') }),
    Type.Object({ type: Type.Literal('reject_details'), reason: Nullable(Type.String()) }),
    Type.Object({ type: Type.Literal('wait_details'), delay_seconds: Whole(), reason: Nullable(Type.String()) }),
    Type.Object({ type: Type.Literal('abort_details'), reason: Nullable(Type.String()) }),
  ]),
});

export const CREATE_FLOW_RUN = {
  method: 'POST',
  path: '/flow_runs/',
  name: 'create_flow_run',
  tag,
  summary: 'Create a flow run; answers the one that has the idempotency key if there is one',
  body: FlowRunCreate,
  bodyLimits: BULKY_BODY,
  answers: { 201: FlowRun, 200: FlowRun },
} as const satisfies RouteContract;

export const READ_FLOW_RUN = {
  method: 'GET',
  path: '/flow_runs/{id}',
  name: 'read_flow_run',
  tag,
  summary: 'Read a flow run',
  answers: { 200: FlowRun },
} as const satisfies RouteContract;

export const UPDATE_FLOW_RUN = {
  method: 'PATCH',
  path: '/flow_runs/{id}',
  name: 'update_flow_run',
  tag,
  summary: 'Change a flow run',
  body: FlowRunUpdate,
  bodyLimits: BULKY_BODY,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_FLOW_RUN = {
  method: 'DELETE',
  path: '/flow_runs/{id}',
  name: 'delete_flow_run',
  tag,
  summary: 'Delete a flow run with all that belongs to it',
  answers: { 204: null },
} as const satisfies RouteContract;

export const SET_FLOW_RUN_STATE = {
  method: 'POST',
  path: '/flow_runs/{id}/set_state',
  name: 'set_flow_run_state',
  tag,
  summary: 'Propose a state',
  body: SetState,
  bodyLimits: BULKY_BODY,
  answers: { 201: OrchestrationResult, 200: OrchestrationResult },
} as const satisfies RouteContract;

export const RESUME_FLOW_RUN = {
  method: 'POST',
  path: '/flow_runs/{id}/resume',
  name: 'resume_flow_run',
  tag,
  summary: 'Let a paused flow run go on, with the input that it asked for',
  body: Resume,
  isBodyOptional: true,
  answers: { 201: OrchestrationResult, 200: OrchestrationResult },
} as const satisfies RouteContract;

export const UPDATE_FLOW_RUN_LABELS = {
  method: 'PATCH',
  path: '/flow_runs/{id}/labels',
  name: 'update_flow_run_labels',
  tag,
  summary: 'Add labels to a flow run',
  body: LabelsIn,
  answers: { 204: null },
} as const satisfies RouteContract;

export const EXPLAIN_FLOW_RUN = {
  method: 'GET',
  path: '/flow_runs/{id}/why',
  name: 'explain_flow_run',
  tag,
  summary: 'Why the flow run is as it is',
  answers: { 200: Explanation },
} as const satisfies RouteContract;

export const DOWNLOAD_FLOW_RUN_LOGS = {
  method: 'GET',
  path: '/flow_runs/{id}/logs/download',
  name: 'download_logs',
  tag,
  summary: 'All logs of a flow run, as CSV',
  answers: { 200: Type.String() },
  answerType: 'text/csv',
} as const satisfies RouteContract;
