import { Type } from '../type.ts';

import { Maybe, TimeIn, type RouteContract } from '../route.ts';
import { Dependency, Graph } from '../schema/graph.ts';

const tag = 'Flow run graph';

export const READ_GRAPH = {
  method: 'GET',
  path: '/flow_runs/{id}/graph-v2',
  name: 'read_flow_run_graph_v2',
  tag,
  summary: 'What ran in a flow run, and what fed what',
  query: { since: Maybe(TimeIn) },
  answers: { 200: Graph },
} as const satisfies RouteContract;

export const READ_DEPENDENCIES = {
  method: 'GET',
  path: '/flow_runs/{id}/graph',
  name: 'read_flow_run_graph_v1',
  tag,
  summary: 'The task runs of a flow run, each with its inputs',
  answers: { 200: Type.Array(Dependency) },
} as const satisfies RouteContract;
