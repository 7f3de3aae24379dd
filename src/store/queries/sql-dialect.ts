/** How a dialect compiles conditions on one field: how values are bound, and how the comparison is written. */

import type { Condition } from '../../core/query.ts';
import type { Dialect, ListKind } from '../driver.ts';
import type { ColumnDialect, FieldKind } from '../nouns/field.ts';
import type { Sql } from './sql.ts';

export type LeafCondition = Exclude<Condition, { readonly op: 'and' | 'or' | 'not' | 'exists' }>;

/** A value that the driver binds. */
export type Bindable = string | number | bigint | null | Uint8Array;

export interface CompiledLeaf {
  /** Identifies the SQL of one operator and kind: conditions with equal tags have equal SQL. */
  readonly tag: string;
  /** In the order of the slots that `sql` is given. */
  readonly values: readonly Bindable[];
  sql(column: Sql, slots: readonly Sql[]): Sql;
}

export interface SqlDialect extends ColumnDialect {
  leaf(condition: LeafCondition, kind: FieldKind): CompiledLeaf;
  /** A join before `on` whose left side the database reads first. */
  readonly orderedJoin: string;
  /** A condition that the column is in a list that is bound as the one value that `list` makes. */
  isOneOf(column: string, kind: ListKind, slot: Sql): Sql;
  readonly list: Dialect['list'];
  /** The same condition on related rows, asked of each row by itself: the database joins nothing for it. */
  apart(condition: Sql): Sql;
  /** The smallest and the largest id of a group. */
  smallestId(column: string): string;
  largestId(column: string): string;
  /** In a group of events: the expression as text, of the newest one (or the oldest). */
  ofNewestEvent(expression: string): string;
  /** `asc` or `desc`, with the position of nulls. */
  direction(direction: 'asc' | 'desc'): string;
  /** Appended to a table: the index to use. Empty where the database chooses by itself. */
  byIndex(name: string): string;
}
