/**
 * Copies the log into the database on a thread of its own, with a connection of its own: a checkpoint waits for the disk twice
 * (9 ms for 4 MiB here), and a flow that makes thousands of tasks a second shall not stand still for it every 75 ms.
 *
 * 1. The thread starts with the first log that is long enough; most flows never see it.
 * 2. What is written while it copies is left for the next time. A log only begins anew when all of it is copied, so the writer
 *    itself copies the small rest, once in 16 MiB.
 * 3. SQLite's own checkpoint stays in reserve, for a thread that is lost or late.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { openForGood } from './database-file.ts';
import { whereItIs } from './location.ts';

/** In pages of 4 KiB. */
export interface LogLimits {
  /** In the log that are worth a copy. */
  readonly copied: number;
  /** So long a log begins anew: what the writer copies then, some hundred pages, takes a few milliseconds. */
  readonly length: number;
}

const LIMITS: LogLimits = { copied: 1024, length: 4 * 1024 };
/** SQLite's own checkpoint comes in at so many times the length. */
const RESERVE = 2;
/** `NOOP` tells the length of the log and copies nothing; what is older takes it for a checkpoint. */
const NOOP_SINCE: readonly [number, number] = [3, 51];

/** So short that it needs no file: JavaScript, which no loader has to strip. The connection is closed each time, since the last one to go tidies up. */
const PROGRAM = `const { fdatasyncSync } = require('node:fs');
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
parentPort.on('message', () => {
  try {
    const db = new DatabaseSync(workerData.location, { timeout: 1000 });
    try {
      db.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(PASSIVE)');
      // SQLite flushes the database only when all of the log is copied: the writer would wait for all that was copied until then.
      fdatasyncSync(workerData.file);
    } finally {
      db.close();
    }
  } catch {
    // Whoever writes finds out what is wrong with the disk, and can tell somebody.
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
  /** How long the log was when a copy was last asked for. */
  #triedAt = 0;

  private constructor(path: string, db: DatabaseSync, limits: LogLimits) {
    this.#path = path;
    this.#db = db;
    this.#look = db.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#limits = limits;
  }

  /** `null` where SQLite cannot tell how long its log is: it copies it by itself then. */
  static on(path: string, db: DatabaseSync, limits: LogLimits = LIMITS): CheckpointThread | null {
    const [major = 0, minor = 0] = String(db.prepare('SELECT sqlite_version() AS version').get()?.['version']).split('.').map(Number);
    if (major < NOOP_SINCE[0] || (major === NOOP_SINCE[0] && minor < NOOP_SINCE[1])) return null;
    db.exec(`PRAGMA wal_autocheckpoint = ${RESERVE * limits.length}`);
    return new CheckpointThread(path, db, limits);
  }

  /** After a transaction: 1.5 µs. Never throws: the transaction is committed whatever becomes of its log. */
  committed(): void {
    if (this.#isCopying) return;
    const { log, checkpointed } = this.#length();
    if (log < this.#triedAt) this.#triedAt = 0;
    // While somebody reads what was, nothing after it can be copied: the next try is as much later.
    if (log - Math.max(checkpointed, this.#triedAt) < this.#limits.copied) return;
    this.#isCopying = true;
    this.#triedAt = log;
    try {
      (this.#worker ??= this.#start()).postMessage(null);
    } catch {
      // Without a thread SQLite's own checkpoint has to do.
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
      // A disk that is full or gone is told by the next transaction.
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
    const worker = new Worker(PROGRAM, { eval: true, workerData: { location: whereItIs(this.#path), file: openForGood(this.#path) }, resourceLimits: { maxYoungGenerationSizeMb: 1 } });
    worker.on('message', () => this.#copied());
    // A thread that is lost is not replaced: the writer's own checkpoint goes on.
    worker.on('error', () => undefined);
    // After the listeners, which hold the process open.
    worker.unref();
    return worker;
  }
}

/** In pages; `-1` before anything was written. */
interface LogLength {
  readonly log: number;
  readonly checkpointed: number;
}
