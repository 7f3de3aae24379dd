/** Saved searches on the wire: what one is, and the routes. */

import type { SavedSearch as CoreSavedSearch } from '../core/saved-search.ts';
import { formatInstant } from '../core/time.ts';
import { page } from './body/list.ts';
import { Action, Parts, type RouteContract } from './route.ts';
import { DateTime, EXACT, Json, Uuid } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson } from './wire-json.ts';

const tag = 'Saved searches';

const SavedFilter = Type.Object({
  object: Type.String(),
  property: Type.String(),
  type: Type.String(),
  operation: Type.String(),
  value: Json,
});

export const SavedSearch = Type.Object(
  { id: Uuid, created: DateTime, updated: DateTime, name: Type.String(), filters: Type.Array(SavedFilter) },
  EXACT,
);
export type SavedSearch = Static<typeof SavedSearch>;

export function encodeSavedSearch({ id, name, filters, createdAt, updatedAt }: CoreSavedSearch): SavedSearch {
  return { id, created: formatInstant(createdAt), updated: formatInstant(updatedAt), name, filters: rawJson(filters) };
}

export const SAVE_SEARCH = {
  method: 'PUT',
  path: '/saved_searches/',
  name: 'create_saved_search',
  tag,
  summary: 'Keep a search under its name; it takes the place of one with that name',
  body: Action({ name: Type.String(), filters: Type.Optional(Type.Array(SavedFilter)) }),
  answers: { 201: SavedSearch, 200: SavedSearch },
} as const satisfies RouteContract;

export const FILTER_SAVED_SEARCHES = {
  method: 'POST',
  path: '/saved_searches/filter',
  name: 'read_saved_searches',
  tag,
  summary: 'List saved searches',
  body: Parts(page),
  isBodyOptional: true,
  answers: { 200: Type.Array(SavedSearch) },
} as const satisfies RouteContract;

export const READ_SAVED_SEARCH = {
  method: 'GET',
  path: '/saved_searches/{id}',
  name: 'read_saved_search',
  tag,
  summary: 'Read a saved search',
  answers: { 200: SavedSearch },
} as const satisfies RouteContract;

export const DELETE_SAVED_SEARCH = {
  method: 'DELETE',
  path: '/saved_searches/{id}',
  name: 'delete_saved_search',
  tag,
  summary: 'Delete a saved search',
  answers: { 204: null },
} as const satisfies RouteContract;
