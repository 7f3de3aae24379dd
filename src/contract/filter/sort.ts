/** The orders in which lists can be had, by their names on the wire. In all of them, what is `null` comes as the smallest. */

import { Type } from '../type.ts';

import type { Sort } from '../../core/query.ts';
import { Maybe } from '../route.ts';

/** The orders of one noun; the first is what it has unless said. */
export interface Sorts<Name extends string = string> {
  readonly schema: ReturnType<typeof sortSchema<Name>>;
  of(name: Name | null | undefined): readonly Sort[];
}

function sortSchema<Name extends string>(names: readonly Name[]) {
  return Maybe(Type.Union(names.map((name) => Type.Literal(name))));
}

function sorts<Name extends string>(byName: Readonly<Record<Name, readonly Sort[]>>): Sorts<Name> {
  const names = Object.keys(byName) as Name[];
  return {
    schema: sortSchema(names),
    of: (name) => byName[name ?? (names[0] as Name)],
  };
}

const asc = (...fields: readonly string[]): readonly Sort[] => fields.map((field) => ({ field, direction: 'asc' }));
const desc = (...fields: readonly string[]): readonly Sort[] => fields.map((field) => ({ field, direction: 'desc' }));

const BY_NAME = { NAME_ASC: asc('name'), NAME_DESC: desc('name') };
const BY_AGE = { CREATED_DESC: desc('createdAt'), UPDATED_DESC: desc('updatedAt') };
const RUNS = {
  ID_DESC: desc('id'),
  EXPECTED_START_TIME_ASC: asc('expectedStartTime'), EXPECTED_START_TIME_DESC: desc('expectedStartTime'),
  ...BY_NAME,
  NEXT_SCHEDULED_START_TIME_ASC: asc('nextScheduledStartTime'),
  END_TIME_DESC: desc('endTime'),
};

export const flowRunSorts = sorts({ ...RUNS, START_TIME_ASC: asc('startOrExpectedTime'), START_TIME_DESC: desc('startOrExpectedTime') });
/** Of equally long ones (many have not begun) the one that is expected last comes first. */
export const taskRunSorts = sorts({
  ...RUNS, DURATION_DESC: desc('duration', 'expectedStartTime', 'id'), DURATION_ASC: [...asc('duration'), ...desc('expectedStartTime', 'id')],
});
export const flowSorts = sorts({ ...BY_NAME, ...BY_AGE });
export const deploymentSorts = sorts({ ...BY_NAME, ...BY_AGE });
export const logSorts = sorts({ TIMESTAMP_ASC: asc('timestamp'), TIMESTAMP_DESC: desc('timestamp') });
export const artifactSorts = sorts({ ID_DESC: desc('id'), ...BY_AGE, KEY_DESC: desc('key'), KEY_ASC: asc('key') });
export const variableSorts = sorts({ ...BY_NAME, ...BY_AGE });
export const blockDocumentSorts = sorts({ ...BY_NAME, BLOCK_TYPE_AND_NAME_ASC: asc('blockTypeName', 'name') });
