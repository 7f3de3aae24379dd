/** Variables on the wire: what one is, how lists of them are narrowed and ordered, and the routes. */

import { OstinatoError } from '../core/errors.ts';
import { formatInstant } from '../core/time.ts';
import type { SetVariable, Variable as CoreVariable, VariableId } from '../core/variable.ts';
import { readInstant } from './encode/instant.ts';
import { criterion, filter } from './filter/filter.ts';
import { anyOf, hasAll, isEmptyList, like } from './filter/leaf.ts';
import { BY_AGE, BY_NAME, sorts } from './filter/sort.ts';
import { Action, Limit, Maybe, Offset, Parts, UuidIn, type RouteContract } from './route.ts';
import { Count, DateTime, EXACT, Json, Tags, Uuid } from './schema/scalars.ts';
import { Type, type Static } from './type.ts';
import { rawJson, wireText, type BothViews } from './wire-json.ts';

export const Variable = Type.Object(
  { id: Uuid, created: DateTime, updated: DateTime, name: Type.String({ maxLength: 255 }), value: Json, tags: Tags },
  EXACT,
);
export type Variable = Static<typeof Variable>;

export function encodeVariable({ id, name, value, exactValue, tags, createdAt, updatedAt }: CoreVariable): Variable {
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    name,
    value: exactValue === undefined ? value : rawJson(exactValue),
    tags: [...tags],
  };
}

/** Of our own server or Prefect's: what is not there, or is something else, is taken for nothing. */
export function decodeVariable({ plain, exact }: BothViews<Variable>): CoreVariable {
  const exactValue = wireText(exact.value);
  if (typeof plain.id !== 'string' || typeof plain.name !== 'string')
    throw new OstinatoError('bad-input', 'The server answered something else than a variable.');
  return {
    id: plain.id as VariableId,
    name: plain.name,
    value: plain.value ?? null,
    ...(exactValue === wireText(plain.value) ? {} : { exactValue }),
    tags: plain.tags ?? [],
    createdAt: readInstant(plain.created),
    updatedAt: readInstant(plain.updated),
  };
}

/** As a body has it: with the numbers that JavaScript cannot say. */
export function encodeValue({ value, exactValue }: Pick<SetVariable, 'value' | 'exactValue'>): unknown {
  return exactValue === undefined ? value : rawJson(exactValue);
}

export const variableFilter = filter('VariableFilter', {
  id: criterion({ any_: anyOf('id', UuidIn) }),
  name: criterion({ any_: anyOf('name'), like_: like('name') }),
  tags: criterion({ all_: hasAll('tags'), is_null_: isEmptyList('tags') }, { operator: true }),
});
export const variableSorts = sorts('NAME_ASC', { ...BY_AGE, NAME_DESC: BY_NAME.NAME_DESC, NAME_ASC: BY_NAME.NAME_ASC });

const VariableName = Type.String({ title: 'Variable name', pattern: '^[a-z0-9_-]+$', minLength: 1, maxLength: 255 });
const TagsIn = Type.Array(Type.String());
const VariableUpdate = Action({ name: Maybe(VariableName), value: Type.Optional(Json), tags: Maybe(TagsIn) });
const VariablesCount = Parts({ variables: Maybe(variableFilter.schema) });
const tag = 'Variables';

export const CREATE_VARIABLE = {
  method: 'POST',
  path: '/variables/',
  name: 'create_variable',
  tag,
  summary: 'Create a variable',
  body: Action({ name: VariableName, value: Json, tags: Type.Optional(TagsIn) }),
  answers: { 201: Variable },
} as const satisfies RouteContract;

export const LIST_VARIABLES = {
  method: 'POST',
  path: '/variables/filter',
  name: 'read_variables',
  tag,
  summary: 'List variables',
  body: Parts({ ...VariablesCount.properties, sort: variableSorts.schema, limit: Limit, offset: Offset }),
  isBodyOptional: true,
  answers: { 200: Type.Array(Variable) },
} as const satisfies RouteContract;

export const COUNT_VARIABLES = {
  method: 'POST',
  path: '/variables/count',
  name: 'count_variables',
  tag,
  summary: 'Count variables',
  body: VariablesCount,
  isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const READ_VARIABLE = {
  method: 'GET',
  path: '/variables/{id}',
  name: 'read_variable',
  tag,
  summary: 'Read a variable',
  answers: { 200: Variable },
} as const satisfies RouteContract;

export const READ_VARIABLE_BY_NAME = {
  method: 'GET',
  path: '/variables/name/{name}',
  name: 'read_variable_by_name',
  tag,
  summary: 'Read a variable by name',
  answers: { 200: Variable },
} as const satisfies RouteContract;

export const UPDATE_VARIABLE = {
  method: 'PATCH',
  path: '/variables/{id}',
  name: 'update_variable',
  tag,
  summary: 'Change a variable',
  body: VariableUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const UPDATE_VARIABLE_BY_NAME = {
  method: 'PATCH',
  path: '/variables/name/{name}',
  name: 'update_variable_by_name',
  tag,
  summary: 'Change a variable by name',
  body: VariableUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_VARIABLE = {
  method: 'DELETE',
  path: '/variables/{id}',
  name: 'delete_variable',
  tag,
  summary: 'Delete a variable',
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_VARIABLE_BY_NAME = {
  method: 'DELETE',
  path: '/variables/name/{name}',
  name: 'delete_variable_by_name',
  tag,
  summary: 'Delete a variable by name',
  answers: { 204: null },
} as const satisfies RouteContract;

/** Ours alone: made or changed in one transaction, and larger than Prefect's server takes. */
export const SET_VARIABLE = {
  method: 'PUT',
  path: '/ostinato/variables/{name}',
  name: 'ostinato_set_variable',
  tag: 'Ostinato',
  summary: 'Set a variable',
  params: { name: Type.String() },
  body: Action({ value: Json, tags: Tags, overwrite: Type.Boolean() }),
  answers: { 200: Variable },
} as const satisfies RouteContract;
