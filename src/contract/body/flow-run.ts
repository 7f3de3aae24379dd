import { Type } from '../type.ts';

import { Action, Maybe, Parts, UuidIn } from '../route.ts';
import { JsonObject, Whole } from '../schema/scalars.ts';
import { StateCreate } from './state.ts';

/** Marks of users: text, numbers, booleans. */
export const LabelsIn = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]));

export const FlowRunPolicyIn = Type.Object({
  max_retries: Maybe(Whole()),
  retry_delay_seconds: Maybe(Type.Number()),
  retries: Maybe(Whole()),
  retry_delay: Maybe(Type.Number()),
  pause_keys: Maybe(Type.Array(Type.String())),
  resuming: Maybe(Type.Boolean()),
  retry_type: Maybe(Type.Union([Type.Literal('in_process'), Type.Literal('reschedule')])),
});

/** Names are parts of addresses. */
const FLOW_NAME = '^[^/%&<>]+$';

export const FlowCreate = Action({ name: Type.String({ pattern: FLOW_NAME }), tags: Maybe(Type.Array(Type.String())), labels: Maybe(LabelsIn) });
export const FlowUpdate = Action({ tags: Maybe(Type.Array(Type.String())) });

export const FlowRunCreate = Action({
  /** Ours: made by the caller, so that a repeated request is told from a second run. */
  id: Maybe(UuidIn),
  flow_id: UuidIn,
  name: Maybe(Type.String()),
  state: Maybe(StateCreate),
  parameters: Maybe(JsonObject),
  context: Maybe(JsonObject),
  deployment_id: Maybe(UuidIn),
  flow_version: Maybe(Type.String()),
  idempotency_key: Maybe(Type.String()),
  infrastructure_document_id: Maybe(UuidIn),
  job_variables: Maybe(JsonObject),
  labels: Maybe(LabelsIn),
  parent_task_run_id: Maybe(UuidIn),
  empirical_policy: Maybe(FlowRunPolicyIn),
  tags: Maybe(Type.Array(Type.String())),
  work_pool_name: Maybe(Type.String()),
  work_queue_name: Maybe(Type.String()),
});

export const FlowRunUpdate = Action({
  name: Maybe(Type.String()),
  flow_version: Maybe(Type.String()),
  parameters: Maybe(JsonObject),
  empirical_policy: Maybe(FlowRunPolicyIn),
  tags: Maybe(Type.Array(Type.String())),
  infrastructure_pid: Maybe(Type.String()),
  job_variables: Maybe(JsonObject),
});

export const SetState = Parts({ state: StateCreate, force: Maybe(Type.Boolean()) });
