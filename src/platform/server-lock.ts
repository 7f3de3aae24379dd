/**
 * One server a home: an SQLite lock on a file of its own, which the system releases when the process ends, however that
 * happens. It also works between containers that share a volume, where process ids mean nothing.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { diskError } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;
/** Milliseconds; a check holds the lock only for a moment. */
const LOOK_WAIT_MS = 500;

export interface ServerLock {
  release(): void;
}

function lockPath(home: string): string {
  return join(home, 'server.lock');
}

/** @returns `null` when another process holds it. @throws `store-read-only`, `store-full`, `store-unavailable` */
export function takeServerLock(home: string): ServerLock | null {
  const path = lockPath(home);
  try {
    makeFolder(home);
    return lockFile(path);
  } catch (error) {
    if (resultCode(error) === SQLITE_BUSY) return null;
    if (resultCode(error) !== SQLITE_NOTADB) throw diskError(error, 'lock', path);
    // The file is not a database: it has no content to keep.
    rmSync(path, { force: true });
    return lockFile(path);
  }
}

function lockFile(path: string): ServerLock {
  const db = new DatabaseSync(path, { timeout: LOOK_WAIT_MS });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    release: () => {
      if (db.isOpen) db.close();
    },
  };
}

/** Whether a server holds the lock, as far as that can be seen. Neither takes it nor creates the file. */
export function isServerLockHeld(home: string): boolean {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(lockPath(home), { readOnly: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return resultCode(error) === SQLITE_BUSY;
  } finally {
    db?.close();
  }
}

function resultCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null;
}
