/** Conditions as they are meant, over rows in memory: what every store's lists are compared with. */
import assert from 'node:assert/strict';
import {
  foldCase,
  type AskedNoun,
  type Condition,
  type Noun,
  type Query,
  type RelationName,
  type Scalar,
} from '../../src/core/query.ts';

export type Value = Scalar | null | readonly string[];

export interface MemoryRow {
  readonly id: string;
  readonly fields: Readonly<Record<string, Value>>;
}

export interface MemoryTables {
  rows(noun: AskedNoun): readonly MemoryRow[];
  /** Whether the second row belongs to the first. */
  isTied(from: AskedNoun, row: MemoryRow, to: AskedNoun, other: MemoryRow, by: RelationName | undefined): boolean;
}

/** `null`: unknown, as in SQL. */
type Truth = boolean | null;

export function holds(tables: MemoryTables, noun: AskedNoun, row: MemoryRow, condition: Condition): Truth {
  switch (condition.op) {
    case 'and':
      return fold(
        condition.of.map((part) => holds(tables, noun, row, part)),
        false,
      );
    case 'or':
      return fold(
        condition.of.map((part) => holds(tables, noun, row, part)),
        true,
      );
    case 'not': {
      const inner = holds(tables, noun, row, condition.of);
      return inner === null ? null : !inner;
    }
    case 'exists':
      return tables
        .rows(condition.noun)
        .some(
          (other) =>
            tables.isTied(noun, row, condition.noun, other, condition.by) &&
            holds(tables, condition.noun, other, condition.where) === true,
        );
    default: {
      const value = row.fields[condition.field];
      assert.notEqual(value, undefined, `${noun} has no ${condition.field}`);
      return fieldHolds(value as Value, condition);
    }
  }
}

/** @param decisive the value that decides alone: `true` for `or` */
function fold(truths: readonly Truth[], decisive: boolean): Truth {
  if (truths.includes(decisive)) return decisive;
  return truths.includes(null) ? null : !decisive;
}

function fieldHolds(
  value: Value,
  condition: Exclude<Condition, { readonly op: 'and' | 'or' | 'not' | 'exists' }>,
): Truth {
  if (condition.op === 'isNull') return (value === null) === condition.isNull;
  if ((condition.op === 'in' || condition.op === 'notIn') && condition.values.length === 0)
    return condition.op === 'notIn';
  if ('patterns' in condition && condition.patterns.length === 0) return false;
  if (condition.op === 'hasAnyPrefix' && condition.values.length === 0) return false;
  if (value === null) return null;
  if (Array.isArray(value)) return listHolds(value as readonly string[], condition);
  const own = value as Scalar;
  switch (condition.op) {
    case 'in':
      return condition.values.includes(own);
    case 'notIn':
      return !condition.values.includes(own);
    case 'contains':
      return foldCase(String(own), condition.text).includes(foldCase(condition.text, condition.text));
    case 'startsWith':
      return foldCase(String(own), condition.text).startsWith(foldCase(condition.text, condition.text));
    case 'hasPrefix':
      return String(own).startsWith(condition.text);
    case 'hasAnyPrefix':
      return condition.values.some((text) => String(own).startsWith(text));
    case 'glob':
      return condition.patterns.some((pattern) => globPattern(pattern).test(String(own)));
    case 'like':
      return likePattern(foldCase(condition.pattern, condition.pattern)).test(foldCase(String(own), condition.pattern));
    case 'eq':
      return own === condition.value;
    case 'lt':
      return compare(own, condition.value) < 0;
    case 'le':
      return compare(own, condition.value) <= 0;
    case 'gt':
      return compare(own, condition.value) > 0;
    case 'ge':
      return compare(own, condition.value) >= 0;
    default:
      throw new Error(`${condition.op} is not about one value`);
  }
}

function listHolds(list: readonly string[], condition: Condition): boolean {
  switch (condition.op) {
    case 'hasAll':
      return condition.values.every((value) => list.includes(value));
    case 'hasAny':
      return condition.values.some((value) => list.includes(value));
    case 'isEmpty':
      return (list.length === 0) === condition.isEmpty;
    default:
      throw new Error(`${condition.op} is not about a list`);
  }
}

function likePattern(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
    .replaceAll('%', String.raw`[\s\S]*`)
    .replaceAll('_', String.raw`[\s\S]`);
  return new RegExp(`^${source}$`, 'u');
}

function globPattern(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[\\^$.+()[\]{}|/]/g, String.raw`\$&`)
    .replaceAll('*', String.raw`[\s\S]*`)
    .replaceAll('?', String.raw`[\s\S]`);
  return new RegExp(`^${source}$`, 'u');
}

/** Null is the smallest; texts go by their bytes. */
export function compare(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/** The ids that the query answers, in its order. */
export function evaluate(tables: MemoryTables, noun: Noun, query: Query, tieBreak = 'id'): string[] {
  const last = query.sort.at(-1)?.direction ?? 'desc';
  const order = [...query.sort, { field: tieBreak, direction: last }];
  return tables
    .rows(noun)
    .filter((row) => holds(tables, noun, row, query.where) === true)
    .sort((a, b) => {
      for (const { field, direction } of order) {
        const difference = compare(a.fields[field] as Value, b.fields[field] as Value);
        if (difference !== 0) return direction === 'asc' ? difference : -difference;
      }
      return 0;
    })
    .slice(query.offset, query.offset + query.limit)
    .map((row) => row.id);
}
