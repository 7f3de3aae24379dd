/** Reads a journal in batches, in bounded memory, up to its end or the first damage. */

import type { JournalFolder } from '../core/append-file.ts';
import type { LogRecord } from '../core/log.ts';
import type { TaskRunRecord } from '../core/task-run.ts';
import { type Checksum, readFrames } from './journal-frames.ts';
import { type Entry, JOURNAL_VERSION, type JournalHeader, PayloadReader } from './journal-payload.ts';

const CHUNK_BYTES = 1024 * 1024;

export interface JournalBatch {
  readonly records: readonly TaskRunRecord[];
  readonly logs: readonly LogRecord[];
}

/**
 * - `complete`: every byte was understood; `torn`: the last frame was cut off, as a crash leaves it
 * - `corrupt`: damage, with more bytes behind it; `newer`: written by a later version
 */
export type JournalEnd = 'complete' | 'torn' | 'corrupt' | 'newer';

export class JournalReader {
  readonly #folder: JournalFolder;
  readonly #name: string;
  readonly #checksum: Checksum;
  readonly #payloads = new PayloadReader();
  #offset = 0;
  #pending: Entry[] = [];
  #header: JournalHeader | null = null;
  #end: JournalEnd | null = null;

  constructor(folder: JournalFolder, name: string, checksum: Checksum) {
    this.#folder = folder;
    this.#name = name;
    this.#checksum = checksum;
    this.#fill();
    const first = this.#pending[0];
    if (first?.kind === 'header') {
      this.#header = first.header;
      this.#pending.shift();
    } else if (first !== undefined) {
      this.#end = 'corrupt';
      this.#pending = [];
    }
    if ((this.#header?.version ?? 0) > JOURNAL_VERSION) {
      this.#end = 'newer';
      this.#pending = [];
    }
  }

  /** `null`: the first frame is damaged, or the journal is empty. */
  get header(): JournalHeader | null {
    return this.#header;
  }

  /** How it ended; only known when `next` has returned `null`. A file that no longer exists counts as complete. */
  get end(): JournalEnd {
    return this.#end ?? 'complete';
  }

  get isEmpty(): boolean {
    return this.#header === null && this.#offset === 0 && this.end === 'complete';
  }

  /** About `recordsMax` entries, fewer at the end; `null` when there are no more. */
  next(recordsMax: number): JournalBatch | null {
    while (this.#pending.length < recordsMax && this.#end === null) this.#fill();
    if (this.#pending.length === 0) return null;
    const records: TaskRunRecord[] = [];
    const logs: LogRecord[] = [];
    for (const entry of this.#pending.splice(0, recordsMax)) {
      if (entry.kind === 'record') records.push(entry.record);
      else if (entry.kind === 'logs') logs.push(...entry.logs);
    }
    return { records, logs };
  }

  #fill(): void {
    let bytesMax = CHUNK_BYTES;
    for (;;) {
      const bytes = this.#folder.read(this.#name, this.#offset, bytesMax);
      if (bytes === null || bytes.byteLength === 0) {
        this.#end = 'complete';
        return;
      }
      const { payloads, consumed, end, needed } = readFrames(bytes, this.#checksum);
      this.#offset += consumed;
      if (!this.#keep(payloads) || end === 'corrupt') {
        this.#end = 'corrupt';
        return;
      }
      if (consumed > 0) return;
      // Only half a frame was read: either the chunk is too small for it, or the file ends within it.
      if (bytes.byteLength < bytesMax || needed <= bytesMax) {
        this.#end = 'torn';
        return;
      }
      bytesMax = needed;
    }
  }

  #keep(payloads: readonly string[]): boolean {
    try {
      for (const payload of payloads) this.#pending.push(this.#payloads.read(payload));
      return true;
    } catch {
      return false;
    }
  }
}
