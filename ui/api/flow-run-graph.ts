/** The runs inside a flow run and what leads from one to the next: what the timeline is drawn from. */
import { queryOptions } from '@tanstack/react-query';

import { getJson } from './http.ts';
import type { StateType } from './states.ts';

interface Edge {
  readonly id: string;
}

export interface GraphNode {
  readonly kind: 'flow-run' | 'task-run';
  readonly id: string;
  /** A subflow's is `flow / run`. */
  readonly label: string;
  readonly state_type: StateType;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly parents: readonly Edge[];
  readonly encapsulating: readonly Edge[];
}

export interface Graph {
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly nodes: readonly (readonly [id: string, node: GraphNode])[];
}

export function flowRunGraphQuery(flowRunId: string) {
  return queryOptions({
    queryKey: ['graph', flowRunId],
    queryFn: ({ signal }) => getJson<Graph>(`/flow_runs/${flowRunId}/graph-v2`, { signal }),
    // A graph that is too large is answered with 400, and would be again.
    retry: false,
  });
}
