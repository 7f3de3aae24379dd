/**
 * A file that only grows, on a real disk.
 *
 * 1. An append is all or nothing: what a full disk took of it is cut off again.
 * 2. A flush covers every byte appended before it was asked for. At most one waits while one is at work; all callers in
 *    between share the waiting one (group commit).
 * 3. The descriptor is closed only when no flush is at work on it.
 */

import {
  close,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { AppendFile } from '../core/append-file.ts';
import { diskError } from './disk-errors.ts';
import { syncFolder } from './folder-sync.ts';

/**
 * Milliseconds after which a flush no longer blocks the next one: when callbacks are delayed (a loop of microtasks),
 * its end would never be noticed.
 */
const STUCK_MS = 25;

interface Flush {
  /** The file's size when the flush was issued: the bytes that it covers. */
  readonly upTo: number;
  readonly issuedAtMs: number;
  readonly done: Promise<void>;
}

/**
 * @param draft its name until the head is written
 * @throws `store-full`, `store-read-only`, `store-unavailable`
 */
export function createAppendFile(path: string, head: Uint8Array, draft: string): AppendFile {
  let fd: number | undefined;
  try {
    fd = openSync(draft, constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_APPEND, 0o600);
    writeWhole(fd, head);
    renameSync(draft, path);
    return new RealAppendFile(fd, path, head.byteLength);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    rmSync(draft, { force: true });
    throw diskError(error, 'create the journal', path);
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.byteLength) written += writeSync(fd, bytes, written);
}

class RealAppendFile implements AppendFile {
  readonly #fd: number;
  readonly #path: string;
  #size: number;
  #flushedUpTo = 0;
  #folderFlushed = false;
  #atWork: Flush | null = null;
  #waiting: Promise<void> | null = null;
  #flushesAtWork = 0;
  #closed = false;
  #broken = false;

  constructor(fd: number, path: string, size: number) {
    this.#fd = fd;
    this.#path = path;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    if (this.#closed || this.#broken)
      throw diskError(
        new Error(this.#closed ? 'it is closed' : 'an earlier write failed half-way'),
        'write the journal',
        this.#path,
      );
    try {
      const written = writeSync(this.#fd, bytes);
      if (written < bytes.byteLength) writeWhole(this.#fd, bytes.subarray(written));
      this.#size += bytes.byteLength;
    } catch (error) {
      this.#cutBack();
      throw diskError(error, 'write the journal', this.#path);
    }
  }

  flush(): Promise<void> {
    const atWork = this.#atWork;
    if (this.#flushedUpTo >= this.#size) return Promise.resolve();
    if (atWork === null || performance.now() - atWork.issuedAtMs > STUCK_MS) return this.#issue().done;
    if (atWork.upTo >= this.#size) return atWork.done;
    // Whatever the outcome of the running flush (its own callers get it), the next one tries again.
    this.#waiting ??= atWork.done
      .catch(() => undefined)
      .then(() => {
        this.#waiting = null;
        return this.flush();
      });
    return this.#waiting;
  }

  flushSync(): void {
    if (this.#flushedUpTo >= this.#size) return;
    try {
      fdatasyncSync(this.#fd);
      this.#flushFolder();
      this.#flushedUpTo = this.#size;
    } catch (error) {
      throw diskError(error, 'flush the journal', this.#path);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#flushesAtWork === 0) this.#release();
  }

  #issue(): Flush {
    const upTo = this.#size;
    if (this.#closed)
      return {
        upTo,
        issuedAtMs: 0,
        done: Promise.reject(diskError(new Error('it is closed'), 'flush the journal', this.#path)),
      };
    this.#flushesAtWork += 1;
    const done = new Promise<void>((resolve, reject) => {
      fdatasync(this.#fd, (error) => {
        this.#flushesAtWork -= 1;
        if (this.#atWork === flush) this.#atWork = null;
        if (this.#closed && this.#flushesAtWork === 0) this.#release();
        if (error !== null) return reject(diskError(error, 'flush the journal', this.#path));
        try {
          this.#flushFolder();
        } catch (failure) {
          return reject(failure);
        }
        this.#flushedUpTo = Math.max(this.#flushedUpTo, upTo);
        resolve();
      });
    });
    const flush: Flush = { upTo, issuedAtMs: performance.now(), done };
    this.#atWork = flush;
    return flush;
  }

  /** Flushes the folder once, so that the new file's name survives. */
  #flushFolder(): void {
    if (this.#folderFlushed) return;
    syncFolder(dirname(this.#path));
    this.#folderFlushed = true;
  }

  /** Closed off this thread: freeing the blocks of a removed file takes milliseconds. */
  #release(): void {
    close(this.#fd, () => undefined);
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#fd, this.#size);
    } catch {
      // A torn frame would hide everything after it from a reader: no more appends to this file.
      this.#broken = true;
    }
  }
}
