import { Type, type Static } from '../type.ts';

import { Action, Maybe, Parts, type RouteContract } from '../route.ts';
import { page } from '../body/list.ts';
import { DateTime, EXACT, Json, Uuid } from '../schema/scalars.ts';

const tag = 'Saved searches';

const SavedFilter = Type.Object({ object: Type.String(), property: Type.String(), type: Type.String(), operation: Type.String(), value: Json });

export const SavedSearch = Type.Object({ id: Uuid, created: DateTime, updated: DateTime, name: Type.String(), filters: Type.Array(SavedFilter) }, EXACT);
export type SavedSearch = Static<typeof SavedSearch>;

export const SAVE_SEARCH = {
  method: 'PUT', path: '/saved_searches/', name: 'create_saved_search', tag, summary: 'Keep a search under its name; it takes the place of one with that name',
  body: Action({ name: Type.String(), filters: Maybe(Type.Array(SavedFilter)) }), answers: { 201: SavedSearch, 200: SavedSearch },
} as const satisfies RouteContract;

export const FILTER_SAVED_SEARCHES = {
  method: 'POST', path: '/saved_searches/filter', name: 'read_saved_searches', tag, summary: 'List saved searches',
  body: Parts(page), isBodyOptional: true, answers: { 200: Type.Array(SavedSearch) },
} as const satisfies RouteContract;

export const READ_SAVED_SEARCH = {
  method: 'GET', path: '/saved_searches/{id}', name: 'read_saved_search', tag, summary: 'Read a saved search', answers: { 200: SavedSearch },
} as const satisfies RouteContract;

export const DELETE_SAVED_SEARCH = {
  method: 'DELETE', path: '/saved_searches/{id}', name: 'delete_saved_search', tag, summary: 'Delete a saved search', answers: { 204: null },
} as const satisfies RouteContract;
