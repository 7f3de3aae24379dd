/**
 * Filters of events as SQL over `event` and `event_body`. Resources are found by `event_resource`; the compact rows of
 * our own engine have none there, and are found by the states and runs that they stand for. What labels say, compact
 * rows are not asked.
 */

import { OstinatoError } from '../../core/errors.ts';
import { RESOURCE_ID, RESOURCE_ROLE } from '../../core/event.ts';
import type { EventFilter, EventText, LabelPatterns, RelatedFilter, ResourceFilter } from '../../core/event-filter.ts';
import { isUuid } from '../../core/ids.ts';
import type { Value } from '../driver.ts';
import { uuidBytes } from '../id-value.ts';
import { all, any, LIST_MAX, NEVER, not, type Clause } from './clause.ts';
import type { EventDialect } from './event-dialect.ts';

/** The event's name, also for compact rows. */
export const NAME = "CASE WHEN event.task_run_id IS NULL THEN event.name ELSE 'prefect.task-run.' || event.name END";

/** A statement has room for 32,766 values, and takes long to prepare well before. */
const VALUES_MAX = 5_000;
/**
 * An id of our own engine contains its time: compact rows, which have no index on ids, are searched around that time.
 */
const ID_TIME_US = 60_000_000;

interface ByResource {
  readonly ids: readonly string[];
  /** Empty: any role. */
  readonly roles: readonly string[];
  readonly areCompactToo: boolean;
  readonly isRelated: boolean;
}

/** Whether the conditions read `event_body`. */
export function readsBodies({ resource, related, anyResource, text }: EventFilter): boolean {
  return resource !== null || related.length > 0 || anyResource.length > 0 || text !== null;
}

export class EventConditions {
  readonly #dialect: EventDialect;
  /** The id of the event's resource, also for compact rows. */
  readonly resource: string;

  constructor(dialect: EventDialect) {
    this.#dialect = dialect;
    this.resource = `COALESCE(event.resource_id, 'prefect.task-run.' || ${dialect.idText('event.task_run_id')})`;
  }

  /** @throws `bad-input` for a filter with too many parts */
  of(filter: EventFilter): readonly Clause[] {
    const clauses = this.#clausesOf(filter);
    const count = clauses.reduce((sum, { values }) => sum + values.length, 0);
    if (count <= VALUES_MAX) return clauses;
    throw new OstinatoError(
      'bad-input',
      `The filter of events compares with ${count} values; at most ${VALUES_MAX} can be.`,
      { remedy: 'Ask for less at once.' },
    );
  }

