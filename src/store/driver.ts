/**
 * What storage logic stands on: statements that a database answers at once (SQLite) or later (PostgreSQL).
 *
 * 1. Logic is written once, as generators: `const row = yield* db.get(…)`. Where the answer is there, `yield*` gives it
 *    without a stop, and a whole transaction runs in one go; where it is not, the promise of it goes up to whoever runs
 *    the work, who awaits it.
 * 2. Work inside `write` sees the database alone: what it read is still so when it commits, or it is undone and made
 *    again from its beginning. So work does nothing outside the database but call the functions that it was handed.
 * 3. Statements are written with `?` for each value. What the dialects write differently comes from `Dialect`.
 */

import type { MaybePromise } from '../core/maybe-promise.ts';
import type { IdValue } from './id-value.ts';

/** A value that a driver binds. */
export type Value = string | number | bigint | null | Uint8Array;

/** Yields the promises that have to settle before it goes on, and returns the answer. */
export type Work<T> = Iterable<Promise<unknown>, T, unknown>;

export interface Statements {
  readonly dialect: Dialect;
  all<Row>(sql: string, ...values: readonly Value[]): Work<readonly Row[]>;
  get<Row>(sql: string, ...values: readonly Value[]): Work<Row | undefined>;
  /** The row, converted by `read`; `null` when there is none. Spares the hot paths a generator each. */
  one<Row, T>(sql: string, read: (row: Row) => T, ...values: readonly Value[]): Work<T | null>;
  /** As `all`, for a statement that will hardly be repeated: it is not kept prepared. */
  once<Row>(sql: string, values: readonly Value[]): Work<readonly Row[]>;
  /** Returns how many rows were inserted, changed or deleted. */
  run(sql: string, ...values: readonly Value[]): Work<number>;
  /**
   * Inserts a row whose key, `seq` or `id`, the database may count. Returns the key; `null` when a conflict kept the
   * row out.
   */
  insert(key: 'seq' | 'id', sql: string, ...values: readonly Value[]): Work<number | null>;
  /**
   * Call before writing rows whose numbers (`seq`) tell consumers the order of commits: until the end of this
   * transaction no other one gets numbers. Call it late, since all others wait.
   */
  takeNumbers(): Work<void>;
  /**
   * Call when rows of flow runs are written or deleted; `null`: any of them, because a flow has changed. Clears what a
   * dialect has cached of them.
   */
  forgetFlowRun(id: IdValue | null): void;
}

export interface Database {
  /** For instance `sqlite:/home/me/.ostinato/ostinato.db`. */
  readonly description: string;
  /** See `Storage.mayCallAgain`. */
  readonly mayCallAgain: boolean;
  /** Each statement sees what was committed when it began. */
  read<T>(work: (db: Statements) => Work<T>): MaybePromise<T>;
  /** One transaction, isolated from all others. The work may be repeated from its beginning. */
  write<T>(work: (db: Statements) => Work<T>): MaybePromise<T>;
}

/** Type of the elements of a list that is bound as one value. */
export type ListKind = 'id' | 'text' | 'number';

/** The differences between dialects that the logic needs. */
export interface Dialect {
  /**
   * Whether the database counts `seq` by itself and never reuses a number. SQLite reuses the number of a deleted last
   * row: there the logic counts, and keeps the number of the last deleted row.
   */
  readonly countsUp: boolean;
  /** A condition that the column is one of a list, which is bound as the one value that `list` makes. */
  isOneOf(column: string, kind: ListKind): string;
  list(kind: ListKind, values: readonly (string | number)[]): Value;
  /** A table of the elements of a list in JSON, with one column, `value`, in JSON. */
  elements(json: string, alias: string): string;
  /** As `elements`, for a list of texts: `value` is the text. */
  texts(json: string, alias: string): string;
  /** The text at a path in JSON; null where there is nothing. */
  jsonText(json: string, path: readonly string[]): string;
  /** A condition that one text contains another. */
  occursIn(part: string, text: string): string;
}

/** An answer that is available synchronously. */
export class There<T> implements Work<T>, Iterator<never, T, unknown> {
  readonly done = true;
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorReturnResult<T> {
    return this;
  }
}
