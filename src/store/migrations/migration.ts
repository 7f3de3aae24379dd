/**
 * What a migration is: a numbered step forward, as statements that each dialect writes with its own column types.
 *
 * Rules of the list: it only grows, a published migration never changes, there is no way back. `breaking` says that a
 * program which does not know the migration would misread or damage the data; such a program refuses the database
 * (`store-newer`). Migrations that only add are passed over by older programs.
 */

/** SQL that differs between dialects. */
export interface ColumnTypes {
  /** A UUID. */
  readonly id: string;
  /** A 64-bit integer: instants in microseconds, counts. */
  readonly integer: string;
  /** A number with a fraction, in double precision. */
  readonly real: string;
  /** JSON, kept as the text that was written. */
  readonly json: string;
  /** A primary key that the database counts up in the order of inserts. */
  readonly sequence: string;
  /** Appended after the closing bracket of a table. */
  readonly table: string;
  /** As `table`, for a table clustered by its primary key, where the dialect can. */
  readonly clusteredTable: string;
}

export interface Migration {
  readonly version: number;
  /** What it does, in plain words. */
  readonly name: string;
  readonly breaking: boolean;
  statements(types: ColumnTypes): readonly string[];
}
