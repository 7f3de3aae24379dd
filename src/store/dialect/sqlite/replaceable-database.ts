/**
 * A database that may be replaced while it is open: its connection, and what happens when another file is at the path.
 *
 * 1. What was written into a file that is not at the path any more was not written: nobody is told that it was.
 * 2. Then everything is refused until a database is at the path again: the same one, or another, which is opened. None
 *    is made anew: whoever took it away may be about to put a backup there.
 * 3. What was restored into the file in its place is another database, too.
 * 4. A database that was written over in place is taken over by a copy under the same name: the old log cannot reach
 *    the copy.
 */

import { closeSync, constants, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { OstinatoError } from '../../../core/errors.ts';
import type { Connection } from './connection.ts';
import { ContentMark } from './content-mark.ts';
import { DatabaseFile, isCompleteDatabase, type FileTrouble } from './database-file.ts';

/** A connection and the storage built on it. */
export interface Opened<S> {
  readonly connection: Connection;
  readonly storage: S;
  close(): void;
}

export interface ReplaceableDatabaseParts<S> {
  readonly path: string;
  /** Opens the database, which must exist. */
  readonly open: () => Promise<Opened<S>>;
  readonly onTrouble: (message: string) => void;
  /** @param isAnother whether it is another database, which may lack what was written before */
  readonly onBack: (message: string, isAnother: boolean) => void;
}

/** Interval of tries to open what is at the path. */
const TRY_EVERY_MS = 250;
/** A copy in progress grows: a file that has not changed for so long is complete. */
const STEADY_MS = 300;
/** Age after which the right to take a database over is void: its holder may have died. */
const TAKEOVER_MS_MAX = 60_000;

/** The file is the same, but has the content of an earlier time. */
type Trouble = FileTrouble | 'restored';

const WORDS: Readonly<Record<Trouble, string>> = {
  missing: 'is not there any more: it was removed or moved while it was in use',
  replaced: 'was replaced by another file while it was in use',
  overwritten: 'was written over while it was in use',
  'log-removed': 'has lost its log (-wal, -shm): it was removed while it was in use',
  restored: 'was restored to what it held before while it was in use',
};

const PUT_BACK =
  'Put it, or a backup, in its place: work goes on with that by itself. To begin with a new database, start again.';

const away = new WeakSet<object>();

/** Whether the error says that the database is away: it may come back. The write then counts as not made. */
export function isAway(error: unknown): boolean {
  return typeof error === 'object' && error !== null && away.has(error);
}

export class ReplaceableDatabase<S> {
  readonly #parts: ReplaceableDatabaseParts<S>;
  #opened: Opened<S>;
  #file: DatabaseFile;
  #mark: ContentMark;
  #trouble: { readonly kind: Trouble; error: OstinatoError } | null = null;
  #returning: Promise<void> | null = null;
  #triedAtMs = 0;
  #isClosed = false;

  constructor(parts: ReplaceableDatabaseParts<S>, opened: Opened<S>) {
    this.#parts = parts;
    this.#opened = opened;
    this.#file = lookedAt(parts.path, opened);
    this.#mark = new ContentMark(opened.connection);
  }

  /** @throws `store-unavailable` while the database is away */
  use(): Opened<S> {
    const trouble = this.#trouble;
    if (trouble === null) return this.#opened;
    void this.tryToReturn();
    throw trouble.error;
  }

  get last(): Opened<S> {
    return this.#opened;
  }

  /**
   * Called after a write, before it is acknowledged. @throws `store-unavailable` when it went into a file that is gone,
   * or that is behind a replaced one
   */
  check(hasWritten = true): void {
    if (this.#trouble !== null) throw this.#trouble.error;
    if (this.#isClosed) return;
    const kind = this.#look() ?? (this.#mark.isForgotten(hasWritten) ? 'restored' : null);
    if (kind === null) return;
    const error = this.#errorOf(kind);
    this.#trouble = { kind, error };
    this.#parts.onTrouble(`${error.message} ${error.remedy}`);
    // It may be back at once: the write still counts as not made.
    void this.tryToReturn();
    throw error;
  }

  /** The error for writes that were made before another database was opened. */
  replaced(): OstinatoError {
    return this.#errorOf('replaced');
  }

  /** Called regularly: checks, or tries to open the database again. Never throws. */
  tend(): void {
    if (this.#trouble !== null) return void this.tryToReturn();
    try {
      this.check(false);
    } catch {
      // Reported already, and every caller gets the error.
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#trouble === null) this.#mark.remove();
    this.#opened.close();
  }

  #look(): FileTrouble | null {
    try {
      return this.#file.trouble();
    } catch {
      // A folder that cannot be read: its content is unknown.
      return 'missing';
    }
  }

  #errorOf(kind: Trouble, more = ''): OstinatoError {
    const error = new OstinatoError('store-unavailable', `The database ${this.#parts.path} ${WORDS[kind]}.${more}`, {
      remedy:
        kind === 'restored'
          ? 'Work goes on with what is there now; what was just asked for is to be asked for again.'
          : PUT_BACK,
    });
    away.add(error);
    return error;
  }

  /** Concurrent calls share one try. */
  tryToReturn(): Promise<void> {
    const nowMs = performance.now();
    if (this.#isClosed || (this.#returning === null && nowMs - this.#triedAtMs < TRY_EVERY_MS))
      return Promise.resolve();
    this.#triedAtMs = nowMs;
    this.#returning ??= this.#return()
      .catch((error: unknown) => {
        const trouble = this.#trouble;
        const why = error instanceof Error ? error.message : String(error);
        if (trouble !== null) trouble.error = this.#errorOf(trouble.kind, ` What is there now cannot be used: ${why}`);
      })
      .finally(() => {
        this.#returning = null;
      });
    return this.#returning;
  }

  async #return(): Promise<void> {
    const { path } = this.#parts;
    const trouble = this.#trouble;
    if (trouble === null) return;
    const kind = this.#look() ?? (trouble.kind === 'restored' ? 'restored' : null);
    if (kind === null) return this.#isBack(false);
    if (kind === 'missing') {
      trouble.error = this.#errorOf(trouble.kind);
      return;
    }
    const isSameFile = kind === 'log-removed' || kind === 'restored';
    if (kind === 'log-removed') this.#saveLog();
    else if (!isSameFile && !(await isSteady(path))) return;
    if (kind === 'overwritten' && !(await takeOver(path))) return;
    if (this.#isClosed) return;
    if (!isSameFile) this.#removeStaleLog();
    const before = this.#opened;
    const opened = await this.#parts.open();
    if (this.#isClosed) return opened.close();
    try {
      before.close();
    } catch {
      // It wrote into files that can no longer be reached.
    }
    this.#opened = opened;
    this.#file = new DatabaseFile(path);
    this.#mark = new ContentMark(opened.connection);
    this.#isBack(kind !== 'log-removed');
  }

  #isBack(isAnother: boolean): void {
    this.#trouble = null;
    const { path, onBack } = this.#parts;
    onBack(
      isAnother
        ? `Another database is at ${path} now: work goes on with it.`
        : `The database ${path} is in its place again: work goes on.`,
      isAnother,
    );
  }

  /** Commits are in the log that only this process can still read: it is copied before the connection closes. */
  #saveLog(): void {
    if (!this.#opened.connection.db.isOpen) return;
    this.#opened.connection.db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    this.#opened.close();
  }

  /** The log of the old database must not be used with the new one. */
  #removeStaleLog(): void {
    const { path } = this.#parts;
    if (this.#file.isLogOurs) rmSync(`${path}-wal`, { force: true });
    if (this.#file.isIndexOurs) rmSync(`${path}-shm`, { force: true });
  }
}

/** The first check. @throws `store-unavailable` when the file was taken away since it was opened */
function lookedAt<S>(path: string, opened: Opened<S>): DatabaseFile {
  try {
    return new DatabaseFile(path);
  } catch (error) {
    opened.close();
    throw new OstinatoError('store-unavailable', `The database ${path} was taken away while it was being opened.`, {
      remedy: 'Put it back, or start again.',
      cause: error,
    });
  }
}

async function isSteady(path: string): Promise<boolean> {
  const before = statSync(path, { throwIfNoEntry: false });
  await new Promise((resolve) => setTimeout(resolve, STEADY_MS));
  const now = statSync(path, { throwIfNoEntry: false });
  if (before === undefined || now === undefined) return false;
  if (before.size !== now.size || before.mtimeMs !== now.mtimeMs || before.ino !== now.ino) return false;
  if (!isCompleteDatabase(path)) throw new Error('it is not a whole database.');
  return true;
}

/** Done by one of several processes; the others find a replaced file. */
async function takeOver(path: string): Promise<boolean> {
  const claim = `${path}.takeover`;
  const held = statSync(claim, { throwIfNoEntry: false });
  if (held !== undefined && Date.now() - held.mtimeMs > TAKEOVER_MS_MAX) rmSync(claim, { force: true });
  try {
    closeSync(openSync(claim, 'wx', 0o600));
  } catch {
    return false;
  }
  const copy = `${path}.${process.pid}.copy`;
  try {
    const before = statSync(path);
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino !== before.ino || now.size !== before.size || now.mtimeMs !== before.mtimeMs) return false;
    renameSync(copy, path);
    return true;
  } finally {
    rmSync(copy, { force: true });
    rmSync(claim, { force: true });
  }
}
