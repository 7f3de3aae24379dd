import { Type, type Static } from '../type.ts';

import { Durability } from './flow-run.ts';
import { Count, DateTime, EXACT, JsonObject, Labels, Nullable, Seconds, Tags, Uuid } from './scalars.ts';
import { State, StateType } from './state.ts';

export const TaskInput = Type.Union([
  Type.Object({ input_type: Type.Literal('task_run'), id: Uuid }, EXACT),
  Type.Object({ input_type: Type.Literal('flow_run'), id: Uuid }, EXACT),
  Type.Object({ input_type: Type.Literal('map'), id: Type.String(), count: Count }, EXACT),
  Type.Object({ input_type: Type.Literal('parameter'), name: Type.String() }, EXACT),
  Type.Object({ input_type: Type.Literal('constant'), type: Type.String() }, EXACT),
]);
export type TaskInput = Static<typeof TaskInput>;

/** Why the run hit or missed the cache. */
export const CacheRecord = Type.Object(
  {
    outcome: Type.Union([Type.Literal('hit'), Type.Literal('miss'), Type.Literal('refresh'), Type.Literal('disabled')]),
    key: Nullable(Type.String()),
    reason: Type.String(),
    from_task_run_id: Nullable(Uuid),
    expires: Nullable(DateTime),
  },
  EXACT,
);

export const TaskRun = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    task_name: Type.String(),
    task_key: Type.String(),
    dynamic_key: Type.String(),
    flow_run_id: Nullable(Uuid),
    parent_task_run_id: Nullable(Uuid),
    state_id: Uuid,
    state_type: StateType,
    state_name: Type.String(),
    state: State,
    task_inputs: Type.Record(Type.String(), Type.Array(TaskInput)),
    tags: Tags,
    labels: Labels,
    run_count: Count,
    flow_run_run_count: Count,
    /** Other clients' runs have what their client gave. */
    empirical_policy: JsonObject,
    /** What the task's option `version` says; else the hash of its source when it ran. */
    task_version: Nullable(Type.String()),
    cache_key: Nullable(Type.String()),
    cache_expiration: Nullable(DateTime),
    cache: Nullable(CacheRecord),
    step: Type.String(),
    call_site: Type.String(),
    /** What the task's option `description` says. */
    task_description: Nullable(Type.String()),
    map_id: Nullable(Type.String()),
    /** Of a mapped run: which item it is of, from 0. */
    map_index: Nullable(Count),
    /** Of a mapped run: the beginning of its item, as a text for people. */
    map_input: Nullable(Type.String()),
    durability: Durability,
    isolation: Type.Union([Type.Literal('signal'), Type.Literal('thread'), Type.Literal('process')]),
    expected_start_time: Nullable(DateTime),
    next_scheduled_start_time: Nullable(DateTime),
    start_time: Nullable(DateTime),
    end_time: Nullable(DateTime),
    total_run_time: Seconds,
    estimated_run_time: Seconds,
    estimated_start_time_delta: Seconds,
  },
  EXACT,
);
export type TaskRun = Omit<Static<typeof TaskRun>, 'state'> & { readonly state: State };
