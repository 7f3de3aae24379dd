/**
 * Mutual exclusion, also among processes and containers that share a volume: an SQLite lock on a file of its own, which
 * the system releases when the process ends, however that happens.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { makeFolder } from './make-folder.ts';

const SQLITE_NOTADB = 26;
/** Milliseconds; each holder writes one small file. */
const WAIT_MS_MAX = 10_000;

/**
 * Runs the work exclusively for this path; blocks the thread while waiting.
 * @throws errors of SQLite and the file system
 */
export function underLock<T>(path: string, work: () => T): T {
  makeFolder(dirname(path));
  const release = lock(path);
  try {
    return work();
  } finally {
    release();
  }
}

function lock(path: string, isSecond = false): () => void {
  // Loaded only by commands that change something.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const db = new DatabaseSync(path, { timeout: WAIT_MS_MAX });
  try {
    db.exec('BEGIN EXCLUSIVE');
    return () => db.close();
  } catch (error) {
    db.close();
    // The file is not a database: it has no content to keep.
    if (isSecond || (error as { errcode?: number }).errcode !== SQLITE_NOTADB) throw error;
    rmSync(path, { force: true });
    return lock(path, true);
  }
}
