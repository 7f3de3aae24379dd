import { Type, type Static } from '../type.ts';

import { Count, DateTime, EXACT, Json, Nullable, Uuid } from './scalars.ts';

export const StateType = Type.Union([
  Type.Literal('SCHEDULED'),
  Type.Literal('PENDING'),
  Type.Literal('RUNNING'),
  Type.Literal('COMPLETED'),
  Type.Literal('FAILED'),
  Type.Literal('CANCELLED'),
  Type.Literal('CRASHED'),
  Type.Literal('PAUSED'),
  Type.Literal('CANCELLING'),
]);

/** Where a value is: in the row (`inline`, with the value), in the result store (`reference`), or kept nowhere. */
export const ResultReference = Type.Union([
  Type.Object({ type: Type.Literal('inline'), value: Json, hash: Nullable(Type.String()) }, EXACT),
  Type.Object(
    { type: Type.Literal('reference'), storage_key: Type.String(), hash: Type.String(), bytes: Count },
    EXACT,
  ),
  Type.Object({ type: Type.Literal('unpersisted') }, EXACT),
]);
export type ResultReference = Static<typeof ResultReference>;

/** A thrown value. `fields` are its own fields; `cause` has the same shape. */
export const Failure = Type.Cyclic(
  {
    Failure: Type.Object(
      {
        name: Type.String(),
        message: Type.String(),
        code: Nullable(Type.String()),
        stack: Nullable(Type.String()),
        fields: Nullable(Json),
        cause: Nullable(Type.Ref('Failure')),
      },
      EXACT,
    ),
  },
  'Failure',
);
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly stack: string | null;
  readonly fields: unknown;
  readonly cause: Failure | null;
}

export const StateDetails = Type.Object(
  {
    flow_run_id: Nullable(Uuid),
    task_run_id: Nullable(Uuid),
    child_flow_run_id: Nullable(Uuid),
    scheduled_time: Nullable(DateTime),
    cache_key: Nullable(Type.String()),
    cache_expiration: Nullable(DateTime),
    deferred: Nullable(Type.Boolean()),
    untrackable_result: Type.Boolean(),
    pause_timeout: Nullable(DateTime),
    pause_reschedule: Type.Boolean(),
    pause_key: Nullable(Type.String()),
    run_input_keyset: Nullable(Type.Record(Type.String(), Type.String())),
    refresh_cache: Nullable(Type.Boolean()),
    retriable: Nullable(Type.Boolean()),
    transition_id: Nullable(Type.String()),
    task_parameters_id: Nullable(Type.String()),
    traceparent: Nullable(Type.String()),
    deployment_concurrency_lease_id: Nullable(Type.String()),
  },
  EXACT,
);
export type StateDetails = Static<typeof StateDetails>;

export const State = Type.Object(
  {
    id: Uuid,
    type: StateType,
    name: Type.String(),
    timestamp: DateTime,
    message: Nullable(Type.String()),
    /** Of our own runs a `ResultReference`; of other clients' runs whatever they gave. */
    data: Json,
    state_details: StateDetails,
    failure: Nullable(Failure),
    /** Of a Crashed state: how it is known that the run's process ended. */
    evidence: Nullable(Type.String()),
  },
  EXACT,
);
export type State = Omit<Static<typeof State>, 'failure'> & { readonly failure: Failure | null };
