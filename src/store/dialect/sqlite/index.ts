/** The storage port on SQLite (`node:sqlite`). */

import { controlStorageOn } from '../../control-storage.ts';
import { migrate } from './migrate.ts';
import { openAtOnce, openInTurn, type SqliteStorage, type SqliteStorageOptions } from './opening.ts';

export type { SqliteStorage, SqliteStorageOptions } from './opening.ts';

/**
 * Opens the database and brings it to the newest schema. Blocks the thread while waiting for a lock;
 * `openSqliteStorageInTurn` does not.
 *
 * Errors: `store-newer`, `store-corrupt`, `store-read-only`, `store-full`, `store-unavailable`.
 */
export function openSqliteStorage(options: SqliteStorageOptions): SqliteStorage {
  return openAtOnce({ ...options, control: controlStorageOn, migrate });
}

/**
 * As `openSqliteStorage`, without blocking the event loop while another process locks the database: waits at most 20 s.
 */
export async function openSqliteStorageInTurn(options: SqliteStorageOptions): Promise<SqliteStorage> {
  return await openInTurn({ ...options, control: controlStorageOn, migrate });
}
