import { Type, type Static } from '../type.ts';

import { Count, DateTime, EXACT, Labels, Nullable, Tags, Uuid } from './scalars.ts';
import { StateType } from './state.ts';

export const Flow = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    tags: Tags,
    labels: Labels,
    /** What the flow's option `description` says. */ description: Nullable(Type.String()),
  },
  EXACT,
);
export type Flow = Static<typeof Flow>;

/** A flow in a list: with how many runs it has, and the newest of them. */
export const FlowSummary = Type.Object(
  {
    ...Flow.properties,
    run_count: Count,
    last_run: Nullable(
      Type.Object(
        { id: Uuid, name: Type.String(), state_type: StateType, state_name: Type.String(), created: DateTime },
        EXACT,
      ),
    ),
  },
  EXACT,
);
export type FlowSummary = Static<typeof FlowSummary>;
