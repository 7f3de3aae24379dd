/**
 * Rows of one table, several to a statement, since entering SQLite costs as much as binding seven values (measured on the rows
 * of tasks: one row a statement 14 µs a task, 8 and 32 rows a statement 10 µs).
 */

import type { StatementSync } from 'node:sqlite';
import type { Connection } from './connection.ts';

export type Value = string | number | bigint | null | Uint8Array;

/** Inserts rows of `width` values each, as many to a statement as there are. */
export class RowInserter {
  readonly #width: number;
  readonly #steps: readonly { readonly rows: number; readonly statement: StatementSync }[];

  /**
   * @param sql the statement around the rows that it is given, `(?, ?), (?, ?)`
   * @param rowsPerStatement largest first; the last one must be 1
   */
  constructor(connection: Connection, width: number, sql: (rows: string) => string, rowsPerStatement: readonly number[]) {
    this.#width = width;
    const row = `(${Array<string>(width).fill('?').join(', ')})`;
    this.#steps = rowsPerStatement.map((rows) => ({
      rows, statement: connection.statement(sql(Array<string>(rows).fill(row).join(', '))),
    }));
  }

  /** @returns how many rows were inserted or changed */
  run(values: readonly Value[]): number {
    let offset = 0;
    let changes = 0;
    for (const { rows, statement } of this.#steps) {
      const count = rows * this.#width;
      while (values.length - offset >= count) {
        changes += Number(statement.run(...values.slice(offset, offset + count)).changes);
        offset += count;
      }
    }
    return changes;
  }
}
