/** Automations on the wire: what clients ask for around deployments, which may bring some along. */

import type { RouteContract } from './route.ts';
import { Json } from './schema/scalars.ts';
import { Type } from './type.ts';

const tag = 'Automations';
const params = { resource_id: Type.String() };

export const LIST_RELATED_AUTOMATIONS = {
  method: 'GET',
  path: '/automations/related-to/{resource_id}',
  name: 'read_automations_related_to_resource',
  tag,
  summary: 'Automations that are about a resource',
  params,
  answers: { 200: Type.Array(Json) },
} as const satisfies RouteContract;

export const DELETE_OWNED_AUTOMATIONS = {
  method: 'DELETE',
  path: '/automations/owned-by/{resource_id}',
  name: 'delete_automations_owned_by_resource',
  tag,
  summary: 'Delete the automations that a resource has brought along',
  params,
  answers: { 202: null },
} as const satisfies RouteContract;
