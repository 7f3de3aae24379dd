/** Compiles conditions to SQL. Values become slots, numbered in the order in which `shape.ts` collects them. */

import { OstinatoError } from '../../core/errors.ts';
import type { Condition } from '../../core/query.ts';
import type { Field, NounTable, Relation } from '../nouns/field.ts';
import { NOUN_TABLES, RELATIONS, type TableName } from './fields.ts';
import { fieldOf } from './shape.ts';
import type { LeafCondition, SqlDialect } from './sql-dialect.ts';
import { sql, type Sql } from './sql.ts';

/** Placeholder of a value; compiled statements list them as their parameters. */
export class Slot {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** Numbers the slots. */
export class Slots {
  #next = 0;

  take(count: number): Sql[] {
    return Array.from({ length: count }, () => sql`${new Slot(this.#next++)}`);
  }
}

const TRUE = sql`1 = 1`;
const FALSE = sql`1 = 0`;

export interface CompileOptions {
  /** Inside a `not`: then a missing relation must be false, not unknown. */
  readonly isDenied?: boolean;
  /** Only this field may use an index: the rows are walked in its order, and the other parts are checked on each. */
  readonly along?: string;
  /** One of many relations that must all hold: see `SqlDialect.apart`. */
  readonly isOneOfMany?: boolean;
}

/** PostgreSQL plans so many joins in a millisecond; a hundred take it a second. */
const JOINS_MAX = 10;

type Stored = Condition<TableName>;

export function compileCondition(
  dialect: SqlDialect,
  slots: Slots,
  noun: TableName,
  condition: Stored,
  options: CompileOptions = {},
): Sql {
  switch (condition.op) {
    case 'and':
    case 'or': {
      if (condition.of.length === 0) return condition.op === 'and' ? TRUE : FALSE;
      const either = condition.op === 'or' ? compileEither(dialect, slots, noun, condition.of, options) : null;
      if (either !== null) return either;
      const isOneOfMany = condition.of.filter(({ op }) => op === 'exists').length > JOINS_MAX;
      const parts = condition.of.map((part) =>
        compileCondition(dialect, slots, noun, part, { ...options, isOneOfMany }),
      );
      return chained(parts, ` ${condition.op} `);
    }
    case 'not':
      return sql`not (${compileCondition(dialect, slots, noun, condition.of, { ...options, isDenied: true })})`;
    case 'exists': {
      const compiled = compileExists(dialect, slots, noun, condition, options);
      return options.isOneOfMany ? dialect.apart(compiled) : compiled;
    }
    default:
      return compileLeaf(dialect, slots, fieldOf(noun, condition.field), condition, options);
  }
}

/** Longer chains are halved: SQLite nests a chain as deep as it is long, and has a limit of 1,000 for that. */
const CHAIN_MAX = 50;

function chained(parts: readonly Sql[], word: string): Sql {
  if (parts.length === 1) return parts[0] as Sql;
  if (parts.length <= CHAIN_MAX) return sql`(${sql.join(parts, word)})`;
  const middle = Math.ceil(parts.length / 2);
  return sql`(${chained(parts.slice(0, middle), word)}${sql.raw(word)}${chained(parts.slice(middle), word)})`;
}

function compileLeaf(
  dialect: SqlDialect,
  slots: Slots,
  field: Field,
  condition: LeafCondition,
  { along }: CompileOptions,
): Sql {
  const leaf = dialect.leaf(condition, field.kind);
  const own = slots.take(leaf.values.length);
  const on = (column: string): Sql => leaf.sql(sql.raw(column), own);
  const column = hidden(
    dialect,
    columnOf(dialect, field),
    along !== undefined && along !== condition.field && field.index !== undefined,
  );
  return field.within ? field.within(on, column) : on(column);
}

function hidden(dialect: SqlDialect, column: string, isHidden: boolean): string {
  return isHidden ? dialect.unindexed(column) : column;
}

export function columnOf(dialect: SqlDialect, { column }: Field): string {
  return typeof column === 'string' ? column : column(dialect);
}

type Exists = Extract<Stored, { readonly op: 'exists' }>;

function compileExists(
  dialect: SqlDialect,
  slots: Slots,
  noun: TableName,
  condition: Exists,
  { isDenied = false, along }: CompileOptions,
): Sql {
  const relation = relationOf(noun, condition.noun, condition.by);
  const { rows, where } = relatedRows(dialect, slots, relation, condition, isDenied);
  if (relation.rows === null) return where;
  if (relation.from === undefined || relation.to === undefined)
    return sql`exists (select 1 from ${rows} where ${where})`;
  const to = sql.raw(relation.to);
  const from = sql.raw(hidden(dialect, relation.from, along !== undefined));
  // One value: an index of it is in the order of the ids.
  if (!isDenied && relation.isToOne && isSingle(condition.noun, condition.where))
    return sql`${from} = (select ${to} from ${rows} where ${where})`;
  // With a list of keys, the database may begin with the related rows; checking row by row, it looks at few of many.
  if (!isDenied && (relation.isToOne || isSelective(condition.noun, condition.where)))
    return sql`${from} in (select ${to} from ${rows} where ${where})`;
  return sql`exists (select 1 from ${rows} where ${to} = ${sql.raw(relation.from)} and ${where})`;
}

function relatedRows(
  dialect: SqlDialect,
  slots: Slots,
  { rows }: Relation,
  condition: Exists,
  isDenied: boolean,
): { readonly rows: Sql; readonly where: Sql } {
  const { table, only } = NOUN_TABLES[condition.noun];
  const own = compileCondition(dialect, slots, condition.noun, condition.where, { isDenied });
  return {
    rows: sql.raw(rows?.(dialect) ?? table),
    where: only === undefined ? own : sql`${own} and ${sql.raw(only)}`,
  };
}

/**
 * One list of keys for relations of which one must hold, where each selects a few rows: PostgreSQL would ask every row
 * for each of them. `null`: they are not of that kind.
 */
function compileEither(
  dialect: SqlDialect,
  slots: Slots,
  noun: TableName,
  parts: readonly Stored[],
  { isDenied, along }: CompileOptions,
): Sql | null {
  if (isDenied || along !== undefined || parts.length < 2) return null;
  const related = parts.flatMap((part) => {
    if (part.op !== 'exists' || !isSelective(part.noun, part.where)) return [];
    return [{ part, relation: relationOf(noun, part.noun, part.by) }];
  });
  const from = related[0]?.relation.from;
  if (related.length < parts.length || from === undefined) return null;
  if (related.some(({ relation }) => relation.from !== from || relation.to === undefined)) return null;
  const keys = related.map(({ part, relation }) => {
    const { rows, where } = relatedRows(dialect, slots, relation, part, false);
    return sql`select ${sql.raw(relation.to as string)} from ${rows} where ${where}`;
  });
  return sql`${sql.raw(from)} in (${sql.join(keys, ' union all ')})`;
}

function relationOf(from: TableName, to: TableName, by: string | undefined): Relation {
  const name = `${from}>${to}${by === undefined ? '' : `:${by}`}`;
  if (!Object.hasOwn(RELATIONS, name))
    throw new OstinatoError(
      'bad-input',
      `No relation leads from ${from} to ${to}${by === undefined ? '' : ` by ${by}`}.`,
    );
  return RELATIONS[name] as Relation;
}

/** Whether a value in the condition selects a few rows at most. */
export function isSelective(noun: TableName, condition: Stored): boolean {
  if (condition.op === 'and') return condition.of.some((part) => isSelective(noun, part));
  if (condition.op === 'or') return condition.of.length > 0 && condition.of.every((part) => isSelective(noun, part));
  return (condition.op === 'in' || condition.op === 'eq') && fieldOf(noun, condition.field).index === 'few';
}

/** Whether at most one row meets the condition. */
export function isSingle(noun: TableName, condition: Stored): boolean {
  if (condition.op === 'and') return condition.of.some((part) => isSingle(noun, part));
  return isOneValue(condition) && fieldOf(noun, condition.field).isUnique === true;
}

export function isOneValue(condition: Stored): condition is Extract<Stored, { readonly op: 'eq' | 'in' }> {
  return condition.op === 'eq' || (condition.op === 'in' && condition.values.length === 1);
}

export function tableOf(noun: TableName): NounTable {
  return NOUN_TABLES[noun];
}
