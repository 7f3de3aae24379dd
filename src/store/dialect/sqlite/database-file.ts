/**
 * Whether the file behind a connection is still the database at its path. SQLite goes on writing to a file that was
 * removed, moved away or overwritten, without an error.
 *
 * 1. Removed, moved and replaced files are told by device and inode, those of the log and its index too: two processes
 *    with two logs, or two indexes, would write over each other.
 * 2. A file that was written over in place is told by its first page and its length: in this mode only checkpoints
 *    write to it, and those stand in the index of the log (https://www.sqlite.org/walformat.html, section 2.1) before
 *    they begin.
 * 3. In doubt it is ours: `touch`, or a checkpoint that somebody did not end, changes nothing.
 * 4. Descriptors are never closed: closing one of a file drops the locks that SQLite holds on it in this process.
 */

import { fstatSync, openSync, readSync, statSync } from 'node:fs';

/** What happened to the file. */
export type FileTrouble = 'missing' | 'replaced' | 'overwritten' | 'log-removed';

const PAGE_BYTES = 4096;
const MAGIC = 'SQLite format 3\0';
const CHANGE_COUNTER_AT = 24;
/** In the index of the log: salts of the log, pages copied, pages that were to be copied. */
const SALT_AT = 32;
const BACKFILL_AT = 96;
const ATTEMPTED_AT = 128;
const INDEX_HEAD_BYTES = 136;
/** Milliseconds; the index is checked less often, since nobody removes it alone. */
const INDEX_LOOK_MS = 1000;

interface Identity {
  readonly dev: number;
  readonly ino: number;
}

/** The first page of the file, and what tells whether a checkpoint may have written it. */
interface FileSnapshot {
  readonly page: Buffer;
  readonly size: number;
  readonly mtimeMs: number;
  readonly index: Buffer;
}

export class DatabaseFile {
  readonly #path: string;
  readonly #self: Identity;
  readonly #log: Identity | null;
  readonly #index: Identity | null;
  #sight: FileSnapshot;
  #indexLookedAtMs = 0;

  /** Call when the database is open and something was read, so that its log exists. */
  constructor(path: string) {
    this.#path = path;
    this.#self = statSync(path);
    this.#log = identityOf(`${path}-wal`);
    this.#index = identityOf(`${path}-shm`);
    this.#sight = this.#look();
  }

  /** Takes a few microseconds. `null`: the file is as it should be. */
  trouble(): FileTrouble | null {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now === undefined) return 'missing';
    if (!isSame(now, this.#self)) return 'replaced';
    if (this.#log !== null && !isSame(identityOf(`${this.#path}-wal`), this.#log)) return 'log-removed';
    if (this.#isIndexGone()) return 'log-removed';
    if (now.mtimeMs === this.#sight.mtimeMs && now.size === this.#sight.size) return null;
    return this.#isOurs() ? null : 'overwritten';
  }

  /** Whether the log at the path is that of this connection, and of no other database. */
  get isLogOurs(): boolean {
    return this.#log !== null && isSame(identityOf(`${this.#path}-wal`), this.#log);
  }

  get isIndexOurs(): boolean {
    return this.#index !== null && isSame(identityOf(`${this.#path}-shm`), this.#index);
  }

  #isIndexGone(): boolean {
    if (this.#index === null) return false;
    const nowMs = performance.now();
    if (nowMs - this.#indexLookedAtMs < INDEX_LOOK_MS) return false;
    this.#indexLookedAtMs = nowMs;
    return !this.isIndexOurs;
  }

  #isOurs(): boolean {
    const before = this.#sight;
    const first = this.#look();
    // A checkpoint is or was running, which changes a sound database: one look is enough.
    if (!isQuiet(before, first) && isDatabase(first) && counterOf(first) >= counterOf(before)) {
      this.#sight = first;
      return true;
    }
    const now = this.#look();
    // Somebody is writing: the next look will tell.
    if (!first.page.equals(now.page) || first.size !== now.size || !first.index.equals(now.index)) return true;
    if (!isDatabase(now) || counterOf(now) < counterOf(before)) return false;
    if (isQuiet(before, now) && (now.size !== before.size || !now.page.equals(before.page))) return false;
    this.#sight = now;
    return true;
  }

  /**
   * The index is read first: where it says that no checkpoint is at work, what is read after it is what the last one
   * left, unless a further one begins, which the next look sees. The other way round, a length from the middle of a
   * checkpoint would stand beside the word that all is done.
   */
  #look(): FileSnapshot {
    const index =
      this.#index === null
        ? Buffer.alloc(0)
        : checkpointState(readHead(`${this.#path}-shm`, this.#index, INDEX_HEAD_BYTES));
    const page = readHead(this.#path, this.#self, PAGE_BYTES);
    const { size, mtimeMs } = fstatSync(openWithoutClosing(this.#path, this.#self));
    return { page, size, mtimeMs, index };
  }
}

function identityOf(path: string): Identity | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

function isSame(a: Identity | null, b: Identity): boolean {
  return a !== null && a.ino === b.ino && a.dev === b.dev;
}

function isDatabase({ page }: FileSnapshot): boolean {
  return page.length === PAGE_BYTES && page.toString('latin1', 0, MAGIC.length) === MAGIC;
}

/** Change counter of the first page: grows with every change, in every copy of this database. */
function counterOf({ page }: FileSnapshot): number {
  return page.length < CHANGE_COUNTER_AT + 4 ? 0 : page.readUInt32BE(CHANGE_COUNTER_AT);
}

function checkpointState(head: Buffer): Buffer {
  if (head.length < INDEX_HEAD_BYTES) return Buffer.alloc(0);
  return Buffer.concat([
    head.subarray(SALT_AT, SALT_AT + 8),
    head.subarray(BACKFILL_AT, BACKFILL_AT + 4),
    head.subarray(ATTEMPTED_AT, ATTEMPTED_AT + 4),
  ]);
}

/** Whether no checkpoint was running before, and none has begun since. */
function isQuiet(before: FileSnapshot, now: FileSnapshot): boolean {
  return now.index.equals(before.index) && isCheckpointDone(before.index);
}

function isCheckpointDone(state: Buffer): boolean {
  return state.length === 16 && state.subarray(8, 12).equals(state.subarray(12, 16));
}

/** Open descriptors, by device and inode. */
const files = new Map<string, number>();

/** Opens a descriptor for reading and flushing that is never closed. */
export function openWithoutClosing(path: string, { dev, ino }: Identity = statSync(path)): number {
  const key = `${dev}:${ino}`;
  const known = files.get(key);
  if (known !== undefined) return known;
  const file = openSync(path, 'r+');
  files.set(key, file);
  return file;
}

/** Returns fewer bytes when the file is shorter. */
function readHead(path: string, identity: Identity, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(openWithoutClosing(path, identity), buffer, 0, bytes, 0));
}

/** Whether the file is a complete database, and not still being copied to the path. */
export function isCompleteDatabase(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return false;
  const head = readHead(path, stats, PAGE_BYTES);
  if (head.length < 100 || head.toString('latin1', 0, MAGIC.length) !== MAGIC) return false;
  const pageBytes = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
  const isLengthKept = head.readUInt32BE(CHANGE_COUNTER_AT) === head.readUInt32BE(92);
  return !isLengthKept || stats.size >= head.readUInt32BE(28) * pageBytes;
}
