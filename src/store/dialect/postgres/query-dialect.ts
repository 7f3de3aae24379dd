/**
 * Conditions on one field in PostgreSQL's SQL.
 *
 * 1. Lists are bound as one array.
 * 2. Text is compared without its case by ILIKE, which folds ASCII where texts have the order of their bytes, as they
 *    do here; texts with other letters by the rules of ICU.
 */

import { isAscii, type Scalar } from '../../../core/query.ts';
import type { FieldKind } from '../../nouns/field.ts';
import { leafOf } from '../../queries/leaf.ts';
import type { CompiledLeaf, SqlDialect } from '../../queries/sql-dialect.ts';
import { sql, type Sql } from '../../queries/sql.ts';
import { jsonText, list, postgresDialect } from './dialect.ts';

const ARRAYS = { id: 'uuid[]', text: 'text[]', number: 'bigint[]', boolean: 'bigint[]', list: 'text[]' } as const;

export const postgresQueryDialect: SqlDialect = {
  leaf: leafOf({
    isOneOf: listed,
    isLike: (pattern) => like(pattern, ''),
    hasPart: (text, isStart) => like(`${isStart ? '' : '%'}${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`, '\\'),
    globOperator: 'like',
    globPattern: (pattern) =>
      pattern
        .replaceAll(/[\\%_]/g, String.raw`\$&`)
        .replaceAll('*', '%')
        .replaceAll('?', '_'),
    texts: (texts) => sql`unnest(cast(${texts} as text[])) as wanted(value)`,
    list,
    hasTags: tagged,
  }),
  orderedJoin: 'join',
  isOneOf: (column, kind, slot) => sql`${sql.raw(column)} = any(cast(${slot} as ${sql.raw(ARRAYS[kind])}))`,
  list,
  // What is one of two is not made a join.
  apart: (condition) => sql`(${condition} or false)`,
  ofNewestEvent: (expression) =>
    `(array_agg(cast(${expression} as text) order by event.occurred desc, event.seq desc))[1]`,
  // As in SQLite, null sorts before every value.
  direction: (direction) => (direction === 'asc' ? 'asc nulls first' : 'desc nulls last'),
  smallestId: (column) => `min(cast(${column} as text))`,
  largestId: (column) => `max(cast(${column} as text))`,
  byIndex: () => '',
  jsonText,
  elements: postgresDialect.elements,
  entries: (json, alias) => `json_each_text(cast(${json} as json)) as ${alias}(key, value)`,
  idText: (column) => `cast(${column} as text)`,
  jsonList: (column, key) => `(cast(${column} as json) ->> '${key}')`,
  now: 'cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)',
  positive: (value) => `greatest(0, ${value})`,
  total: (value) => `cast(coalesce(sum(${value}), 0) as double precision)`,
  rowKey: (table) => (table === 'log' || table === 'event' ? 'seq' : 'id'),
  unindexed: (column) => column,
};

function listed(values: readonly Scalar[], kind: FieldKind, isWanted: boolean): CompiledLeaf {
  const array = sql.raw(ARRAYS[kind]);
  const items = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  return {
    tag: '',
    values: [list(kind === 'id' ? 'id' : kind === 'text' ? 'text' : 'number', items)],
    sql: (column, [slot]) =>
      isWanted
        ? sql`${column} = any(cast(${slot} as ${array}))`
        : sql`not (${column} = any(cast(${slot} as ${array})))`,
  };
}

function like(pattern: string, escape: string): CompiledLeaf {
  const sign = sql.raw(`'${escape}'`);
  if (isAscii(pattern))
    return {
      tag: `ascii${escape}`,
      values: [pattern],
      sql: (column, [text]) => sql`${column} ilike ${text} escape ${sign}`,
    };
  return {
    tag: `folded${escape}`,
    values: [pattern.toLowerCase()],
    sql: (column, [text]) =>
      sql`${sql.raw('lower(')}${column}${sql.raw(' collate "und-x-icu") collate "C"')} like ${text} escape ${sign}`,
  };
}

function tagged(tags: readonly string[], wantsAll: boolean): CompiledLeaf {
  const own = (column: Sql): Sql =>
    sql`select own.value from json_array_elements_text(cast(${column} as json)) as own(value)`;
  return {
    tag: '',
    values: [list('text', tags)],
    sql: (column, [slot]) =>
      wantsAll
        ? sql`not exists (select 1 from unnest(cast(${slot} as text[])) as wanted(value) where wanted.value not in (${own(column)}))`
        : sql`exists (select 1 from unnest(cast(${slot} as text[])) as wanted(value) where wanted.value in (${own(column)}))`,
  };
}
