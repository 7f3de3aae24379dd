/** The statements of the hot path by themselves, so that a benchmark can time what SQLite alone needs for the same rows. */

import type { TaskRunRecord } from '../../../core/task-run.ts';
import { openConnection } from './connection.ts';
import { migrate } from './migrate.ts';
import type { TaskRunBatch } from './task-run-batch.ts';
import { TaskRunWriter } from './task-runs.ts';

export interface BareWriter {
  /** The rows for these records; valid until the next call. */
  encode(records: readonly TaskRunRecord[]): TaskRunBatch;
  /** One transaction with these rows, which must be new. */
  insert(batch: TaskRunBatch): void;
  close(): void;
}

/** Opens the database as `openSqliteStorage` does. */
export function openBareWriter(options: { readonly path: string }): BareWriter {
  const connection = openConnection(options.path);
  migrate(connection);
  const writer = new TaskRunWriter(connection);
  return {
    encode: (records) => writer.encodePlain(records),
    insert: (batch) => writer.insertBare(batch),
    close: () => connection.close(),
  };
}
