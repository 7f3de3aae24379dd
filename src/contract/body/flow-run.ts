import { RUN_PRIORITY_MAX, RUN_PRIORITY_MIN } from '../../core/run-priority.ts';
import { Type } from '../type.ts';

import { Action, Maybe, Parts, UuidIn } from '../route.ts';
import { Json, JsonObject, Whole } from '../schema/scalars.ts';
import { StateCreate } from './state.ts';

/** Marks of users: text, numbers, booleans. */
export const LabelsIn = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]));

export const FlowRunPolicyIn = Type.Object({
  max_retries: Type.Optional(Whole()),
  retry_delay_seconds: Type.Optional(Type.Number()),
  retries: Maybe(Whole()),
  retry_delay: Maybe(Type.Number()),
  pause_keys: Maybe(Type.Array(Type.String())),
  resuming: Maybe(Type.Boolean()),
  retry_type: Maybe(Type.Union([Type.Literal('in_process'), Type.Literal('reschedule')])),
});

/** Names are parts of addresses. */
const FLOW_NAME = '^[^/%&><]+$';

export const FlowCreate = Action({
  name: Type.String({ pattern: FLOW_NAME }),
  tags: Type.Optional(Type.Array(Type.String())),
  labels: Maybe(LabelsIn),
});
export const FlowUpdate = Action({ tags: Type.Optional(Type.Array(Type.String())) });

/** Of Ostinato alone: the lower, the sooner it begins among runs that are due; `null`: the ordinary one, 0. */
export const PriorityIn = Maybe(Type.Integer({ minimum: RUN_PRIORITY_MIN, maximum: RUN_PRIORITY_MAX }));

export const FlowRunCreate = Action({
  flow_id: UuidIn,
  name: Maybe(Type.String()),
  state: Maybe(StateCreate),
  parameters: Type.Optional(JsonObject),
  context: Type.Optional(JsonObject),
  deployment_id: Maybe(UuidIn),
  flow_version: Maybe(Type.String()),
  idempotency_key: Maybe(Type.String()),
  infrastructure_document_id: Maybe(UuidIn),
  job_variables: Maybe(JsonObject),
  labels: Maybe(LabelsIn),
  parent_task_run_id: Maybe(UuidIn),
  empirical_policy: Type.Optional(FlowRunPolicyIn),
  tags: Type.Optional(Type.Array(Type.String())),
  work_pool_name: Maybe(Type.String()),
  work_queue_name: Maybe(Type.String()),
  priority: PriorityIn,
});

export const FlowRunUpdate = Action({
  name: Maybe(Type.String()),
  flow_version: Maybe(Type.String()),
  parameters: Type.Optional(JsonObject),
  empirical_policy: Type.Optional(FlowRunPolicyIn),
  tags: Type.Optional(Type.Array(Type.String())),
  infrastructure_pid: Maybe(Type.String()),
  job_variables: Maybe(JsonObject),
  priority: PriorityIn,
});

export const SetState = Parts({ state: StateCreate, force: Maybe(Type.Boolean()) });

/** What a paused run asked for: an object. */
export const Resume = Parts({ run_input: Maybe(Type.Record(Type.String(), Json)) });
