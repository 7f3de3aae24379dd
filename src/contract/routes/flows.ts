import { Type } from '../type.ts';

import { Maybe, Parts, type RouteContract } from '../route.ts';
import { Flow } from '../schema/flow.ts';
import { FlowCreate, FlowUpdate } from '../body/flow-run.ts';
import { bulk, DeletedIds, numbered, page, Paginated } from '../body/list.ts';
import { flowFilters } from '../filter/related.ts';
import { flowFilter } from '../filter/runs.ts';
import { flowSorts } from '../filter/sort.ts';
import { Whole } from '../schema/scalars.ts';

const tag = 'Flows';

export const CREATE_FLOW = {
  method: 'POST',
  path: '/flows/',
  name: 'create_flow',
  tag,
  summary: 'Register a flow; answers the one that has the name if there is one',
  body: FlowCreate,
  answers: { 201: Flow, 200: Flow },
} as const satisfies RouteContract;

export const READ_FLOW = {
  method: 'GET',
  path: '/flows/{id}',
  name: 'read_flow',
  tag,
  summary: 'Read a flow',
  answers: { 200: Flow },
} as const satisfies RouteContract;

export const READ_FLOW_BY_NAME = {
  method: 'GET',
  path: '/flows/name/{name}',
  name: 'read_flow_by_name',
  tag,
  summary: 'Read a flow by its name',
  params: { name: Type.String() },
  answers: { 200: Flow },
} as const satisfies RouteContract;

export const UPDATE_FLOW = {
  method: 'PATCH',
  path: '/flows/{id}',
  name: 'update_flow',
  tag,
  summary: 'Change the tags of a flow',
  body: FlowUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_FLOW = {
  method: 'DELETE',
  path: '/flows/{id}',
  name: 'delete_flow',
  tag,
  summary: 'Delete a flow with all its runs',
  answers: { 204: null },
} as const satisfies RouteContract;

export const FILTER_FLOWS = {
  method: 'POST',
  path: '/flows/filter',
  name: 'read_flows',
  tag,
  summary: 'List flows',
  body: Parts({ ...flowFilters, sort: flowSorts.schema, ...page }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Flow) },
} as const satisfies RouteContract;

export const COUNT_FLOWS = {
  method: 'POST',
  path: '/flows/count',
  name: 'count_flows',
  tag,
  summary: 'Count flows',
  body: Parts(flowFilters),
  isBodyOptional: true,
  answers: { 200: Whole() },
} as const satisfies RouteContract;

export const PAGINATE_FLOWS = {
  method: 'POST',
  path: '/flows/paginate',
  name: 'paginate_flows',
  tag,
  summary: 'List flows page by page',
  body: Parts({ ...flowFilters, sort: flowSorts.schema, ...numbered }),
  isBodyOptional: true,
  answers: { 200: Paginated(Flow) },
} as const satisfies RouteContract;

export const DELETE_FLOWS = {
  method: 'POST',
  path: '/flows/bulk_delete',
  name: 'bulk_delete_flows',
  tag,
  summary: 'Delete flows that a filter finds, at most 50',
  body: Parts({ flows: Maybe(flowFilter.schema), ...bulk }),
  isBodyOptional: true,
  answers: { 200: DeletedIds },
} as const satisfies RouteContract;
