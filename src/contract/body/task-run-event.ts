/** What the payload of a task run's event says, when the client that sent it orchestrates the run itself. */

import { Type, type Static } from '../type.ts';

import { Maybe, TimeIn, UuidIn } from '../route.ts';
import { StateType } from '../schema/state.ts';
import { StateDetailsIn } from './state.ts';
import { Whole } from '../schema/scalars.ts';

/** The kind may be left out: an id alone is a task run's. */
export const TaskInputIn = Type.Union([
  Type.Object({ input_type: Type.Optional(Type.Literal('task_run')), id: UuidIn }, { title: 'TaskRunResult' }),
  Type.Object({ input_type: Type.Literal('flow_run'), id: UuidIn }, { title: 'FlowRunResult' }),
  Type.Object({ input_type: Type.Optional(Type.Literal('parameter')), name: Type.String() }, { title: 'Parameter' }),
  Type.Object({ input_type: Type.Optional(Type.Literal('constant')), type: Type.String() }, { title: 'Constant' }),
]);

const ValidatedState = Type.Object({
  type: StateType,
  name: Maybe(Type.String()),
  message: Maybe(Type.String()),
  data: Type.Optional(Type.Unknown()),
  state_details: Maybe(StateDetailsIn),
  id: Maybe(UuidIn),
  timestamp: Maybe(TimeIn),
});

/** A field that is absent leaves what is known as it is; one that is null clears it, where it can be null. */
const ReportedTaskRun = Type.Object({
  name: Maybe(Type.String()),
  task_key: Type.String(),
  dynamic_key: Type.String(),
  cache_key: Maybe(Type.String()),
  cache_expiration: Maybe(TimeIn),
  task_version: Maybe(Type.String()),
  empirical_policy: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  tags: Type.Optional(Type.Array(Type.String())),
  labels: Maybe(Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.Number(), Type.String()]))),
  task_inputs: Type.Optional(Type.Record(Type.String(), Type.Array(TaskInputIn))),
  run_count: Type.Optional(Whole({ minimum: 0 })),
  flow_run_run_count: Type.Optional(Whole({ minimum: 0 })),
  expected_start_time: Maybe(TimeIn),
  next_scheduled_start_time: Maybe(TimeIn),
  start_time: Maybe(TimeIn),
  end_time: Maybe(TimeIn),
  total_run_time: Type.Optional(Type.Number()),
});
export type ReportedTaskRun = Static<typeof ReportedTaskRun>;

export const TaskRunEventPayload = Type.Object({ validated_state: ValidatedState, task_run: ReportedTaskRun });
export type TaskRunEventPayload = Static<typeof TaskRunEventPayload>;
