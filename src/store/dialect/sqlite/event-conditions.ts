/**
 * Filters of events as SQL over `event` and `event_body`. Resources are found by `event_resource`; the thin rows of our own
 * engine have none there, and are found by the states and runs that they stand for. What labels say, thin rows are not asked.
 */

import { OstinatoError } from '../../../core/errors.ts';
import { RESOURCE_ID } from '../../../core/event.ts';
import type { EventFilter, EventText, LabelPatterns, RelatedFilter, ResourceFilter } from '../../../core/event-filter.ts';
import { isUuid } from '../../../core/ids.ts';
import { uuidBytes } from '../../id-value.ts';

export type SqlValue = string | number | Uint8Array;

/** The event's name, of thin rows too. */
export const NAME = "CASE WHEN event.task_run_id IS NULL THEN event.name ELSE 'prefect.task-run.' || event.name END";

const HEX = 'lower(hex(event.task_run_id))';
const UUID = [[1, 8], [9, 4], [13, 4], [17, 4], [21, 12]].map(([from, length]) => `substr(${HEX}, ${from}, ${length})`).join(" || '-' || ");
/** The id of the event's resource, of thin rows too. */
export const RESOURCE = `COALESCE(event.resource_id, 'prefect.task-run.' || ${UUID})`;

/** Text with a `?` for each value. */
export interface Clause {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

const NEVER: Clause = { sql: '0', values: [] };

export function all(clauses: readonly Clause[]): Clause {
  return joined(clauses, ' AND ', '1');
}

function any(clauses: readonly Clause[]): Clause {
  return joined(clauses, ' OR ', '0');
}

function joined(clauses: readonly Clause[], word: string, none: string): Clause {
  return { sql: clauses.length === 0 ? none : balanced(clauses.map(({ sql }) => sql), word), values: clauses.flatMap(({ values }) => values) };
}

/** Longer chains are halved: SQLite nests a chain as deep as it is long, and has a limit of 1,000 for that. */
const CHAIN_MAX = 50;

function balanced(parts: readonly string[], word: string): string {
  if (parts.length <= CHAIN_MAX) return `(${parts.join(word)})`;
  const middle = Math.ceil(parts.length / 2);
  return `(${balanced(parts.slice(0, middle), word)}${word}${balanced(parts.slice(middle), word)})`;
}

function not({ sql, values }: Clause): Clause {
  return { sql: `NOT ${sql}`, values };
}

/** A statement has room for 32,766 values, and takes seconds to prepare with thousands: long lists are one value. */
const LIST_MAX = 100;

function inList(condition: string, list: readonly unknown[]): Clause {
  return { sql: `EXISTS (SELECT 1 FROM json_each(?) AS wanted WHERE ${condition})`, values: [JSON.stringify(list)] };
}

function isOneOf(column: string, values: readonly SqlValue[]): Clause {
  if (values.length > LIST_MAX) {
    const isBinary = values[0] instanceof Uint8Array;
    const list = isBinary ? values.map((value) => Buffer.from(value as Uint8Array).toString('hex')) : values;
    return { sql: `${column} IN (SELECT ${isBinary ? 'unhex(value)' : 'value'} FROM json_each(?))`, values: [JSON.stringify(list)] };
  }
  return { sql: `${column} IN (${values.map(() => '?').join(', ')})`, values };
}

function startsWithOneOf(column: string, prefixes: readonly string[]): Clause {
  if (prefixes.length > LIST_MAX) return inList(`substr(${column}, 1, length(wanted.value)) = wanted.value`, prefixes);
  return any(prefixes.map((prefix) => ({ sql: `substr(${column}, 1, length(?)) = ?`, values: [prefix, prefix] })));
}

/** Whether the clauses read `event_body`. */
export function readsBodies({ resource, related, anyResource, text }: EventFilter): boolean {
  return resource !== null || related.length > 0 || anyResource.length > 0 || text !== null;
}

/** A statement has room for 32,766 values, and takes long to prepare well before. */
const VALUES_MAX = 5_000;

/** @throws `bad-input` for a filter that asks too much at once */
export function eventClauses(filter: EventFilter): readonly Clause[] {
  const clauses = clausesOf(filter);
  const count = clauses.reduce((sum, { values }) => sum + values.length, 0);
  if (count <= VALUES_MAX) return clauses;
  throw new OstinatoError('bad-input', `The filter of events compares with ${count} values; at most ${VALUES_MAX} can be.`, { remedy: 'Ask for less at once.' });
}

function clausesOf(filter: EventFilter): readonly Clause[] {
  const { names, excludedNames, prefixes, excludedPrefixes, resource, related, anyResource, ids, text } = filter;
  return [
    { sql: 'event.occurred BETWEEN ? AND ?', values: [filter.since, filter.until] },
    ...(names.length === 0 ? [] : [isOneOf(NAME, names)]),
    ...(excludedNames.length === 0 ? [] : [not(isOneOf(NAME, excludedNames))]),
    ...(prefixes.length === 0 ? [] : [startsWithOneOf(NAME, prefixes)]),
    ...(excludedPrefixes.length === 0 ? [] : [not(startsWithOneOf(NAME, excludedPrefixes))]),
    ...(resource === null ? [] : ownResource(resource)),
    ...related.map(relatedResource),
    ...anyResource.map(someResource),
    ...(ids.length === 0 ? [] : [hasId(ids)]),
    ...(text === null ? [] : textClauses(text)),
  ];
}

/** An id of our own engine tells when it was made: thin rows, which have no index of ids, are looked for around that time. */
const ID_TIME_US = 60_000_000;

/** Their numbers are looked up first: asked of each row, all events of the time would be gone through. */
function hasId(ids: readonly string[]): Clause {
  const own = isOneOf('own.id', ids.map(uuidBytes));
  const parts = [{ sql: `SELECT own.seq FROM event AS own WHERE own.task_run_id IS NULL AND ${own.sql}`, values: own.values }, ...thinIds(ids)];
  return { sql: `event.seq IN (${parts.map(({ sql }) => sql).join(' UNION ALL ')})`, values: parts.flatMap(({ values }) => values) };
}

function thinIds(ids: readonly string[]): readonly Clause[] {
  const madeAt = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16) * 1000;
  if (ids.length <= LIST_MAX) {
    return ids.map((id) => ({
      sql: 'SELECT thin.seq FROM event AS thin WHERE thin.task_run_id IS NOT NULL AND thin.id = ? AND thin.occurred BETWEEN ? AND ?',
      values: [uuidBytes(id), madeAt(id) - ID_TIME_US, madeAt(id) + ID_TIME_US],
    }));
  }
  const list = ids.map((id) => ({ id: id.replaceAll('-', ''), at: madeAt(id) }));
  const sql =
    "SELECT thin.seq FROM json_each(?) AS wanted CROSS JOIN event AS thin ON thin.occurred BETWEEN (wanted.value ->> '$.at') - ? " +
    "AND (wanted.value ->> '$.at') + ? AND thin.id = unhex(wanted.value ->> '$.id') WHERE thin.task_run_id IS NOT NULL";
  return [{ sql, values: [JSON.stringify(list), ID_TIME_US, ID_TIME_US] }];
}

