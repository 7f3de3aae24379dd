/** Conditions as SQL. Values stand in as slots, numbered in the order in which `shape.ts` collects them. */

import { OstinatoError } from '../../core/errors.ts';
import type { Condition, Noun } from '../../core/query.ts';
import { NOUN_TABLES, TIES, type Field, type NounTable, type Tie } from './fields.ts';
import { fieldOf } from './shape.ts';
import type { LeafCondition, Spelling } from './spelling.ts';
import { sql, type Sql } from './sql.ts';

/** Where a value will be bound; compiled statements list them as their parameters. */
export class Slot {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** Gives out slots. */
export class Slots {
  #next = 0;

  take(count: number): Sql[] {
    return Array.from({ length: count }, () => sql`${new Slot(this.#next++)}`);
  }
}

const TRUE = sql`1 = 1`;
const FALSE = sql`1 = 0`;

export interface SpellOptions {
  /** Inside a `not`: then a missing tie must be false and not unknown. */
  readonly isDenied?: boolean;
  /** Only this field may be looked up in an index: the rows are gone through in its order, and the rest is asked of each. */
  readonly along?: string;
}

export function spell(spelling: Spelling, slots: Slots, noun: Noun, condition: Condition, options: SpellOptions = {}): Sql {
  switch (condition.op) {
    case 'and':
    case 'or': {
      if (condition.of.length === 0) return condition.op === 'and' ? TRUE : FALSE;
      const parts = condition.of.map((part) => spell(spelling, slots, noun, part, options));
      return parts.length === 1 ? (parts[0] as Sql) : sql`(${sql.join(parts, ` ${condition.op} `)})`;
    }
    case 'not':
      return sql`not (${spell(spelling, slots, noun, condition.of, { ...options, isDenied: true })})`;
    case 'exists':
      return spellExists(spelling, slots, noun, condition, options);
    default:
      return spellLeaf(spelling, slots, fieldOf(noun, condition.field), condition, options);
  }
}

function spellLeaf(spelling: Spelling, slots: Slots, field: Field, condition: LeafCondition, { along }: SpellOptions): Sql {
  const leaf = spelling.leaf(condition, field.kind);
  const own = slots.take(leaf.values.length);
  const on = (column: string): Sql => leaf.sql(sql.raw(column), own);
  const column = hidden(spelling, columnOf(spelling, field), along !== undefined && along !== condition.field && field.index !== undefined);
  return field.within ? field.within(on, column) : on(column);
}

function hidden(spelling: Spelling, column: string, isHidden: boolean): string {
  return isHidden ? spelling.unindexed(column) : column;
}

export function columnOf(spelling: Spelling, { column }: Field): string {
  return typeof column === 'string' ? column : column(spelling);
}

function spellExists(
  spelling: Spelling, slots: Slots, noun: Noun, condition: Extract<Condition, { readonly op: 'exists' }>, { isDenied = false, along }: SpellOptions,
): Sql {
  const table = NOUN_TABLES[condition.noun];
  if (table === undefined) return FALSE;
  const tie = tieOf(noun, condition.noun, condition.by);
  const parts = [spell(spelling, slots, condition.noun, condition.where, { isDenied }), ...(table.only === undefined ? [] : [sql`${sql.raw(table.only)}`])];
  const where = sql.join(parts, ' and ');
  const [to, name] = [sql.raw(tie.to), sql.raw(table.table)];
  // By a list of keys, the database may begin with the related rows; row by row it looks at few of many.
  if (!isDenied && (tie.isToOne || isSelective(condition.noun, condition.where))) return sql`${sql.raw(hidden(spelling, tie.from, along !== undefined))} in (select ${to} from ${name} where ${where})`;
  return sql`exists (select 1 from ${name} where ${to} = ${sql.raw(tie.from)} and ${where})`;
}

function tieOf(from: Noun, to: Noun, by: string | undefined): Tie {
  const name = `${from}>${to}${by === undefined ? '' : `:${by}`}`;
  const tie = TIES[name];
  if (tie === undefined) throw new OstinatoError('bad-input', `No tie leads from ${from} to ${to}${by === undefined ? '' : ` by ${by}`}.`);
  return tie;
}

/** Whether a value that is asked for names a few rows at most. */
export function isSelective(noun: Noun, condition: Condition): boolean {
  if (condition.op === 'and') return condition.of.some((part) => isSelective(noun, part));
  return (condition.op === 'in' || condition.op === 'eq') && fieldOf(noun, condition.field).index === 'few';
}

export function tableOf(noun: Noun): NounTable {
  const table = NOUN_TABLES[noun];
  if (table === undefined) throw new OstinatoError('unsupported', `There are no lists of ${noun} yet.`);
  return table;
}