  #clausesOf(filter: EventFilter): readonly Clause[] {
    const { names, excludedNames, prefixes, excludedPrefixes, resource, related, anyResource, ids, text } = filter;
    return [
      { sql: 'event.occurred BETWEEN ? AND ?', values: [filter.since, filter.until] },
      ...(names.length === 0 ? [] : [this.#isOneOf(NAME, names)]),
      ...(excludedNames.length === 0 ? [] : [not(this.#isOneOf(NAME, excludedNames))]),
      ...(prefixes.length === 0 ? [] : [this.#startsWithOneOf(NAME, prefixes)]),
      ...(excludedPrefixes.length === 0 ? [] : [not(this.#startsWithOneOf(NAME, excludedPrefixes))]),
      ...(resource === null ? [] : this.#ownResource(resource)),
      ...related.map((each) => this.#relatedResource(each)),
      ...anyResource.map((each) => this.#someResource(each)),
      ...(ids.length === 0 ? [] : [this.#hasId(ids)]),
      ...(text === null ? [] : this.#textClauses(text)),
    ];
  }

  #isOneOf(column: string, values: readonly string[], kind: 'text' | 'id' = 'text'): Clause {
    if (values.length > LIST_MAX)
      return { sql: this.#dialect.isOneOf(column, kind), values: [this.#dialect.list(kind, values)] };
    return {
      sql: `${column} IN (${values.map(() => '?').join(', ')})`,
      values: kind === 'id' ? values.map(uuidBytes) : values,
    };
  }

  #startsWithOneOf(column: string, prefixes: readonly string[]): Clause {
    if (prefixes.length > LIST_MAX)
      return this.#inList(`substr(${column}, 1, length(wanted.value)) = wanted.value`, prefixes);
    return any(prefixes.map((prefix) => ({ sql: `substr(${column}, 1, length(?)) = ?`, values: [prefix, prefix] })));
  }

  #inList(condition: string, texts: readonly string[]): Clause {
    return {
      sql: `EXISTS (SELECT 1 FROM ${this.#dialect.texts('?', 'wanted')} WHERE ${condition})`,
      values: [JSON.stringify(texts)],
    };
  }

  /** Their numbers are looked up first: checked on each row, all events of the period would be read. */
  #hasId(ids: readonly string[]): Clause {
    const own = this.#isOneOf('own.id', ids, 'id');
    const parts = [
      { sql: `SELECT own.seq FROM event AS own WHERE own.task_run_id IS NULL AND ${own.sql}`, values: own.values },
      ...this.#compactIds(ids),
    ];
    return {
      sql: `event.seq IN (${parts.map(({ sql }) => sql).join(' UNION ALL ')})`,
      values: parts.flatMap(({ values }) => values),
    };
  }

  #compactIds(ids: readonly string[]): readonly Clause[] {
    const madeAt = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16) * 1000;
    if (ids.length <= LIST_MAX) {
      return ids.map((id) => ({
        sql: 'SELECT compact.seq FROM event AS compact WHERE compact.task_run_id IS NOT NULL AND compact.id = ? AND compact.occurred BETWEEN ? AND ?',
        values: [uuidBytes(id), madeAt(id) - ID_TIME_US, madeAt(id) + ID_TIME_US] satisfies readonly Value[],
      }));
    }
    const { elements, jsonText, idOf, orderedJoin } = this.#dialect;
    const list = ids.map((id) => ({ id: id.replaceAll('-', ''), at: madeAt(id) }));
    const at = `CAST(${jsonText('wanted.value', ['at'])} AS BIGINT)`;
    const sql =
      `SELECT compact.seq FROM ${elements('?', 'wanted')} ${orderedJoin} event AS compact ON compact.occurred BETWEEN ${at} - ${ID_TIME_US} ` +
      `AND ${at} + ${ID_TIME_US} AND compact.id = ${idOf(jsonText('wanted.value', ['id']))} WHERE compact.task_run_id IS NOT NULL`;
    return [{ sql, values: [JSON.stringify(list)] }];
  }

  #ownResource({ ids, idPrefixes, labels }: ResourceFilter): readonly Clause[] {
    return [
      ...(ids.length === 0 ? [] : [this.#byResource({ ids, roles: [''], areCompactToo: true, isRelated: false })]),
      ...(idPrefixes.length === 0 ? [] : [this.#startsWithOneOf(this.resource, idPrefixes)]),
      ...labels.map((label) =>
        label.label === RESOURCE_ID
          ? this.#fits(this.resource, label.patterns)
          : this.#labelOf('event_body.labels', label),
      ),
    ];
  }

  #relatedResource(filter: RelatedFilter): Clause {
    const { ids, roles, resourcesInRoles, labels } = filter;
    const [ofId, ofRole] = [this.#member(RESOURCE_ID), this.#member(RESOURCE_ROLE)];
    const element: Clause[] = [
      ...(ids.length === 0 ? [] : [this.#isOneOf(ofId, ids)]),
      ...(roles.length === 0 ? [] : [this.#isOneOf(ofRole, roles)]),
      ...(resourcesInRoles.length === 0
        ? []
        : [any(resourcesInRoles.map(([id, role]) => all([this.#isOneOf(ofId, [id]), this.#isOneOf(ofRole, [role])])))]),
      ...labels.map((label) => this.#labelOf('part.value', label)),
    ];
    const wanted = ids.length > 0 ? ids : resourcesInRoles.map(([id]) => id);
    const full = all([
      ...(wanted.length === 0
        ? []
        : [this.#byResource({ ids: wanted, roles: [], areCompactToo: false, isRelated: true })]),
      this.#inRelated(all(element)),
    ]);
    if (labels.length > 0) return full;
    const isFlowRunMeant = (roles.length === 0 || roles.includes('flow-run')) && wanted.length > 0;
    return isFlowRunMeant ? any([full, this.#compactOfFlowRuns(wanted)]) : full;
  }

  #someResource({ ids, idPrefixes, labels }: ResourceFilter): Clause {
    const narrow = ids.length === 0 ? [] : [this.#byResource({ ids, roles: [], areCompactToo: true, isRelated: true })];
    if (idPrefixes.length === 0 && labels.length === 0) return all(narrow);
    const of = (id: string, json: string): Clause =>
      all([
        ...(ids.length === 0 ? [] : [this.#isOneOf(id, ids)]),
        ...(idPrefixes.length === 0 ? [] : [this.#startsWithOneOf(id, idPrefixes)]),
        ...labels.map((label) =>
          label.label === RESOURCE_ID ? this.#fits(id, label.patterns) : this.#labelOf(json, label),
        ),
      ]);
    return all([
      ...narrow,
      any([of(this.resource, 'event_body.labels'), this.#inRelated(of(this.#member(RESOURCE_ID), 'part.value'))]),
    ]);
  }

  #inRelated({ sql, values }: Clause): Clause {
    return {
      sql: `EXISTS (SELECT 1 FROM ${this.#dialect.elements('event_body.related', 'part')} WHERE ${sql})`,
      values,
    };
  }

  /** A label of a related resource; `label` must not contain quotes. */
  #member(label: string): string {
    return `(${this.#dialect.jsonText('part.value', [label])})`;
  }

  /** Users' labels may have any name: they are compared as values, not written into a path. */
  #labelOf(json: string, { label, patterns }: LabelPatterns): Clause {
    const { sql, values } = this.#fits('entry.value', patterns);
    return {
      sql: `EXISTS (SELECT 1 FROM ${this.#dialect.entries(json, 'entry')} WHERE entry.key = ? AND ${sql})`,
      values: [label, ...values],
    };
  }

  #fits(column: string, patterns: readonly string[]): Clause {
    if (patterns.length === 0) return NEVER;
    const { fits, pattern } = this.#dialect;
    const asked = patterns.map((each) =>
      each.startsWith('!')
        ? { isTurned: true, text: pattern(each.slice(1)) }
        : { isTurned: false, text: pattern(each) },
    );
    if (asked.length <= LIST_MAX)
      return any(asked.map(({ isTurned, text }) => ({ sql: fits(column, '?', isTurned), values: [text] })));
    return any(
      [false, true].map((isTurned) =>
        this.#inList(
          fits(column, 'wanted.value', isTurned),
          asked.filter((each) => each.isTurned === isTurned).map(({ text }) => text),
        ),
      ),
    );
  }

  #byResource({ ids, roles, areCompactToo, isRelated }: ByResource): Clause {
    const found = all([
      this.#isOneOf('resource_id', ids),
      ...(roles.length === 0 ? [] : [this.#isOneOf('role', roles)]),
    ]);
    const full: Clause = {
      sql: `event.seq IN (SELECT seq FROM event_resource WHERE ${found.sql})`,
      values: found.values,
    };
    if (!areCompactToo) return full;
    const taskRuns = objectIds(ids, 'prefect.task-run.');
    const compact = taskRuns.length === 0 ? [] : [compactOf(this.#isOneOf('state.run_id', taskRuns, 'id'), '')];
    return any([full, ...compact, ...(isRelated ? [this.#compactOfFlowRuns(ids)] : [])]);
  }

  #compactOfFlowRuns(ids: readonly string[]): Clause {
    const flowRuns = objectIds(ids, 'prefect.flow-run.');
    if (flowRuns.length === 0) return NEVER;
    return compactOf(
      this.#isOneOf('task_run.flow_run_id', flowRuns, 'id'),
      'JOIN task_run ON task_run.id = state.run_id',
    );
  }

  #textClauses({ oneOf, required, excluded }: EventText): readonly Clause[] {
    const text = this.#dialect.folded(
      `${NAME} || ' ' || COALESCE(event_body.labels, ${this.resource}) || ' ' || COALESCE(event_body.related, '') || ' ' || COALESCE(event_body.payload, event.payload, '')`,
    );
    const occurs = (term: string): Clause => ({ sql: this.#dialect.occursIn('?', text), values: [term.toLowerCase()] });
    return [
      ...(oneOf.length === 0 ? [] : [any(oneOf.map(occurs))]),
      ...required.map(occurs),
      ...excluded.map((term) => not(occurs(term))),
    ];
  }
}

/** A compact row occurred when its state was entered; found by the index of times. */
function compactOf({ sql, values }: Clause, join: string): Clause {
  return {
    sql:
      `event.seq IN (SELECT compact.seq FROM task_run_state AS state ${join} ` +
      `JOIN event AS compact ON compact.occurred = state.timestamp AND compact.task_run_id = state.run_id AND compact.id = state.id WHERE ${sql})`,
    values,
  };
}

function objectIds(resourceIds: readonly string[], prefix: string): readonly string[] {
  return resourceIds
    .filter((id) => id.startsWith(prefix) && isUuid(id.slice(prefix.length)))
    .map((id) => id.slice(prefix.length));
}
