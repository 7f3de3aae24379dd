import { Type } from '../type.ts';

import { Maybe, UuidIn, type RouteContract } from '../route.ts';
import { DateTime, EXACT, JsonObject, Nullable, Uuid } from '../schema/scalars.ts';

const tag = 'Administration';

const ResultStorage = Type.Object({ default_result_storage_block_id: Nullable(Uuid) }, EXACT);
const Confirmation = Type.Object({ confirm: Maybe(Type.Boolean()) });

export const READ_SETTINGS = {
  method: 'GET',
  path: '/admin/settings',
  name: 'read_settings',
  tag,
  summary: 'Settings of the server; secrets are masked',
  answers: { 200: JsonObject },
} as const satisfies RouteContract;

export const READ_RESULT_STORAGE = {
  method: 'GET',
  path: '/admin/storage',
  name: 'read_server_default_result_storage',
  tag,
  summary: 'The block that results are kept in unless said otherwise',
  answers: { 200: ResultStorage },
} as const satisfies RouteContract;

export const SET_RESULT_STORAGE = {
  method: 'PUT',
  path: '/admin/storage',
  name: 'update_server_default_result_storage',
  tag,
  summary: 'Set the block that results are kept in',
  body: Type.Object({ default_result_storage_block_id: UuidIn }),
  answers: { 200: ResultStorage },
} as const satisfies RouteContract;

export const CLEAR_RESULT_STORAGE = {
  method: 'DELETE',
  path: '/admin/storage',
  name: 'clear_server_default_result_storage',
  tag,
  summary: 'Propose no block to keep results in',
  answers: { 204: null },
} as const satisfies RouteContract;

const databaseAction = (action: 'clear' | 'create' | 'drop') =>
  ({
    method: 'POST',
    path: `/admin/database/${action}`,
    name: `${action}_database`,
    tag,
    summary: 'Refused: the server looks after its database by itself',
    body: Confirmation,
    isBodyOptional: true,
    answers: { 403: Type.Object({ detail: Type.String() }) },
  }) as const satisfies RouteContract;

export const DATABASE_ACTIONS = [databaseAction('clear'), databaseAction('create'), databaseAction('drop')] as const;

export const CREATE_CSRF_TOKEN = {
  method: 'GET',
  path: '/csrf-token',
  name: 'create_csrf_token',
  tag,
  summary: 'A token that the client shows with each write',
  query: { client: Type.String({ minLength: 1, maxLength: 500 }) },
  answers: {
    200: Type.Object(
      {
        id: Uuid,
        created: DateTime,
        updated: DateTime,
        token: Type.String(),
        client: Type.String(),
        expiration: DateTime,
      },
      EXACT,
    ),
  },
} as const satisfies RouteContract;

export const READ_COLLECTION_VIEW = {
  method: 'GET',
  path: '/collections/views/{view}',
  name: 'read_view_content',
  tag: 'Collections',
  summary: 'What is known of workers, blocks and flows of libraries',
  answers: { 200: JsonObject },
} as const satisfies RouteContract;
