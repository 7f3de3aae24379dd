/** A condition on events, said by what is stored of them (`nouns/event.ts`). */

import { holds } from '../../core/condition-match.ts';
import { isUuid } from '../../core/ids.ts';
import { allOf, anyOf, piecesOf, type Condition, type RelationName, type Scalar } from '../../core/query.ts';
import type { TableName } from './fields.ts';

type Stored = Condition<TableName>;
type Exists = Extract<Condition, { readonly op: 'exists' }>;

export function storedEvents(where: Condition): Stored {
  switch (where.op) {
    case 'and':
    case 'or':
      return { op: where.op, of: where.of.map(storedEvents) };
    case 'not':
      return { op: 'not', of: storedEvents(where.of) };
    case 'exists':
      return where.noun === 'event_resource' ? storedResource(where) : where;
    default:
      return isById(where) ? storedIds(valuesOf(where)) : where;
  }
}

/** An index knows resources by their ids. Whatever else is asked is read from what the event says. */
function storedResource({ where, by }: Exists): Stored {
  const read: readonly Stored[] = [
    ...(by === 'related' ? [] : [{ op: 'exists', noun: 'own_resource', where } as const]),
    ...(by === 'own' ? [] : [{ op: 'exists', noun: 'related_resource', where } as const]),
  ];
  const ids = idsNamed(where);
  if (ids === null) return anyOf(read);
  const asksLabels = [...piecesOf(where)].some(({ op }) => op === 'exists');
  const known: Condition = asksLabels ? { op: 'in', field: 'id', values: ids } : where;
  const indexed: Stored = { op: 'exists', noun: 'event_resource', where: allOf([...roleOf(by), known]) };
  // Compact rows are not asked what labels say.
  return asksLabels ? allOf([indexed, anyOf(read)]) : anyOf([indexed, ...storedStates(where, ids, by)]);
}

/** A resource of the event's own has no role. */
function roleOf(by: RelationName | undefined): readonly Condition[] {
  if (by === undefined) return [];
  return [{ op: by === 'own' ? 'in' : 'notIn', field: 'role', values: [''] }];
}

/** Compact rows are about a task run, and related to its flow run. */
function storedStates(where: Condition, ids: readonly string[], by: RelationName | undefined): readonly Stored[] {
  const found = (kind: string, role: string): readonly string[] => {
    const prefix = `prefect.${kind}.`;
    return ids
      .filter((id) => id.startsWith(prefix) && isUuid(id.slice(prefix.length)) && holds(where, { id, role }))
      .map((id) => id.slice(prefix.length));
  };
  const of = (field: string, values: readonly string[]): readonly Stored[] =>
    values.length === 0 ? [] : [{ op: 'exists', noun: 'compact_event', where: { op: 'in', field, values } }];
  return [
    ...(by === 'related' ? [] : of('taskRunId', found('task-run', ''))),
    ...(by === 'own' ? [] : of('flowRunId', found('flow-run', 'flow-run'))),
  ];
}

/** An id has the value of one of these; `null`: of any. */
function idsNamed(where: Condition): readonly string[] | null {
  switch (where.op) {
    case 'and':
      return where.of.map(idsNamed).find((ids) => ids !== null) ?? null;
    case 'or': {
      const named = where.of.map(idsNamed);
      return named.includes(null) ? null : [...new Set(named.flatMap((ids) => ids ?? []))];
    }
    default:
      return isById(where) ? valuesOf(where).map(String) : null;
  }
}

type ById =
  | { readonly op: 'eq'; readonly field: string; readonly value: Scalar }
  | { readonly op: 'in'; readonly field: string; readonly values: readonly Scalar[] };

function isById(where: Condition): where is ById {
  return (where.op === 'eq' || where.op === 'in') && where.field === 'id';
}

function valuesOf(where: ById): readonly Scalar[] {
  return where.op === 'in' ? where.values : [where.value];
}

/**
 * An id of our own engine contains its time: compact rows, which have no index on ids, are searched around that time.
 */
const ID_TIME_US = 60_000_000;
/** Stretches of time that are searched; ids that lie closest share one where there would be more. */
const STRETCHES_MAX = 50;

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly ids: readonly string[];
}

function storedIds(ids: readonly Scalar[]): Stored {
  const compact = stretchesOf(ids.map(String)).map(({ from, to, ids: values }): Stored =>
    allOf<TableName>([
      { op: 'isNull', field: 'taskRunId', isNull: false },
      { op: 'in', field: 'id', values },
      { op: 'ge', field: 'occurred', value: from },
      { op: 'le', field: 'occurred', value: to },
    ]),
  );
  const full: Stored = allOf<TableName>([
    { op: 'isNull', field: 'taskRunId', isNull: true },
    { op: 'in', field: 'id', values: ids },
  ]);
  return { op: 'exists', noun: 'event_by_id', where: anyOf([full, ...compact]) };
}

function stretchesOf(ids: readonly string[]): readonly Stretch[] {
  const madeAt = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16) * 1000;
  const single = ids
    .map((id) => ({ from: madeAt(id) - ID_TIME_US, to: madeAt(id) + ID_TIME_US, ids: [id] }))
    .sort((a, b) => a.from - b.from);
  const gaps = single.slice(1).map(({ from }, index) => from - (single[index] as Stretch).to);
  // Longer gaps than this part stretches.
  const widest = gaps.toSorted((a, b) => b - a)[STRETCHES_MAX - 1] ?? -Infinity;
  const stretches: Stretch[] = [];
  single.forEach((one, index) => {
    const last = stretches.at(-1);
    if (last === undefined || (gaps[index - 1] as number) > widest) stretches.push(one);
    else stretches[stretches.length - 1] = { from: last.from, to: one.to, ids: [...last.ids, ...one.ids] };
  });
  return stretches;
}
