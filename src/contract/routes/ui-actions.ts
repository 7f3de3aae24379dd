/**
 * What people do to a run on our own pages. A GET tells what would become of it, the POST of the same path does it.
 *
 * Who does something has looked at the run before: `seen_state_id` is the state in which it was seen. A run that has
 * moved on meanwhile is left as it is (409), so a button that is pressed twice, or in two tabs, does one thing.
 */

import { Type } from '../type.ts';

import { BULKY_BODY } from '../json-bounds.ts';
import { Action, Maybe, type RouteContract } from '../route.ts';
import { Count, Json, Nullable, Uuid } from '../schema/scalars.ts';
import { StateType } from '../schema/state.ts';

const tag = 'Pages';
const SeenStateId = Uuid;
const FlowRunRef = Type.Object({ id: Uuid, name: Type.String() });
/** As it is now that it was done. */
const Moved = Type.Object({ id: Uuid, state_id: Uuid, state_type: StateType, state_name: Type.String() });

export const MESSAGE_CHARACTERS_MAX = 4000;
/** Lines of a plan that the page shows; the counts are of all. */
export const PLAN_LINES_MAX = 200;

export const UI_FORETELL_RETRY = {
  method: 'GET',
  path: '/ui/flow_runs/{id}/retry',
  name: 'foretell_retry',
  tag,
  summary: 'What a retry of a flow run would do, and who would do it',
  answers: {
    200: Type.Object({
      /** `process`: somebody has to start one. `worker`: it waits for one. `never`: this run is not retried. */
      way: Type.Union([Type.Literal('process'), Type.Literal('worker'), Type.Literal('never')]),
      reason: Nullable(Type.String()),
      /** The flow run that is retried in its place. */
      root: Nullable(FlowRunRef),
      /** The words of the command line, to be started by a person. */
      command: Nullable(Type.Array(Type.String())),
      /** From the record alone, if the code is what it was. `null`: only its client knows. */
      plan: Nullable(
        Type.Object({
          counts: Type.Object({ reuse: Count, run_again: Count, orphaned: Count }),
          lines: Type.Array(
            Type.Object({
              task_run_id: Uuid,
              name: Type.String(),
              runs: Count,
              action: Type.Union([Type.Literal('reuse'), Type.Literal('run_again'), Type.Literal('orphaned')]),
              reason: Type.String(),
            }),
          ),
          lines_left_out: Count,
        }),
      ),
    }),
  },
} as const satisfies RouteContract;

export const UI_RETRY = {
  method: 'POST',
  path: '/ui/flow_runs/{id}/retry',
  name: 'retry_seen_flow_run',
  tag,
  summary: 'Let a flow run of a deployment wait for a worker again',
  body: Action({ seen_state_id: SeenStateId }),
  answers: { 200: Moved },
} as const satisfies RouteContract;

export const UI_FORETELL_CANCEL = {
  method: 'GET',
  path: '/ui/flow_runs/{id}/cancel',
  name: 'foretell_cancelling',
  tag,
  summary: 'Who would stop a flow run if it were cancelled',
  answers: { 200: Type.Object({ asks: Nullable(Type.String()), becomes: StateType, force: Nullable(Type.String()) }) },
} as const satisfies RouteContract;

export const UI_CANCEL = {
  method: 'POST',
  path: '/ui/flow_runs/{id}/cancel',
  name: 'cancel_seen_flow_run',
  tag,
  summary: 'Ask whoever runs a flow run to stop it, or mark it Cancelled by force',
  body: Action({ force: Maybe(Type.Boolean()) }),
  answers: { 200: Moved },
} as const satisfies RouteContract;

export const UI_FORETELL_DELETE = {
  method: 'GET',
  path: '/ui/flow_runs/{id}/delete',
  name: 'foretell_deletion',
  tag,
  summary: 'How much would go if a flow run were deleted',
  answers: {
    200: Type.Object({ task_runs: Count, subflow_runs: Count, logs: Count, artifacts: Count, is_more: Type.Boolean() }),
  },
} as const satisfies RouteContract;

export const UI_DELETE = {
  method: 'POST',
  path: '/ui/flow_runs/{id}/delete',
  name: 'delete_seen_flow_run',
  tag,
  summary: 'Delete a flow run that is over, with all that belongs to it',
  body: Action({ seen_state_id: SeenStateId }),
  answers: { 204: null },
} as const satisfies RouteContract;

const Mark = Action({
  seen_state_id: SeenStateId,
  type: Type.Union([
    Type.Literal('COMPLETED'),
    Type.Literal('FAILED'),
    Type.Literal('CANCELLED'),
    Type.Literal('CRASHED'),
  ]),
  message: Maybe(Type.String({ maxLength: MESSAGE_CHARACTERS_MAX })),
  force: Maybe(Type.Boolean()),
});

export const UI_MARK_FLOW_RUN = {
  method: 'POST',
  path: '/ui/flow_runs/{id}/mark',
  name: 'mark_seen_flow_run',
  tag,
  summary: 'Say what became of a flow run: it stops nothing',
  body: Mark,
  answers: { 200: Moved },
} as const satisfies RouteContract;

export const UI_MARK_TASK_RUN = {
  method: 'POST',
  path: '/ui/task_runs/{id}/mark',
  name: 'mark_seen_task_run',
  tag,
  summary: 'Say what became of a task run: it stops nothing',
  body: Mark,
  answers: { 200: Moved },
} as const satisfies RouteContract;

export const UI_RESUME_FORM = {
  method: 'GET',
  path: '/ui/flow_runs/{id}/resume',
  name: 'read_resume_form',
  tag,
  summary: 'What a paused flow run asks for before it goes on',
  answers: {
    200: Type.Object({
      asks: Type.Boolean(),
      /** JSON schema as the run left it, numbers as written; `null` where it left none, or none that is JSON. */
      schema: Nullable(Json),
      /** Markdown. */
      description: Nullable(Type.String()),
    }),
  },
} as const satisfies RouteContract;

export const UI_RESUME = {
  method: 'POST',
  path: '/ui/flow_runs/{id}/resume',
  name: 'resume_seen_flow_run',
  tag,
  summary: 'Let a paused flow run go on, with what it asked for',
  body: Action({ seen_state_id: SeenStateId, run_input: Maybe(Type.Record(Type.String(), Json)) }),
  bodyLimits: BULKY_BODY,
  answers: {
    200: Type.Object({
      /** `null`: it goes on. */
      refused: Nullable(Type.String()),
      /** What is wrong with the input, each with the names and indices that lead to it. */
      problems: Type.Array(Type.Object({ path: Type.Array(Type.String()), reason: Type.String() })),
    }),
  },
} as const satisfies RouteContract;
