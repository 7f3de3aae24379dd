/** The storage port on SQLite for a process without a server: what runs need, and the rest once it is asked for. */

import { laterControlStorage } from '../../later-control-storage.ts';
import { openInTurn, type SqliteStorage, type SqliteStorageOptions } from './opening.ts';

/** As `openSqliteStorageInTurn`. Commits are not shared: a shared commit does not wait for a module. */
export async function openEmbeddedSqlite(options: Omit<SqliteStorageOptions, 'groupCommits'>): Promise<SqliteStorage> {
  return await openInTurn({ ...options, control: laterControlStorage });
}
