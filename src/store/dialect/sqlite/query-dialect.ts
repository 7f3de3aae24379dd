/**
 * Conditions on one field in SQLite's SQL.
 *
 * 1. Long lists are bound as one JSON text, short ones value by value, filled up to a power of two: few shapes.
 * 2. Text is compared without its case by LIKE, which knows ASCII only; texts with other letters go through
 *    `fold_case`.
 * 3. A list (tags) is JSON as `JSON.stringify` writes it: looking for the quoted text first spares most rows the
 *    parsing.
 */

import { isAscii, type Scalar } from '../../../core/query.ts';
import type { FieldKind } from '../../nouns/field.ts';
import { boundScalar, leafOf } from '../../queries/leaf.ts';
import type { CompiledLeaf, SqlDialect } from '../../queries/sql-dialect.ts';
import { sql, type Sql } from '../../queries/sql.ts';
import { FOLD_CASE } from './fold-case.ts';
import { sqliteDialect } from './dialect.ts';

/** Longer lists are bound as one JSON text. */
const SINGLE_VALUES_MAX = 16;
const SINGLE_TAGS_MAX = 4;

/** Where the digits between the dashes of an id begin, and how many they are. */
const ID_PARTS = [
  [1, 8],
  [9, 4],
  [13, 4],
  [17, 4],
  [21, 12],
] as const;

export const sqliteQueryDialect: SqlDialect = {
  leaf: leafOf({
    isOneOf: listed,
    isLike: (pattern) => (isAscii(pattern) ? likeAscii(pattern) : likeFolded(pattern)),
    hasPart: part,
    globOperator: 'glob',
    globPattern: (pattern) => pattern.replaceAll('[', '[[]'),
    texts: (list) => sql`json_each(${list}) as wanted`,
    list: sqliteDialect.list,
    hasTags: tagged,
  }),
  // SQLite keeps the order of cross joins.
  orderedJoin: 'cross join',
  isOneOf: (column, kind, slot) =>
    sql`${sql.raw(column)} in (select ${sql.raw(kind === 'id' ? 'unhex(value)' : 'value')} from json_each(${slot}))`,
  list: sqliteDialect.list,
  apart: (condition) => condition,
  direction: (direction) => direction,
  // SQLite takes bare columns from the row in which `min` or `max` was found.
  ofNewestEvent: (expression) => expression,
  smallestId: (column) => `min(${column})`,
  largestId: (column) => `max(${column})`,
  byIndex: (name) => `indexed by ${name}`,
  jsonText: (column, path) => `json_extract(${column}, '$${path.map((name) => `."${name}"`).join('')}')`,
  elements: sqliteDialect.elements,
  entries: sqliteDialect.elements,
  idText: (column) =>
    ID_PARTS.map(([from, length]) => `substr(lower(hex(${column})), ${from}, ${length})`).join(" || '-' || "),
  jsonList: (column, key) => `json_extract(${column}, '$.${key}')`,
  // Tables that are clustered by id have no other key.
  now: "cast(unixepoch('now', 'subsec') * 1000000 as integer)",
  positive: (value) => `max(0, ${value})`,
  total: (value) => `total(${value})`,
  rowKey: (table) => (table === 'task_run' ? 'id' : 'rowid'),
  unindexed: (column) => `+${column}`,
};

function listed(values: readonly Scalar[], kind: FieldKind, isWanted: boolean): CompiledLeaf {
  const sign = sql.raw(isWanted ? 'in' : 'not in');
  if (values.length > SINGLE_VALUES_MAX) {
    const isId = kind === 'id';
    const item = sql.raw(isId ? 'unhex(value)' : 'value');
    return {
      tag: 'many',
      values: [
        JSON.stringify(
          isId
            ? values.map((value) => String(value).replaceAll('-', ''))
            : values.map((value) => boundScalar(value, kind)),
        ),
      ],
      sql: (column, [text]) => sql`${column} ${sign} (select ${item} from json_each(${text}))`,
    };
  }
  const size = filledSize(values.length);
  const all = Array.from({ length: size }, (_, index) =>
    boundScalar(values[Math.min(index, values.length - 1)] as Scalar, kind),
  );
  return { tag: String(size), values: all, sql: (column, slots) => sql`${column} ${sign} (${sql.join(slots)})` };
}

function filledSize(count: number): number {
  let size = 1;
  while (size < count) size *= 2;
  return size;
}

function likeAscii(pattern: string): CompiledLeaf {
  return { tag: 'ascii', values: [pattern], sql: (column, [text]) => sql`${column} like ${text}` };
}

function likeFolded(pattern: string): CompiledLeaf {
  return {
    tag: 'folded',
    values: [pattern.toLowerCase()],
    sql: (column, [text]) => sql`${sql.raw(FOLD_CASE)}(${column}) like ${text}`,
  };
}

function part(text: string, isStart: boolean): CompiledLeaf {
  // LIKE ends its pattern at a zero byte.
  if (isAscii(text) && !text.includes('\0')) {
    const escaped = text.replaceAll(/[\\%_]/g, String.raw`\$&`);
    return {
      tag: 'ascii',
      values: [`${isStart ? '' : '%'}${escaped}%`],
      sql: (column, [pattern]) => sql`${column} like ${pattern} escape '\\'`,
    };
  }
  const test = sql.raw(isStart ? '= 1' : '> 0');
  return {
    tag: 'folded',
    values: [text.toLowerCase()],
    sql: (column, [found]) => sql`instr(${sql.raw(FOLD_CASE)}(${column}), ${found}) ${test}`,
  };
}

function tagged(tags: readonly string[], wantsAll: boolean): CompiledLeaf {
  if (tags.length > SINGLE_TAGS_MAX) {
    const missing = (column: Sql): Sql => sql`select value from json_each(${column})`;
    return {
      tag: 'many',
      values: [JSON.stringify(tags)],
      sql: (column, [text]) =>
        wantsAll
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