function ownResource({ ids, idPrefixes, labels }: ResourceFilter): readonly Clause[] {
  return [
    ...(ids.length === 0 ? [] : [byResource({ ids, roles: [''], areThinToo: true, isRelated: false })]),
    ...(idPrefixes.length === 0 ? [] : [startsWithOneOf(RESOURCE, idPrefixes)]),
    ...labels.map((label) => (label.label === RESOURCE_ID ? fits(RESOURCE, label.patterns) : labelOf('event_body.labels', label))),
  ];
}

function relatedResource(filter: RelatedFilter): Clause {
  const { ids, roles, resourcesInRoles, labels } = filter;
  const element: Clause[] = [
    ...(ids.length === 0 ? [] : [isOneOf(member(RESOURCE_ID), ids)]),
    ...(roles.length === 0 ? [] : [isOneOf(member('prefect.resource.role'), roles)]),
    ...(resourcesInRoles.length === 0 ? [] : [any(resourcesInRoles.map(([id, role]) => all([isOneOf(member(RESOURCE_ID), [id]), isOneOf(member('prefect.resource.role'), [role])])))]),
    ...labels.map((label) => labelOf('part.value', label)),
  ];
  const wanted = ids.length > 0 ? ids : resourcesInRoles.map(([id]) => id);
  const full = all([
    ...(wanted.length === 0 ? [] : [byResource({ ids: wanted, roles: [], areThinToo: false, isRelated: true })]),
    inRelated(all(element)),
  ]);
  if (labels.length > 0) return full;
  const isFlowRunMeant = (roles.length === 0 || roles.includes('flow-run')) && wanted.length > 0;
  return isFlowRunMeant ? any([full, thinOfFlowRuns(wanted)]) : full;
}

