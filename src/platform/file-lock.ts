/**
 * Mutual exclusion, also among processes and containers that share a volume: an SQLite lock on a file of its own, which
 * the system releases when the process ends, however that happens. It needs no process ids, which mean nothing between
 * containers, and nobody has to find out whether a holder is gone.
 *
 * The file is not removed: who locks a file that was removed meanwhile locks it beside whoever made it anew.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { diskError } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;
/** Milliseconds; each holder writes one small file. */
const WAIT_MS_MAX = 10_000;

/** Held as long as this object is: one that nobody keeps is collected, and its lock released. */
export interface FileLock {
  /** A second call does nothing. */
  release(): void;
}

/**
 * Runs the work exclusively for this path; blocks the thread while waiting.
 * @throws errors of SQLite and the file system
 */
export function underLock<T>(path: string, work: () => T): T {
  const { release } = hold(path, WAIT_MS_MAX);
  try {
    return work();
  } finally {
    release();
  }
}

/**
 * Creates the file and its folder where they are missing.
 *
 * @param waitMs how long a holder is waited for; blocks the thread
 * @returns `null` when somebody else holds it, perhaps in this process
 * @throws `store-read-only`, `store-full`, `store-unavailable`
 */
export function takeFileLock(path: string, waitMs: number): FileLock | null {
  try {
    return hold(path, waitMs);
  } catch (error) {
    if (resultCode(error) === SQLITE_BUSY) return null;
    throw diskError(error, 'lock', path);
  }
}

/** Whether somebody holds the lock, as far as that can be seen. Neither takes it nor creates the file. */
export function isFileLockHeld(path: string): boolean {
  let db: DatabaseSync | null = null;
  try {
    db = open(path, { readOnly: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return resultCode(error) === SQLITE_BUSY;
  } finally {
    db?.close();
  }
}

function hold(path: string, waitMs: number, isSecond = false): FileLock {
  makeFolder(dirname(path));
  const db = open(path, { timeout: waitMs });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isSecond || resultCode(error) !== SQLITE_NOTADB) throw error;
    // The file is not a database: it has no content to keep, and nobody can hold it.
    rmSync(path, { force: true });
    return hold(path, waitMs, true);
  }
  return {
    release: () => {
      if (db.isOpen) db.close();
    },
  };
}

function open(path: string, options: ConstructorParameters<typeof DatabaseSync>[1]): DatabaseSync {
  // Loaded only by what takes a lock.
  const sqlite = process.getBuiltinModule('node:sqlite');
  return new sqlite.DatabaseSync(path, options);
}

/** SQLite's result code without its extension; `null`: another kind of error. */
function resultCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null;
}
