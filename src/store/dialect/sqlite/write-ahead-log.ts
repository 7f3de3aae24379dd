/**
 * Puts what was committed on the disk. It lies in the log, or was copied into the database and flushed by a checkpoint:
 * flushing the log is enough, which SQLite itself would do in the commit, and have its thread wait.
 */

import { closeSync, fdatasync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

export class WriteAheadLog {
  readonly #database: string;
  #file: number | null = null;
  #isNamed = false;

  constructor(database: string) {
    this.#database = database;
  }

  /** On a thread of the pool. */
  flush(): Promise<void> {
    if (!this.#isNamed) flushNames(dirname(this.#database));
    this.#isNamed = true;
    return new Promise((resolve, reject) => fdatasync(this.#open(), (error) => (error ? reject(error) : resolve())));
  }

  /** Flushes at once, and lets go. */
  close(): void {
    try {
      fdatasyncSync(this.#open());
    } catch (error) {
      // The folder was removed under us: there is nothing to keep.
      if (!hasErrno(error, 'ENOENT')) throw error;
    } finally {
      if (this.#file !== null) closeSync(this.#file);
      this.#file = null;
    }
  }

  /** The connection is open, and keeps the log from being removed. */
  #open(): number {
    return (this.#file ??= openSync(`${this.#database}-wal`, 'r+'));
  }
}

/** A new log survives a power loss under its name. Windows and some network file systems cannot flush a folder, and say so in many ways. */
function flushNames(folder: string): void {
  let file: number | null = null;
  try {
    file = openSync(folder, 'r');
    fsyncSync(file);
  } catch {
    // Then the file system answers for its names itself.
  } finally {
    if (file !== null) closeSync(file);
  }
}

export function hasErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && 'code' in error && error.code === errno;
}
