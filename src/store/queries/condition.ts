/** Compiles conditions to SQL. Values become slots, numbered in the order in which `shape.ts` collects them. */

import { OstinatoError } from '../../core/errors.ts';
import type { Condition, Noun } from '../../core/query.ts';
import type { Field, NounTable } from '../nouns/field.ts';
import { NOUN_TABLES, RELATIONS, type Relation } from './fields.ts';
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
}

export function compileCondition(
  dialect: SqlDialect,
  slots: Slots,
  noun: Noun,
  condition: Condition,
  options: CompileOptions = {},
): Sql {
  switch (condition.op) {
    case 'and':
    case 'or': {
      if (condition.of.length === 0) return condition.op === 'and' ? TRUE : FALSE;
      const parts = condition.of.map((part) => compileCondition(dialect, slots, noun, part, options));
      return parts.length === 1 ? (parts[0] as Sql) : sql`(${sql.join(parts, ` ${condition.op} `)})`;
    }
    case 'not':
      return sql`not (${compileCondition(dialect, slots, noun, condition.of, { ...options, isDenied: true })})`;
    case 'exists':
      return compileExists(dialect, slots, noun, condition, options);
    default:
      return compileLeaf(dialect, slots, fieldOf(noun, condition.field), condition, options);
  }
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

function compileExists(
  dialect: SqlDialect,
  slots: Slots,
  noun: Noun,
  condition: Extract<Condition, { readonly op: 'exists' }>,
  { isDenied = false, along }: CompileOptions,
): Sql {
  const relation = relationOf(noun, condition.noun, condition.by);
  const table = NOUN_TABLES[condition.noun];
  const parts = [
    compileCondition(dialect, slots, condition.noun, condition.where, { isDenied }),
    ...(table.only === undefined ? [] : [sql`${sql.raw(table.only)}`]),
  ];
  const where = sql.join(parts, ' and ');
  const [to, name] = [sql.raw(relation.to), sql.raw(table.table)];
  const from = sql.raw(hidden(dialect, relation.from, along !== undefined));
  // One value: an index of it is in the order of the ids.
  if (!isDenied && relation.isToOne && isSingle(condition.noun, condition.where))
    return sql`${from} = (select ${to} from ${name} where ${where})`;
  // With a list of keys, the database may begin with the related rows; checking row by row, it looks at few of many.
  if (!isDenied && (relation.isToOne || isSelective(condition.noun, condition.where)))
    return sql`${from} in (select ${to} from ${name} where ${where})`;
  return sql`exists (select 1 from ${name} where ${to} = ${sql.raw(relation.from)} and ${where})`;
}

function relationOf(from: Noun, to: Noun, by: string | undefined): Relation {
  const name = `${from}>${to}${by === undefined ? '' : `:${by}`}`;
  if (!Object.hasOwn(RELATIONS, name))
    throw new OstinatoError(
      'bad-input',
      `No relation leads from ${from} to ${to}${by === undefined ? '' : ` by ${by}`}.`,
    );
  return RELATIONS[name] as Relation;
}

/** Whether a value in the condition selects a few rows at most. */
export function isSelective(noun: Noun, condition: Condition): boolean {
  if (condition.op === 'and') return condition.of.some((part) => isSelective(noun, part));
  return (condition.op === 'in' || condition.op === 'eq') && fieldOf(noun, condition.field).index === 'few';
}

/** Whether at most one row meets the condition. */
export function isSingle(noun: Noun, condition: Condition): boolean {
  if (condition.op === 'and') return condition.of.some((part) => isSingle(noun, part));
  return isOneValue(condition) && fieldOf(noun, condition.field).isUnique === true;
}

export function isOneValue(condition: Condition): condition is Extract<Condition, { readonly op: 'eq' | 'in' }> {
  return condition.op === 'eq' || (condition.op === 'in' && condition.values.length === 1);
}

export function tableOf(noun: Noun): NounTable {
  return NOUN_TABLES[noun];
}
