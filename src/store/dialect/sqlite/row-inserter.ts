/**
 * Inserts rows of one table, several in a statement, since calling SQLite costs as much as binding seven values
 * (measured on the rows of tasks: one row a statement 14 µs a task, 8 and 32 rows a statement 10 µs).
 */

import type { StatementSync } from 'node:sqlite';
import { writeUuidBytes } from '../../id-value.ts';
import type { Connection } from './connection.ts';

export type Value = string | number | bigint | null | Uint8Array;

/**
 * Values of rows, end to end. Emptied, it keeps its memory: new arrays for each batch were a tenth of all that a task
 * allocates.
 */
export class Rows {
  readonly width: number;
  readonly #values: Value[] = [];
  #length = 0;

  /** @param row the row's text in the statement; each `?` is a value */
  constructor(row: string) {
    this.width = row.split('?').length - 1;
  }

  get count(): number {
    return this.#length / this.width;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Adds the next value of the current row. */
  put(value: Value): void {
    this.#values[this.#length++] = value;
  }

  slice(first: number, count: number): Value[] {
    return this.#values.slice(first * this.width, (first + count) * this.width);
  }
}

/** Ids whose memory is kept; more than a usual batch needs, though a replayed journal may need more, once. */
const IDS_KEPT_MAX = 4096;

/** Bytes of ids, in memory that the next batch uses again: allocating them costs more than writing. */
export class KeptIds {
  readonly #ids: Uint8Array[] = [];
  #used = 0;

  clear(): void {
    if (this.#ids.length > IDS_KEPT_MAX) this.#ids.length = 0;
    this.#used = 0;
  }

  /** @throws `bad-input` when the text is no UUID */
  bytes(uuid: string): Uint8Array {
    return writeUuidBytes(uuid, (this.#ids[this.#used++] ??= new Uint8Array(16)));
  }
}

/** Inserts rows with as few statements as possible. */
export class RowInserter {
  readonly #steps: readonly { readonly rows: number; readonly statement: StatementSync }[];

  /**
   * @param row one row as text in the statement, `(?, ?, NULL)`; may be several of the table's
   * @param sql the statement around the given rows
   * @param rowsPerStatement largest first; the last one must be 1
   */
  constructor(connection: Connection, row: string, sql: (rows: string) => string, rowsPerStatement: readonly number[]) {
    this.#steps = rowsPerStatement.map((rows) => ({
      rows,
      statement: connection.statement(sql(Array<string>(rows).fill(row).join(', '))),
    }));
  }

  /** @returns how many rows were inserted or changed */
  run(rows: Rows, first = 0, count = rows.count - first): number {
    let changes = 0;
    let at = first;
    for (const step of this.#steps) {
      for (; first + count - at >= step.rows; at += step.rows)
        changes += Number(step.statement.run(...rows.slice(at, step.rows)).changes);
    }
    return changes;
  }
}

/** A row whose values are all bound. */
export function boundRow(width: number): string {
  return `(${Array<string>(width).fill('?').join(', ')})`;
}
