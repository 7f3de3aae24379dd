/** States as clients propose them. */

import { Type } from '../type.ts';

import { Maybe, TimeIn, UuidIn } from '../route.ts';
import { Json } from '../schema/scalars.ts';
import { StateType } from '../schema/state.ts';

export const StateDetailsIn = Type.Object({
  flow_run_id: Maybe(UuidIn),
  task_run_id: Maybe(UuidIn),
  child_flow_run_id: Maybe(UuidIn),
  scheduled_time: Maybe(TimeIn),
  cache_key: Maybe(Type.String()),
  cache_expiration: Maybe(TimeIn),
  deferred: Maybe(Type.Boolean()),
  untrackable_result: Type.Optional(Type.Boolean()),
  pause_timeout: Maybe(TimeIn),
  pause_reschedule: Type.Optional(Type.Boolean()),
  pause_key: Maybe(Type.String()),
  run_input_keyset: Maybe(Type.Record(Type.String(), Type.String())),
  refresh_cache: Maybe(Type.Boolean()),
  retriable: Maybe(Type.Boolean()),
  transition_id: Maybe(UuidIn),
  task_parameters_id: Maybe(UuidIn),
  traceparent: Maybe(Type.String()),
  deployment_concurrency_lease_id: Maybe(UuidIn),
});

/** Id and time are given by the server. */
export const StateCreate = Type.Object(
  {
    type: StateType,
    name: Maybe(Type.String()),
    message: Maybe(Type.String()),
    data: Type.Optional(Json),
    state_details: Type.Optional(StateDetailsIn),
  },
  { additionalProperties: false },
);
