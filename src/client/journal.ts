/**
 * The journal of one process: the finished steps that may not be in the store yet.
 *
 * 1. When `append` returns, the record survives the end of the process; when `flush` resolves, it survives a power
 *    loss.
 * 2. Bytes do not stay unflushed for long: a flush is started at most every few milliseconds, also when nobody asks and
 *    when timers starve. On a slow disk the pauses grow with the time that a flush takes.
 * 3. A file is finished (`rotate`) when it is long, and removed when the store holds its records. Each file is readable
 *    by itself: it starts with the header and repeats the shapes that it needs.
 */

import type { AppendFile, JournalFolder } from '../core/append-file.ts';
import type { LogRecord } from '../core/log.ts';
import type { TaskRunRecord } from '../core/task-run.ts';
import type { Clock, Timer } from '../core/time.ts';
import { FrameBuffer, type Checksum } from './journal-frames.ts';
import { claimedName, journalName } from './journal-names.ts';
import {
  hasShape,
  headerPayload,
  type JournalHeader,
  logsPayload,
  recordPayload,
  type Shape,
  shapeOf,
  shapePayload,
} from './journal-payload.ts';
import { type JournalBatch, JournalReader } from './journal-reader.ts';

/** A power loss loses at most about this many microseconds of records that nobody asked to flush. */
const FLUSH_PAUSE_US_MIN = 5_000;
const FLUSH_PAUSE_US_MAX = 200_000;
/** A slow disk spends at most a third of its time on flushes. */
const FLUSH_PAUSE_PER_FLUSH = 2;
/**
 * When callbacks are delayed, ends of flushes go unnoticed: with so many started and none ended, the next one is
 * awaited.
 */
const UNSEEN_FLUSHES_MAX = 64;
/** Shapes that are searched for an equal one; beyond it the oldest is forgotten, and written again when needed. */
const SHAPES_MAX = 64;

export interface JournalParts {
  readonly folder: JournalFolder;
  readonly header: JournalHeader;
  readonly clock: Clock;
  readonly checksum: Checksum;
}

interface OpenFile {
  readonly name: string;
  readonly file: AppendFile;
}

