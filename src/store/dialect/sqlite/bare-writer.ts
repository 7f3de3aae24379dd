/** The statements of the hot path alone, so that a benchmark can time what SQLite itself needs for the same rows. */

import type { TaskRunRecord } from '../../../core/task-run.ts';
import { openConnection } from './connection.ts';
import { migrate } from './migrate.ts';
import type { TaskRunBatch } from './task-run-batch.ts';
import { TaskShapes } from '../../logic/task-shapes.ts';
import { TaskRunWriter } from './task-run-writer.ts';

export interface BareWriter {
  /** The rows of these records; valid until the next call. */
  encode(records: readonly TaskRunRecord[]): TaskRunBatch;
  /** Inserts these rows, which must be new, in one transaction. */
  insert(batch: TaskRunBatch): void;
  close(): void;
}

/** Opens the database as `openSqliteStorage` does. */
export function openBareWriter(options: { readonly path: string }): BareWriter {
  const connection = openConnection(options.path);
  migrate(connection);
  const writer = new TaskRunWriter(connection, new TaskShapes());
  return {
    encode: (records) => writer.encodePlain(records),
    insert: (batch) => writer.insertBare(batch),
    close: () => connection.close(),
  };
}
