/** What the store has to know of a noun: its table, how a row is read, the port's methods of it. */

import type { Database } from '../driver.ts';
import type { Storage } from '../port.ts';
import type { NounTable } from './field.ts';

export interface StoredNoun {
  readonly table: NounTable;
  /** Reads a row of the table. */
  readonly read: (row: never) => unknown;
  /** Those of its methods that write. */
  readonly writes: readonly (keyof Storage)[];
  readonly on: (database: Database) => Partial<Storage>;
}
