/** Task runs as clients ask for them. */

import { Type } from '../type.ts';

import { Action, Maybe, TimeIn, UuidIn } from '../route.ts';
import { LabelsIn } from './flow-run.ts';
import { StateCreate } from './state.ts';
import { TaskInputIn } from './task-run-event.ts';
import { Whole } from '../schema/scalars.ts';

const Delay = Type.Number({ minimum: 0 });

export const TaskRunPolicyIn = Type.Object({
  max_retries: Type.Optional(Whole()),
  retry_delay_seconds: Type.Optional(Delay),
  retries: Maybe(Whole()),
  /** Seconds before each retry; of a list, the last one repeats. */
  retry_delay: Maybe(Type.Union([Delay, Type.Array(Delay, { maxItems: 1000 })])),
  retry_jitter_factor: Maybe(Type.Number()),
});

export const TaskRunCreate = Action({
  id: Maybe(UuidIn),
  flow_run_id: Maybe(UuidIn),
  name: Maybe(Type.String()),
  task_key: Type.String(),
  dynamic_key: Type.String(),
  cache_key: Maybe(Type.String()),
  cache_expiration: Maybe(TimeIn),
  task_version: Maybe(Type.String()),
  empirical_policy: Type.Optional(TaskRunPolicyIn),
  tags: Type.Optional(Type.Array(Type.String())),
  labels: Maybe(LabelsIn),
  task_inputs: Type.Optional(Type.Record(Type.String(), Type.Array(TaskInputIn))),
  state: Maybe(StateCreate),
});

export const TaskRunUpdate = Action({ name: Maybe(Type.String()) });
