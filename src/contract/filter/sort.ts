/**
 * The orders in which lists can be had, by their names on the wire. In all of them, what is `null` comes as the
 * smallest.
 */

import { Type } from '../type.ts';

import type { Sort } from '../../core/query.ts';
import { Maybe } from '../route.ts';

/** The orders of one noun, listed as Prefect lists them, since clients print the list. */
export interface Sorts<Name extends string = string> {
  readonly schema: ReturnType<typeof sortSchema<Name>>;
  of(name: Name | null | undefined): readonly Sort[];
}

function sortSchema<Name extends string>(names: readonly Name[]) {
  return Maybe(Type.Unsafe<Name>(Type.Union(names.map((name) => Type.Literal(name)))));
}

/** @param unlessSaid the order that a list has of itself */
export function sorts<Name extends string>(
  unlessSaid: NoInfer<Name>,
  byName: Readonly<Record<Name, readonly Sort[]>>,
): Sorts<Name> {
  return { schema: sortSchema(Object.keys(byName) as Name[]), of: (name) => byName[name ?? unlessSaid] };
}

export const asc = (...fields: readonly string[]): readonly Sort[] =>
  fields.map((field) => ({ field, direction: 'asc' }));
export const desc = (...fields: readonly string[]): readonly Sort[] =>
  fields.map((field) => ({ field, direction: 'desc' }));

export const BY_NAME = { NAME_ASC: asc('name'), NAME_DESC: desc('name') };
export const BY_AGE = { CREATED_DESC: desc('createdAt'), UPDATED_DESC: desc('updatedAt') };
export const NEWEST = { ID_DESC: desc('id') };
const RUNS = {
  EXPECTED_START_TIME_ASC: asc('expectedStartTime'),
  EXPECTED_START_TIME_DESC: desc('expectedStartTime'),
  ...BY_NAME,
  NEXT_SCHEDULED_START_TIME_ASC: asc('nextScheduledStartTime'),
  END_TIME_DESC: desc('endTime'),
};

export const flowRunSorts = sorts('ID_DESC', {
  ...NEWEST,
  START_TIME_ASC: asc('startOrExpectedTime'),
  START_TIME_DESC: desc('startOrExpectedTime'),
  ...RUNS,
});
/** Of equally long ones (many have not begun) the one that is expected last comes first. */
export const taskRunSorts = sorts('ID_DESC', {
  ...NEWEST,
  ...RUNS,
  DURATION_DESC: desc('duration', 'expectedStartTime', 'id'),
  DURATION_ASC: [...asc('duration'), ...desc('expectedStartTime', 'id')],
});
export const flowSorts = sorts('NAME_ASC', { ...BY_AGE, ...BY_NAME });
export const deploymentSorts = sorts('NAME_ASC', { ...BY_AGE, ...BY_NAME });
export const logSorts = sorts('TIMESTAMP_ASC', { TIMESTAMP_ASC: asc('timestamp'), TIMESTAMP_DESC: desc('timestamp') });
export const blockDocumentSorts = sorts('NAME_ASC', {
  NAME_DESC: BY_NAME.NAME_DESC,
  NAME_ASC: BY_NAME.NAME_ASC,
  BLOCK_TYPE_AND_NAME_ASC: asc('blockTypeName', 'name'),
});
