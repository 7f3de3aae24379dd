/**
 * Conditions about one field in SQLite's language.
 *
 * 1. Long lists are bound as one JSON text, short ones value by value, filled up to a power of two: few shapes.
 * 2. Text is compared without its case by LIKE, which knows ASCII only; texts with other letters go through `fold_case`.
 * 3. A list (tags) is JSON as `JSON.stringify` writes it: looking for the quoted text first spares most rows the parsing.
 */

import { isAscii, type Scalar } from '../../../core/query.ts';
import { uuidBytes } from '../../id-value.ts';
import type { FieldKind } from '../../queries/fields.ts';
import type { Bindable, LeafCondition, LeafSpelling, Spelling } from '../../queries/spelling.ts';
import { sql, type Sql } from '../../queries/sql.ts';
import { FOLD_CASE } from './fold-case.ts';

/** Longer lists are bound as one JSON text. */
const SINGLE_VALUES_MAX = 16;
const SINGLE_TAGS_MAX = 4;

export const sqliteSpelling: Spelling = {
  leaf,
  // SQLite keeps the order of cross joins.
  orderedJoin: 'cross join',
  jsonText: (column, path) => `json_extract(${column}, '$.${path.join('.')}')`,
  jsonList: (column, key) => `json_extract(${column}, '$.${key}')`,
  // Tables whose rows lie by their id have no other key.
  now: "cast(unixepoch('now', 'subsec') * 1000000 as integer)",
  rowKey: (table) => (table === 'task_run' ? 'id' : 'rowid'),
  unindexed: (column) => `+${column}`,
};

const TRUE = sql`1 = 1`;
const FALSE = sql`1 = 0`;
const COMPARISONS = { eq: '=', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

function leaf(condition: LeafCondition, kind: FieldKind): LeafSpelling {
  switch (condition.op) {
    case 'in':
    case 'notIn':
      return listed(condition.values, kind, condition.op === 'in');
    case 'isNull': {
      const test = condition.isNull ? 'is null' : 'is not null';
      return { tag: condition.isNull ? '1' : '0', values: [], sql: (column) => sql`${column} ${sql.raw(test)}` };
    }
    case 'like':
      return isAscii(condition.pattern) ? likeAscii(condition.pattern) : likeFolded(condition.pattern);
    case 'contains':
    case 'startsWith':
      return part(condition.text, condition.op === 'startsWith');
    case 'hasAll':
    case 'hasAny':
      return tagged(condition.values, condition.op === 'hasAll');
    case 'isEmpty': {
      const test = condition.isEmpty ? "= '[]'" : "<> '[]'";
      return { tag: condition.isEmpty ? '1' : '0', values: [], sql: (column) => sql`${column} ${sql.raw(test)}` };
    }
    default: {
      const sign = COMPARISONS[condition.op];
      return { tag: '', values: [bound(condition.value, kind)], sql: (column, [value]) => sql`${column} ${sql.raw(sign)} ${value}` };
    }
  }
}

function bound(value: Scalar, kind: FieldKind): Bindable {
  if (kind === 'id') return uuidBytes(String(value));
  return typeof value === 'boolean' ? Number(value) : value;
}

function listed(values: readonly Scalar[], kind: FieldKind, isWanted: boolean): LeafSpelling {
  if (values.length === 0) return { tag: '0', values: [], sql: () => (isWanted ? FALSE : TRUE) };
  const sign = sql.raw(isWanted ? 'in' : 'not in');
  if (values.length > SINGLE_VALUES_MAX) {
    const isId = kind === 'id';
    const item = sql.raw(isId ? 'unhex(value)' : 'value');
    return {
      tag: 'many',
      values: [JSON.stringify(isId ? values.map((value) => String(value).replaceAll('-', '')) : values.map((value) => bound(value, kind)))],
      sql: (column, [text]) => sql`${column} ${sign} (select ${item} from json_each(${text}))`,
    };
  }
  const size = filledSize(values.length);
  const all = Array.from({ length: size }, (_, index) => bound(values[Math.min(index, values.length - 1)] as Scalar, kind));
  return { tag: String(size), values: all, sql: (column, slots) => sql`${column} ${sign} (${sql.join(slots)})` };
}

function filledSize(count: number): number {
  let size = 1;
  while (size < count) size *= 2;
  return size;
}

function likeAscii(pattern: string): LeafSpelling {
  return { tag: 'ascii', values: [pattern], sql: (column, [text]) => sql`${column} like ${text}` };
}

function likeFolded(pattern: string): LeafSpelling {
  return { tag: 'folded', values: [pattern.toLowerCase()], sql: (column, [text]) => sql`${sql.raw(FOLD_CASE)}(${column}) like ${text}` };
}

function part(text: string, isStart: boolean): LeafSpelling {
  // LIKE takes a zero byte for the end of its pattern.
  if (isAscii(text) && !text.includes('\0')) {
    const escaped = text.replaceAll(/[\\%_]/g, String.raw`\$&`);
    return {
      tag: 'ascii',
      values: [`${isStart ? '' : '%'}${escaped}%`],
      sql: (column, [pattern]) => sql`${column} like ${pattern} escape '\\'`,
    };
  }
  const test = sql.raw(isStart ? '= 1' : '> 0');
  return { tag: 'folded', values: [text.toLowerCase()], sql: (column, [found]) => sql`instr(${sql.raw(FOLD_CASE)}(${column}), ${found}) ${test}` };
}

function tagged(tags: readonly string[], wantsAll: boolean): LeafSpelling {
  if (tags.length === 0) return { tag: '0', values: [], sql: () => (wantsAll ? TRUE : FALSE) };
  if (tags.length > SINGLE_TAGS_MAX) {
    const missing = (column: Sql): Sql => sql`select value from json_each(${column})`;
    return {
      tag: 'many',
      values: [JSON.stringify(tags)],
      sql: (column, [text]) => wantsAll
        ? sql`not exists (select 1 from json_each(${text}) as wanted where wanted.value not in (${missing(column)}))`
        : sql`exists (select 1 from json_each(${text}) as wanted where wanted.value in (${missing(column)}))`,
    };
  }
  const has = (column: Sql, quoted: Sql, tag: Sql): Sql =>
    sql`(instr(${column}, ${quoted}) > 0 and exists (select 1 from json_each(${column}) where json_each.value = ${tag}))`;
  return {
    tag: String(tags.length),
    values: tags.flatMap((tag) => [JSON.stringify(tag), tag]),
    sql(column, slots) {
      const parts = tags.map((_, index) => has(column, slots[index * 2] as Sql, slots[index * 2 + 1] as Sql));
      return sql`(${sql.join(parts, wantsAll ? ' and ' : ' or ')})`;
    },
  };
}
