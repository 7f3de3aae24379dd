/** Opens the database of a URL, of either dialect, for a server. */

import type { Storage } from '../store/port.ts';
import { openSqliteStorageInTurn } from '../store/dialect/sqlite/index.ts';
import { isPostgres, sqlitePath } from './database-url.ts';

export interface ServedStorage {
  readonly storage: Storage;
  /** Path of the database file; `null`: there is none. */
  readonly path: string | null;
}

export interface OpenStorageOptions {
  readonly databaseUrl: string;
  readonly onNotice: (message: string) => void;
  /** Another database is in the place of the one before, and may lack what was written. */
  readonly onReplaced: () => void;
}

/** What a server on PostgreSQL cannot do in this version; shown at its start. */
export const POSTGRES_LIMITS =
  'PostgreSQL is new here: histories count the runs themselves, which is slow for millions; each write is a commit of its own; flows without a server ' +
  'still record into SQLite.';

export async function openStorage({ databaseUrl, onNotice, onReplaced }: OpenStorageOptions): Promise<ServedStorage> {
  if (isPostgres(databaseUrl)) {
    // Loaded only when used.
    const { openPostgresStorage } = await import('../store/dialect/postgres/index.ts');
    const storage = await openPostgresStorage({ url: databaseUrl, onNotice });
    onNotice(POSTGRES_LIMITS);
    return { storage, path: null };
  }
  const path = sqlitePath(databaseUrl);
  return {
    storage: await openSqliteStorageInTurn({ path, groupCommits: true, onNotice, onReplaced }),
    path: path === ':memory:' ? null : path,
  };
}