function someResource({ ids, idPrefixes, labels }: ResourceFilter): Clause {
  const narrow = ids.length === 0 ? [] : [byResource({ ids, roles: [], areThinToo: true, isRelated: true })];
  if (idPrefixes.length === 0 && labels.length === 0) return all(narrow);
  const of = (id: string, json: string): Clause => all([
    ...(ids.length === 0 ? [] : [isOneOf(id, ids)]),
    ...(idPrefixes.length === 0 ? [] : [startsWithOneOf(id, idPrefixes)]),
    ...labels.map((label) => (label.label === RESOURCE_ID ? fits(id, label.patterns) : labelOf(json, label))),
  ]);
  return all([...narrow, any([of(RESOURCE, 'event_body.labels'), inRelated(of(member(RESOURCE_ID), 'part.value'))])]);
}

function inRelated({ sql, values }: Clause): Clause {
  return { sql: `EXISTS (SELECT 1 FROM json_each(event_body.related) AS part WHERE ${sql})`, values };
}

/** A label of a related resource, whose name has no quotes. */
function member(label: string): string {
  return `(part.value ->> '$."${label}"')`;
}

/** Users' labels may have any name: they are compared as values, not put into a path. */
function labelOf(json: string, { label, patterns }: LabelPatterns): Clause {
  const { sql, values } = fits('entry.value', patterns);
  return { sql: `EXISTS (SELECT 1 FROM json_each(${json}) AS entry WHERE entry.key = ? AND ${sql})`, values: [label, ...values] };
}

function fits(column: string, patterns: readonly string[]): Clause {
  if (patterns.length === 0) return NEVER;
  const globs = patterns.map((pattern) => {
    const isTurned = pattern.startsWith('!');
    return { word: isTurned ? 'NOT GLOB' : 'GLOB', glob: (isTurned ? pattern.slice(1) : pattern).replaceAll('[', '[[]') };
  });
  if (globs.length <= LIST_MAX) return any(globs.map(({ word, glob }) => ({ sql: `${column} ${word} ?`, values: [glob] })));
  return any(['GLOB', 'NOT GLOB'].map((asked) => inList(`${column} ${asked} wanted.value`, globs.filter(({ word }) => word === asked).map(({ glob }) => glob))));
}

interface ByResource {
  readonly ids: readonly string[];
  /** Empty: any. */
  readonly roles: readonly string[];
  readonly areThinToo: boolean;
  readonly isRelated: boolean;
}

function byResource({ ids, roles, areThinToo, isRelated }: ByResource): Clause {
  const found = all([isOneOf('resource_id', ids), ...(roles.length === 0 ? [] : [isOneOf('role', roles)])]);
  const full: Clause = { sql: `event.seq IN (SELECT seq FROM event_resource WHERE ${found.sql})`, values: found.values };
  if (!areThinToo) return full;
  const taskRuns = objectIds(ids, 'prefect.task-run.');
  const thin = taskRuns.length === 0 ? [] : [thinOf(isOneOf('state.run_id', taskRuns), '')];
  return any([full, ...thin, ...(isRelated ? [thinOfFlowRuns(ids)] : [])]);
}

function thinOfFlowRuns(ids: readonly string[]): Clause {
  const flowRuns = objectIds(ids, 'prefect.flow-run.');
  if (flowRuns.length === 0) return NEVER;
  return thinOf(isOneOf('task_run.flow_run_id', flowRuns), 'JOIN task_run ON task_run.id = state.run_id');
}

/** A thin row occurred when its state was entered, and the index of times leads to it. */
function thinOf({ sql, values }: Clause, join: string): Clause {
  return {
    sql:
      `event.seq IN (SELECT thin.seq FROM task_run_state AS state ${join} ` +
      `JOIN event AS thin ON thin.occurred = state.timestamp AND thin.task_run_id = state.run_id AND thin.id = state.id WHERE ${sql})`,
    values,
  };
}

function objectIds(resourceIds: readonly string[], prefix: string): readonly Uint8Array[] {
  return resourceIds.filter((id) => id.startsWith(prefix) && isUuid(id.slice(prefix.length))).map((id) => uuidBytes(id.slice(prefix.length)));
}

/** The function by which the case of all letters is folded; registered by `event-queries.ts`. */
export const FOLD = 'fold_case';

function textClauses({ oneOf, required, excluded }: EventText): readonly Clause[] {
  const text = `${FOLD}(${NAME} || ' ' || COALESCE(event_body.labels, ${RESOURCE}) || ' ' || COALESCE(event_body.related, '') || ' ' || COALESCE(event_body.payload, event.payload, ''))`;
  const occurs = (term: string): Clause => ({ sql: `instr(${text}, ?) > 0`, values: [term.toLowerCase()] });
  return [
    ...(oneOf.length === 0 ? [] : [any(oneOf.map(occurs))]),
    ...required.map(occurs),
    ...excluded.map((term) => not(occurs(term))),
  ];
}
