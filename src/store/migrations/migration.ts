/**
 * What a migration is: a numbered step forward, as statements that each dialect spells with its own column types.
 *
 * Rules of the list: it only grows, a published migration never changes, there is no way back. `breaking` says that a
 * program which does not know the migration would misread or damage the data; such a program refuses the database
 * (`store-newer`). Migrations that only add are passed over by older programs.
 */

/** The spellings by which the dialects differ. */
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
  /** After the closing bracket of a table. */
  readonly table: string;
  /** After the closing bracket of a table whose rows lie in the order of its primary key, where the dialect can. */
  readonly clusteredTable: string;
}

export interface Migration {
  readonly version: number;
  /** What it does, in words. */
  readonly name: string;
  readonly breaking: boolean;
  statements(types: ColumnTypes): readonly string[];
}
