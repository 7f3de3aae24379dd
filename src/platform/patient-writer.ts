/**
 * Writes to a descriptor that may be closed, full or never read, without ever waiting for it or failing.
 *
 * 1. Nothing is thrown, and no call waits for a reader: what a full pipe does not take is held, up to `HELD_BYTES_MAX`.
 * 2. What finds no room is dropped and counted; the count is said with the next text that gets through.
 * 3. What is held keeps the program alive only while somebody reads: a reader that takes nothing for `PATIENCE_MS` is
 *    given up.
 */

import { writeSync } from 'node:fs';

import { errnoOf } from './disk-errors.ts';

/** Bytes; minutes of a busy report. A reader that is further behind will not catch up. */
const HELD_BYTES_MAX = 1024 * 1024;
const LINE_FEED = 10;
const RETRY_MS = 50;
const PATIENCE_MS = 2_000;
/** Errors that mean that the reader is gone for good: a closed pipe, terminal or descriptor. */
const GONE: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'EBADF', 'ENXIO', 'ECONNRESET', 'ENOTCONN']);

export interface WriterParts {
  readonly fd: number;
  /** Bytes of the program's own output that wait: ours come after them. */
  readonly ahead?: () => number;
  /** `fs.writeSync`, for tests. */
  readonly writeSync?: (fd: number, bytes: Uint8Array) => number;
}

export class PatientWriter {
  readonly #parts: WriterParts;
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #dropped = 0;
  #gone = false;
  #timer: NodeJS.Timeout | undefined;
  #movedAt = 0;
  readonly #atExit = (): void => this.drain();

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  write(text: string): void {
    if (this.#gone) return;
    const said = this.#heldBytes === 0 ? this.#dropped : 0;
    const bytes = Buffer.from(said > 0 ? `${droppedNotice(said)}${text}` : text);
    const left = this.#heldBytes > 0 || this.#isBehind() ? bytes : this.#attempt(bytes);
    if (left === 'lost' || this.#heldBytes + left.length > HELD_BYTES_MAX) {
      this.#dropped += linesOf(bytes) - (said > 0 ? 1 : 0);
      return;
    }
    this.#dropped -= said;
    if (left.length > 0) this.#hold(left);
  }

  /** Writes what is held, as far as it is taken now: for the end of the process. */
  drain(): void {
    for (let first = this.#held[0]; first !== undefined && !this.#gone && !this.#isBehind(); first = this.#held[0]) {
      const left = this.#attempt(first);
      if (left === 'lost') this.#dropped += linesOf(first);
      const rest = left === 'lost' ? 0 : left.length;
      this.#heldBytes -= first.length - rest;
      if (rest === first.length) return;
      this.#movedAt = performance.now();
      if (rest === 0) this.#held.shift();
      else this.#held[0] = left as Uint8Array;
    }
    if (this.#gone || this.#heldBytes === 0) process.off('exit', this.#atExit);
    if (this.#gone) [this.#heldBytes, this.#held.length] = [0, 0];
    else if (this.#heldBytes === 0 && this.#dropped > 0) this.write('');
  }

  #isBehind(): boolean {
    return (this.#parts.ahead?.() ?? 0) > 0;
  }

  /** Returns the bytes that were not taken. */
  #attempt(bytes: Uint8Array): Uint8Array | 'lost' {
    try {
      return bytes.subarray((this.#parts.writeSync ?? writeSync)(this.#parts.fd, bytes));
    } catch (error) {
      const errno = errnoOf(error) ?? '';
      if (errno === 'EAGAIN' || errno === 'EINTR') return bytes;
      // A full disk may have space again: then the loss is reported.
      this.#gone = GONE.has(errno);
      return 'lost';
    }
  }

  #hold(bytes: Uint8Array): void {
    if (this.#heldBytes === 0) {
      this.#movedAt = performance.now();
      process.on('exit', this.#atExit);
    }
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#arm();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.drain();
      if (this.#heldBytes > 0) this.#arm();
    }, RETRY_MS);
    if (performance.now() - this.#movedAt > PATIENCE_MS) this.#timer.unref();
  }
}

function linesOf(bytes: Uint8Array): number {
  return bytes.reduce((lines, byte) => (byte === LINE_FEED ? lines + 1 : lines), 0);
}

function droppedNotice(lines: number): string {
  return `… ${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'} of this report could not be written and ${lines === 1 ? 'is' : 'are'} missing here; the record has everything.\n`;
}
