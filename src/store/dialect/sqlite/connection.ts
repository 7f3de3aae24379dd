/**
 * One connection to one database file.
 *
 * 1. Every write is one transaction that takes the write lock at its start (`BEGIN IMMEDIATE`), so that it never has to
 *    give up half-way. It waits some milliseconds for its turn; who waits longer does so without the thread (`lock-patience.ts`).
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
import { whereItIs } from './location.ts';
import { SYNCHRONOUS_WAIT_MS } from './lock-patience.ts';
import { hasErrno, WriteAheadLog } from './write-ahead-log.ts';

export const IN_MEMORY = ':memory:';

/** For threads of their own, and for programs with nothing else to do. Longer than any transaction of ours: deleting a run with a million task runs takes some seconds. */
export const BUSY_TIMEOUT_MS = 60_000;
/** The tails of six trees are what inserts touch; 16 MiB hold them and the pages that lists come back to. */
const PAGE_CACHE_KIB = 16 * 1024;
/**
 * Pages of 4 KiB until the log is copied into the database. Measured from 1,000 to 16,000: the time a task is the same,
 * only the stall grows, which is some 9 ms, once in 6,000 tasks, at this size.
 */
const CHECKPOINT_PAGES = 1024;
/** After a checkpoint, a log that had grown above this is cut. */
const LOG_BYTES_KEPT = 64 * 1024 * 1024;

export interface Connection {
  readonly path: string;
  readonly db: DatabaseSync;
  /** The statement for this text, prepared once. */
  statement(sql: string): StatementSync;
  /** Runs the work in one transaction, undone when the work answers `ROLL_BACK`; failures of the database come out coded. */
  write<T>(work: () => T): T;
  /** Runs the works in one transaction, flushed to the disk once. Every `write` in it stands or falls by itself (a savepoint). */
  group(works: readonly (() => void)[]): void;
  /** Runs reads; failures of the database come out coded. */
  read<T>(work: () => T): T;
  /** When all that is committed is on the disk. */
  flush(): Promise<void>;
  close(): void;
}

export interface ConnectionOptions {
  /**
   * For a flow, which makes thousands of rows a second and has no other thread: a long log is copied by one. A server is held up
   * less by its own checkpoints than by the 10 MB of a thread. Default: `false`.
   */
  readonly checkpointThread?: boolean;
  /** How long opening waits for a lock, with the thread stopped. Default: `BUSY_TIMEOUT_MS`. */
  readonly openWaitMs?: number;
  /** Only a database that is there; none is made. Default: `false`. */
  readonly isThere?: boolean;
}

export function openConnection(path: string, options: ConnectionOptions = {}): Connection {
  try {
    if (path !== IN_MEMORY && options.isThere !== true) makeFile(path);
    const location = options.isThere === true ? whereItIs(path) : path;
    const db = retryWhileBusy(() => openDatabase(path, location), options.openWaitMs);
    return connect(path, db, options);
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/** Makes the folder and an empty file that only this user can read; SQLite gives its companions the same mode. */
function makeFile(path: string): void {
  makeFolder(dirname(path));
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    // Asked, not tried: closing a file of our own would drop the locks that other connections of this process hold on it.
    accessSync(path, constants.R_OK | constants.W_OK);
    // The log is a file beside the database.
    accessSync(dirname(path), constants.W_OK);
  }
}

/** Step by step: `recursive` never ends where a file system takes no folders and says that the one above is missing (`/proc`). */
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
    // The first read takes the shared lock that keeps the last closing process from removing the log under us.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function notOnThisDisk(path: string): OstinatoError {
  return new OstinatoError('store-unavailable', `The database ${path} is on a file system that cannot share memory between processes.`, {
    remedy: 'Choose a home folder (OSTINATO_HOME) on a local disk.',
  });
}

const RETRY_PAUSE_MS_MAX = 50;

/** Changing a fresh file to a write-ahead log needs it alone, and SQLite does not wait its timeout for that. */
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

function connect(path: string, db: DatabaseSync, { checkpointThread = false }: ConnectionOptions): Connection {
  const statements = new Map<string, StatementSync>();
  const log = new WriteAheadLog(path);
  const checkpoints = checkpointThread && path !== IN_MEMORY ? CheckpointThread.on(path, db) : null;
  return {
    ...transactions(path, db, () => checkpoints?.committed()),
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
        // Whoever leaves last copies the log into the database and flushes; the others flush what they leave behind.
        if (path !== IN_MEMORY) log.close();
      } catch (error) {
        throw storeFailure(error, path);
      } finally {
        db.close();
      }
    },
  };
}
