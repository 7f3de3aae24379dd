import { Type, type Static } from '../type.ts';

import { DateTime, EXACT, Json, Nullable, Seconds, Uuid } from './scalars.ts';
import { State, StateType } from './state.ts';
import { TaskInput } from './task-run.ts';

export const GraphArtifact = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    key: Nullable(Type.String()),
    type: Nullable(Type.String()),
    is_latest: Type.Boolean(),
    /** Of progress artifacts only. */
    data: Json,
  },
  EXACT,
);

const Edges = Type.Array(Type.Object({ id: Uuid }, EXACT));

export const GraphNode = Type.Object(
  {
    kind: Type.Union([Type.Literal('flow-run'), Type.Literal('task-run')]),
    id: Uuid,
    label: Type.String(),
    state_type: StateType,
    start_time: DateTime,
    end_time: Nullable(DateTime),
    parents: Edges,
    children: Edges,
    encapsulating: Edges,
    artifacts: Type.Array(GraphArtifact),
  },
  EXACT,
);

export const Graph = Type.Object(
  {
    start_time: Nullable(DateTime),
    end_time: Nullable(DateTime),
    root_node_ids: Type.Array(Uuid),
    /** Each with its id before it. */
    nodes: Type.Array(Type.Tuple([Uuid, GraphNode])),
    artifacts: Type.Array(GraphArtifact),
    states: Type.Array(Type.Object({ id: Uuid, timestamp: DateTime, type: StateType, name: Type.String() }, EXACT)),
  },
  EXACT,
);
export type Graph = Static<typeof Graph>;

/** A task run and what it took its inputs from. */
export const Dependency = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    upstream_dependencies: Type.Array(TaskInput),
    state: Nullable(State),
    expected_start_time: Nullable(DateTime),
    start_time: Nullable(DateTime),
    end_time: Nullable(DateTime),
    total_run_time: Nullable(Seconds),
    estimated_run_time: Nullable(Seconds),
    untrackable_result: Type.Boolean(),
  },
  EXACT,
);
export type Dependency = Omit<Static<typeof Dependency>, 'state'> & { readonly state: unknown };
