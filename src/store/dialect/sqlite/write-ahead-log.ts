/**
 * Flushes commits to the disk. They are in the log, or were copied into the database and flushed by a checkpoint:
 * flushing the log is enough. SQLite itself would do so in the commit, and block its thread.
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

  /** Flushes on a thread of the pool. */
  flush(): Promise<void> {
    if (!this.#isNamed) flushNames(dirname(this.#database));
    this.#isNamed = true;
    return new Promise((resolve, reject) => fdatasync(this.#open(), (error) => (error ? reject(error) : resolve())));
  }

  /** Flushes synchronously, and closes the log. */
  close(): void {
    try {
      fdatasyncSync(this.#open());
    } catch (error) {
      // The folder was removed: there is nothing to keep.
      if (!hasErrno(error, 'ENOENT')) throw error;
    } finally {
      if (this.#file !== null) closeSync(this.#file);
      this.#file = null;
    }
  }

  /** Opened while the connection is open, which keeps the log from being removed. */
  #open(): number {
    return (this.#file ??= openSync(`${this.#database}-wal`, 'r+'));
  }
}

/**
 * Makes the name of a new log survive a power loss. Windows and some network file systems cannot flush a folder, and
 * fail in many ways.
 */
function flushNames(folder: string): void {
  let file: number | null = null;
  try {
    file = openSync(folder, 'r');
    fsyncSync(file);
  } catch {
    // Then the file system keeps its names by itself.
  } finally {
    if (file !== null) closeSync(file);
  }
}

export function hasErrno(error: unknown, errno: string): boolean {
  return error instanceof Error && 'code' in error && error.code === errno;
}
