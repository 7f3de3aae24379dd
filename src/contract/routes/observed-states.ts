import { Type } from '../type.ts';

import { Maybe, type RouteContract } from '../route.ts';
import { DateTime, EXACT, Whole } from '../schema/scalars.ts';
import { StateType } from '../schema/state.ts';

export const OBSERVED_STATES_MAX = 200;

export const READ_OBSERVED_STATES = {
  method: 'GET',
  path: '/observed-states',
  name: 'read_observed_states',
  tag: 'Runs',
  summary: 'Types and names of states that runs are known to have been in',
  query: {
    /** Of a name or a type, whatever its case. */
    query: Maybe(Type.String({ maxLength: 100 })),
    order_by: Type.Optional(Type.Union([Type.Literal('NAME_ASC'), Type.Literal('LAST_SEEN_DESC')])),
    limit: Type.Optional(Whole({ minimum: 1, maximum: OBSERVED_STATES_MAX })),
  },
  answers: {
    200: Type.Array(
      Type.Object(
        { state_type: StateType, state_name: Type.String(), first_seen: DateTime, last_seen: DateTime },
        EXACT,
      ),
    ),
  },
} as const satisfies RouteContract;
