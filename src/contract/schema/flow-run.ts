import { Type, type Static } from '../type.ts';

import { Count, DateTime, EXACT, JsonObject, Labels, Nullable, Seconds, Tags, Uuid, Whole } from './scalars.ts';
import { State, StateType } from './state.ts';

export const Durability = Type.Union([Type.Literal('none'), Type.Literal('process'), Type.Literal('sync')]);

export const FlowRunPolicy = Type.Object(
  {
    /** As `retries`, by its old name. */
    max_retries: Whole(),
    /** As `retry_delay`, by its old name. */
    retry_delay_seconds: Type.Number(),
    retries: Nullable(Whole()),
    /** Whole seconds before the first retry, as Prefect's clients read it. */
    retry_delay: Nullable(Type.Number()),
    /** Seconds before each retry; the last one repeats. */
    retry_delays_seconds: Type.Array(Type.Number()),
    timeout_seconds: Nullable(Seconds),
    resume: Type.Union([Type.Literal('manual'), Type.Literal('automatic')]),
    pause_keys: Type.Array(Type.String()),
    resuming: Type.Boolean(),
    retry_type: Nullable(Type.Union([Type.Literal('in_process'), Type.Literal('reschedule')])),
  },
  EXACT,
);

export const FlowRun = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    flow_id: Uuid,
    flow_name: Type.String(),
    flow_version: Nullable(Type.String()),
    state_id: Uuid,
    state_type: StateType,
    state_name: Type.String(),
    state: State,
    /** Empty when they are too large for the row: `parameters_reference` then says where they are. */
    parameters: JsonObject,
    parameters_reference: Nullable(
      Type.Object({ storage_key: Type.String(), hash: Type.String(), bytes: Count }, EXACT),
    ),
    tags: Tags,
    labels: Labels,
    run_count: Count,
    empirical_policy: FlowRunPolicy,
    durability: Durability,
    parent_task_run_id: Nullable(Uuid),
    parent_flow_run_id: Nullable(Uuid),
    idempotency_key: Nullable(Type.String()),
    entrypoint: Nullable(Type.Object({ file: Type.String(), export_name: Nullable(Type.String()) }, EXACT)),
    process_id: Nullable(Uuid),
    deployment_id: Nullable(Uuid),
    deployment_version: Nullable(Type.String()),
    work_queue_id: Nullable(Uuid),
    work_queue_name: Nullable(Type.String()),
    work_pool_id: Nullable(Uuid),
    work_pool_name: Nullable(Type.String()),
    infrastructure_document_id: Nullable(Uuid),
    infrastructure_pid: Nullable(Type.String()),
    auto_scheduled: Type.Boolean(),
    created_by: Nullable(
      Type.Object(
        { id: Nullable(Type.String()), type: Nullable(Type.String()), display_value: Nullable(Type.String()) },
        EXACT,
      ),
    ),
    context: JsonObject,
    job_variables: Nullable(JsonObject),
    /** Of Ostinato alone, where it is not the ordinary one: the lower, the sooner it begins among runs that are due. */
    priority: Type.Optional(Type.Integer()),
    next_scheduled_start_time: Nullable(DateTime),
    expected_start_time: Nullable(DateTime),
    start_time: Nullable(DateTime),
    end_time: Nullable(DateTime),
    /** Seconds in RUNNING, all attempts together, without the stretch that is under way. */
    total_run_time: Seconds,
    /** The same with the stretch that is under way. */
    estimated_run_time: Seconds,
    estimated_start_time_delta: Seconds,
  },
  EXACT,
);
export type FlowRun = Omit<Static<typeof FlowRun>, 'state'> & { readonly state: State };
