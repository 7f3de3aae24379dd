/** How a field of a noun is asked for: its column, its kind, and whether an index finds it. */

import type { Sql } from '../queries/sql.ts';

export type FieldKind = 'id' | 'text' | 'number' | 'boolean' | 'list';

/** Pieces of SQL in which the dialects differ; each answers an expression. */
export interface ColumnDialect {
  /** The text at a path in a JSON column; null where nothing is. */
  jsonText(column: string, path: readonly string[]): string;
  /** A table of the elements of a list in JSON: `value`, in JSON. */
  elements(json: string, alias: string): string;
  /** A table of the members of an object in JSON: `key`, and `value` as text. */
  entries(json: string, alias: string): string;
  /** The text of an id that a column holds. */
  idText(column: string): string;
  /** The list at a key of a JSON column. */
  jsonList(column: string, key: string): string;
  /** The column by which a row of the table is found fastest. */
  rowKey(table: string): string;
  /** Microseconds since 1970, by the database's clock. */
  readonly now: string;
  /** The number, or zero where it is less. */
  positive(value: string): string;
  /** The sum over a group, as a number with a fraction; zero of nothing. */
  total(value: string): string;
  /** The same value, by which no index will be looked up. */
  unindexed(column: string): string;
}

export interface Field {
  readonly kind: FieldKind;
  /**
   * `few`: an index finds the rows that have a value, and they are few or lie in the order of their ids. `some`: an
   * index finds them, and they may be most of the table. Absent: no index begins with it.
   */
  readonly index?: 'few' | 'some';
  /** The index has the rows of one value in the order of their ids: a page by id is a piece of it. */
  readonly isById?: true;
  /** At most one row has a value. */
  readonly isUnique?: true;
  /**
   * Every row has a value; keys (`tieBreak`) do. Said, since PostgreSQL's indexes have rows without one elsewhere than
   * lists: of a column that may be null, an index gives it no order.
   */
  readonly isNeverNull?: true;
  /** An expression; for ones with `within`, of the tables that it names. */
  readonly column: string | ((dialect: ColumnDialect) => string);
  /** Puts a condition on the column where it belongs: for columns that lie in another table than the noun's. */
  readonly within?: (condition: (column: string) => Sql, column: string) => Sql;
}

export interface NounTable {
  readonly table: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Breaks ties of an order; `id` unless said. */
  readonly tieBreak?: string;
  /** Rows of the table that are none of the noun's are left out. */
  readonly only?: string;
}

/** How a row of a noun belongs to one of another. */
export interface Relation {
  /** Equal columns, of the first and of the second. Absent: the rows are made of the first row itself. */
  readonly from?: string;
  readonly to?: string;
  /** At most one row of the second noun belongs to a row of the first. */
  readonly isToOne: boolean;
  /** What the rows are read from, if not from the second noun's table; `null`: it is the first row itself. */
  readonly rows?: ((dialect: ColumnDialect) => string) | null;
}

export const id = (column: string): Field => ({ kind: 'id', column });
export const text = (column: Field['column']): Field => ({ kind: 'text', column });
export const number = (column: string): Field => ({ kind: 'number', column });
export const list = (column: string): Field => ({ kind: 'list', column });
export const few = (field: Field): Field => ({ ...field, index: 'few' });
export const some = (field: Field): Field => ({ ...field, index: 'some' });
export const someById = (field: Field): Field => ({ ...some(field), isById: true });