export class Journal {
  readonly #parts: JournalParts;
  readonly #frames: FrameBuffer;
  #current: OpenFile | null = null;
  #finished: (OpenFile & { readonly flushed: Promise<void> })[] = [];
  #generation = 0;
  #shapes: { readonly shape: Shape; readonly number: number }[] = [];
  #nextShape = 0;
  #flushStartedAt = 0;
  #flushPauseUs = FLUSH_PAUSE_US_MIN;
  #unseenFlushes = 0;
  #flushTimer: Timer | null = null;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#frames = new FrameBuffer(parts.checksum);
  }

  /** Bytes of the current file; 0 when nothing was written. */
  get size(): number {
    return this.#current?.file.size ?? 0;
  }

  /** For messages: the folder and the files in it. */
  get description(): string {
    return `${this.#parts.folder.description}/${this.#parts.header.processId}.*.journal`;
  }

  /** Its current files, oldest first. */
  get names(): readonly string[] {
    return [...this.#finished, ...(this.#current === null ? [] : [this.#current])].map(({ name }) => name);
  }

  /**
   * @param logs that were written before the step ended and are in no store yet
   * @throws `store-full`, `store-read-only`, `store-unavailable`: then nothing was written
   */
  append(record: TaskRunRecord, logs: readonly LogRecord[] = [], now: number = this.#parts.clock.now()): void {
    const { file } = this.#open();
    let shape = this.#findShape(record);
    const isNew = shape === -1;
    if (isNew) shape = this.#nextShape;
    const payload = recordPayload(record, shape);
    if (isNew) this.#frames.add(shapePayload(shape, shapeOf(record.run)));
    if (logs.length > 0) this.#frames.add(logsPayload(logs));
    this.#frames.add(payload);
    file.append(this.#frames.take());
    if (isNew) this.#keepShape(shapeOf(record.run));
    this.#flushSoon(now);
  }

  /** Logs that belong to no finished step, when the store takes nothing; throws as `append` does. */
  appendLogs(logs: readonly LogRecord[]): void {
    const { file } = this.#open();
    this.#frames.add(logsPayload(logs));
    file.append(this.#frames.take());
    this.#flushSoon(this.#parts.clock.now());
  }

  /** Reads back what its files hold, oldest first. */
  *read(recordsMax: number): Generator<JournalBatch> {
    for (const name of this.names) {
      const reader = new JournalReader(this.#parts.folder, name, this.#parts.checksum);
      for (let batch = reader.next(recordsMax); batch !== null; batch = reader.next(recordsMax)) yield batch;
    }
  }

  /** Resolves when everything that was appended is on the disk. */
  flush(): Promise<void> {
    const current = this.#current?.file.flush() ?? Promise.resolve();
    if (this.#finished.length === 0) return current;
    return Promise.all([current, ...this.#finished.map(({ flushed }) => flushed)]).then(() => undefined);
  }

  /** Goes on in a new file. The old ones stay until `dropFinished`. */
  rotate(): void {
    if (this.#current === null) return;
    const flushed = this.#current.file.flush();
    flushed.catch(() => undefined);
    this.#finished.push({ ...this.#current, flushed });
    this.#current = null;
  }

  /**
   * Removes the files that `rotate` finished, but for the `kept` newest: the store holds their records, and has flushed
   * them.
   */
  dropFinished(kept = 0): void {
    const dropped = this.#finished.splice(0, Math.max(0, this.#finished.length - kept));
    for (const { file, name } of dropped) {
      this.#parts.folder.remove(name);
      file.close();
    }
  }

  /** Leaves the files where they are: the next process that opens the home replays them. */
  close(): void {
    this.#flushTimer?.cancel();
    this.#flushTimer = null;
    for (const { file } of this.#finished) file.close();
    this.#current?.file.close();
    this.#finished = [];
    this.#current = null;
  }

  /** The file is created with the first record: most commands finish no step. */
  #open(): OpenFile {
    if (this.#current !== null) return this.#current;
    const { folder, header } = this.#parts;
    const name = journalName(header, this.#generation);
    this.#frames.add(headerPayload(header));
    this.#current = { name, file: folder.create(name, this.#frames.take(), claimedName(name, header)) };
    this.#generation += 1;
    this.#shapes = [];
    this.#nextShape = 0;
    return this.#current;
  }

  #findShape({ run }: TaskRunRecord): number {
    for (let index = this.#shapes.length - 1; index >= 0; index -= 1) {
      const known = this.#shapes[index];
      if (known !== undefined && hasShape(run, known.shape)) return known.number;
    }
    return -1;
  }

  #keepShape(shape: Shape): void {
    this.#shapes.push({ shape, number: this.#nextShape });
    this.#nextShape += 1;
    if (this.#shapes.length > SHAPES_MAX) this.#shapes.shift();
  }

  #flushSoon(now: number): void {
    if (now - this.#flushStartedAt >= this.#flushPauseUs) this.#flushInBackground(now);
    else if (this.#flushTimer === null && this.#unseenFlushes === 0) this.#armFlush(now);
  }

  #flushInBackground(now: number): void {
    const { clock } = this.#parts;
    const file = this.#current?.file;
    if (file === undefined) return;
    this.#flushStartedAt = now;
    if (this.#unseenFlushes >= UNSEEN_FLUSHES_MAX) {
      this.#flushPauseUs = FLUSH_PAUSE_US_MAX;
      return flushQuietly(file);
    }
    this.#unseenFlushes += 1;
    const size = file.size;
    const ended = (): void => {
      this.#unseenFlushes -= 1;
      const took = clock.now() - now;
      this.#flushPauseUs = Math.min(FLUSH_PAUSE_US_MAX, Math.max(FLUSH_PAUSE_US_MIN, took * FLUSH_PAUSE_PER_FLUSH));
      if (this.#current !== null && (this.#current.file !== file || file.size > size)) this.#armFlush(clock.now());
    };
    // A failed flush rejects only for callers that wait for one (`sync`); the others were promised only the process.
    file.flush().then(ended, ended);
  }

  #armFlush(now: number): void {
    if (this.#flushTimer !== null) return;
    const waitMs = Math.max(0, this.#flushStartedAt + this.#flushPauseUs - now) / 1000;
    this.#flushTimer = this.#parts.clock.setTimer(
      waitMs,
      () => {
        this.#flushTimer = null;
        this.#flushInBackground(this.#parts.clock.now());
      },
      { unref: true },
    );
  }
}

function flushQuietly(file: AppendFile): void {
  try {
    file.flushSync();
  } catch {
    /* As above: nobody waits for it. */
  }
}
