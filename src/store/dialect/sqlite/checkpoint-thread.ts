/**
 * Copies the log into the database on a thread of its own, with a connection of its own: a checkpoint waits for the
 * disk twice (9 ms for 4 MiB here), and would stop a flow with thousands of tasks a second every 75 ms.
 *
 * 1. The thread starts with the first log that is long enough; most flows never see it.
 * 2. What is written while it copies is left for the next time. A log only begins anew when all of it is copied, so the
 *    writer itself copies the small rest, once in 16 MiB.
 * 3. SQLite's own checkpoint stays in reserve, for a thread that is lost or late.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { openWithoutClosing } from './database-file.ts';
import { existingDatabaseUri } from './location.ts';

/** Lengths of the log in pages of 4 KiB. */
export interface LogLimits {
  /** Uncopied pages that are worth a copy. */
  readonly copied: number;
  /**
   * Length from which the writer lets the log begin anew: what is left to copy then, some hundred pages, takes a few
   * milliseconds.
   */
  readonly length: number;
}

const LIMITS: LogLimits = { copied: 1024, length: 4 * 1024 };
/** SQLite's own checkpoint starts at this multiple of the length. */
const RESERVE = 2;
/** `NOOP` returns the length of the log and copies nothing; older versions take it for a checkpoint. */
const NOOP_SINCE: readonly [number, number] = [3, 51];

/**
 * Too short for a file of its own: JavaScript, which no loader has to strip. The connection is closed after each copy,
 * because the last connection to close removes the log.
 */
const PROGRAM = `const { fdatasyncSync } = require('node:fs');
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
parentPort.on('message', () => {
  try {
    const db = new DatabaseSync(workerData.location, { timeout: 1000 });
    try {
      db.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(PASSIVE)');
      // SQLite only flushes the database when all of the log is copied: then the writer would wait for everything
      // copied so far.
      fdatasyncSync(workerData.file);
    } finally {
      db.close();
    }
  } catch {
    // Errors of the disk are ignored here: the writer meets them, and can report them.
  }
  parentPort.postMessage(null);
});`;

export class CheckpointThread {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #look: StatementSync;
  readonly #limits: LogLimits;
  #worker: Worker | null = null;
  #isCopying = false;
  /** Length of the log at the last request for a copy. */
  #triedAt = 0;

  private constructor(path: string, db: DatabaseSync, limits: LogLimits) {
    this.#path = path;
    this.#db = db;
    this.#look = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#limits = limits;
  }

  /** `null` where this SQLite cannot return the length of its log: then its own checkpoint does the work. */
  static on(path: string, db: DatabaseSync, limits: LogLimits = LIMITS): CheckpointThread | null {
    const [major = 0, minor = 0] = String(db.prepare('SELECT sqlite_version() AS version').get()?.['version'])
      .split('.')
      .map(Number);
    if (major < NOOP_SINCE[0] || (major === NOOP_SINCE[0] && minor < NOOP_SINCE[1])) return null;
    db.exec(`PRAGMA wal_autocheckpoint = ${RESERVE * limits.length}`);
    return new CheckpointThread(path, db, limits);
  }

  /**
   * Called after a transaction; takes 1.5 µs. Never throws: the transaction is committed whatever happens to its log.
   */
  committed(): void {
    if (this.#isCopying) return;
    const { log, checkpointed } = this.#length();
    if (log < this.#triedAt) this.#triedAt = 0;
    // While somebody reads an older state, nothing after it can be copied: the next try comes so much later.
    if (log - Math.max(checkpointed, this.#triedAt) < this.#limits.copied) return;
    this.#isCopying = true;
    this.#triedAt = log;
    try {
      (this.#worker ??= this.#start()).postMessage(null);
    } catch {
      // Without a thread, SQLite's own checkpoint does the work.
    }
  }

  close(): void {
    void this.#worker?.terminate();
    this.#worker = null;
  }

  #copied(): void {
    this.#isCopying = false;
    if (!this.#db.isOpen || this.#db.isTransaction) return;
    if (this.#length().log < this.#limits.length) return this.committed();
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The next transaction reports a full or lost disk.
    }
  }

  #length(): LogLength {
    try {
      return this.#look.get() as unknown as LogLength;
    } catch {
      return { log: 0, checkpointed: 0 };
    }
  }

  #start(): Worker {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const worker = new Worker(PROGRAM, {
      eval: true,
      workerData: { location: existingDatabaseUri(this.#path), file: openWithoutClosing(this.#path) },
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    worker.on('message', () => this.#copied());
    // A lost thread is not replaced: the writer's own checkpoint continues.
    worker.on('error', () => undefined);
    // After adding the listeners, which would keep the process alive.
    worker.unref();
    return worker;
  }
}

/** In pages; `-1` before anything was written. */
interface LogLength {
  readonly log: number;
  readonly checkpointed: number;
}
