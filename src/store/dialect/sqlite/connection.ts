/**
 * One connection to one database file.
 *
 * 1. Every write is one transaction that takes the write lock at its start (`BEGIN IMMEDIATE`), so that it never has to
 *    give up half-way. It waits some milliseconds for its turn; who waits longer does so without the thread
 *    (`lock-patience.ts`).
 * 2. Transactions are synchronous and do not nest: no `await` can come between their statements.
 * 3. A transaction either commits or leaves nothing, whatever its work throws.
 */

import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { OstinatoError } from '../../../core/errors.ts';
import { CheckpointThread } from './checkpoint-thread.ts';
import { isBusy, isLocked, storeFailure } from './failure.ts';
import { transactions } from './transactions.ts';
import { existingDatabaseUri } from './location.ts';
import { SYNCHRONOUS_WAIT_MS } from './lock-patience.ts';
import { hasErrno, WriteAheadLog } from './write-ahead-log.ts';

export const IN_MEMORY = ':memory:';

/**
 * Milliseconds; for threads of their own, and for programs with nothing else to do. Longer than any transaction of
 * ours: deleting a run with a million task runs takes some seconds.
 */
export const BUSY_TIMEOUT_MS = 60_000;
/** Inserts touch the last pages of six B-trees; 16 MiB hold those and the pages that lists read again. */
const PAGE_CACHE_KIB = 16 * 1024;
/**
 * Pages of 4 KiB until the log is copied into the database. Measured from 1,000 to 16,000: the time a task is the same,
 * only the stall grows, which is some 9 ms, once in 6,000 tasks, at this size.
 */
const CHECKPOINT_PAGES = 1024;
/** A log that had grown above this is truncated after a checkpoint. */
const LOG_BYTES_KEPT = 64 * 1024 * 1024;

export interface Connection {
  readonly path: string;
  readonly db: DatabaseSync;
  /** The statement for this text, prepared once. */
  statement(sql: string): StatementSync;
  /**
   * Runs the work in one transaction, which is rolled back when the work returns `ROLL_BACK` or throws; failures of the
   * database get a code.
   */
  write<T>(work: () => T): T;
  /**
   * Runs the works in one transaction, flushed to the disk once. Each `write` in it has a savepoint: it fails alone.
   */
  group(works: readonly (() => void)[]): void;
  /** Runs reads; failures of the database get a code. */
  read<T>(work: () => T): T;
  /** Resolves when everything committed is on the disk. */
  flush(): Promise<void>;
  close(): void;
}

export interface ConnectionOptions {
  /**
   * Copy a long log on a thread: for a flow, which writes thousands of rows a second. A server is delayed less by its
   * own checkpoints than it would lose by a thread's 10 MB. Default: `false`.
   */
  readonly checkpointThread?: boolean;
  /** Milliseconds that opening waits for a lock, blocking the thread. Default: `BUSY_TIMEOUT_MS`. */
  readonly openWaitMs?: number;
  /** Open an existing database only; do not create one. Default: `false`. */
  readonly isThere?: boolean;
  /** Called after each committed transaction. */
  readonly onCommit?: () => void;
}

export function openConnection(path: string, options: ConnectionOptions = {}): Connection {
  try {
    if (path !== IN_MEMORY && options.isThere !== true) makeFile(path);
    const location = options.isThere === true ? existingDatabaseUri(path) : path;
    const db = retryWhileBusy(() => openDatabase(path, location), options.openWaitMs);
    return connect(path, db, options);
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/**
 * Creates the folder and an empty file that only this user can read; SQLite gives the files beside it the same mode.
 */
function makeFile(path: string): void {
  makeFolder(dirname(path));
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    // Checked with `access`, not by opening: closing a file descriptor would drop the locks that other connections of
    // this process hold on the file.
    accessSync(path, constants.R_OK | constants.W_OK);
    // The log is a file beside the database.
    accessSync(dirname(path), constants.W_OK);
  }
}

/**
 * Step by step: `recursive` never ends on a file system that refuses folders and reports that the parent is missing
 * (`/proc`).
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (hasErrno(error, 'EEXIST') && statSync(path).isDirectory()) return;
    if (!hasErrno(error, 'ENOENT') || dirname(path) === path || existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    makeFolder(path);
  }
}

function openDatabase(path: string, location: string): DatabaseSync {
  const db = new DatabaseSync(location, { timeout: SYNCHRONOUS_WAIT_MS });
  try {
    const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal' && path !== IN_MEMORY) throw notOnThisDisk(path);
    db.exec(
      `PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${PAGE_CACHE_KIB}; PRAGMA temp_store = MEMORY;` +
        `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}`,
    );
    // The first read takes the shared lock, which keeps the last closing process from removing the log.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function notOnThisDisk(path: string): OstinatoError {
  return new OstinatoError(
    'store-unavailable',
    `The database ${path} is on a file system that cannot share memory between processes.`,
    { remedy: 'Choose a home folder (OSTINATO_HOME) on a local disk.' },
  );
}

const RETRY_PAUSE_MS_MAX = 50;

/** Switching a new file to a write-ahead log needs an exclusive lock, and SQLite does not wait its timeout for that. */
export function retryWhileBusy<T>(open: () => T, timeoutMs: number = BUSY_TIMEOUT_MS): T {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0, pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, RETRY_PAUSE_MS_MAX)) {
    try {
      return open();
    } catch (error) {
      if (!(isBusy(error) || isLocked(error)) || waitedMs >= timeoutMs) throw error;
      Atomics.wait(pause, 0, 0, pauseMs);
      waitedMs += pauseMs;
    }
  }
}

function connect(
  path: string,
  db: DatabaseSync,
  { checkpointThread = false, onCommit }: ConnectionOptions,
): Connection {
  const statements = new Map<string, StatementSync>();
  const log = new WriteAheadLog(path);
  const checkpoints = checkpointThread && path !== IN_MEMORY ? CheckpointThread.on(path, db) : null;
  return {
    ...transactions(path, db, () => {
      checkpoints?.committed();
      onCommit?.();
    }),
    path,
    db,
    statement(sql) {
      const known = statements.get(sql);
      if (known) return known;
      try {
        const statement = db.prepare(sql);
        statements.set(sql, statement);
        return statement;
      } catch (error) {
        throw storeFailure(error, path);
      }
    },
    read(work) {
      try {
        return work();
      } catch (error) {
        throw storeFailure(error, path);
      }
    },
    async flush() {
      if (path === IN_MEMORY || !db.isOpen) return;
      try {
        await log.flush();
      } catch (error) {
        throw storeFailure(error, path);
      }
    },
    close() {
      if (!db.isOpen) return;
      statements.clear();
      checkpoints?.close();
      try {
        // The last connection to close copies the log into the database and flushes; the others flush the log.
        if (path !== IN_MEMORY) log.close();
      } catch (error) {
        throw storeFailure(error, path);
      } finally {
        db.close();
      }
    },
  };
}
