/**
 * Decisions made here while the server was away: sent in order, once, by this process or the next one of this
 * home.
 *
 * 1. When `add` returns, the entry survives the end of the process (unless the disk takes nothing: that is told).
 * 2. An entry leaves when the server has it, or when it will never take it: then it is set aside for people.
 * 3. The file goes when nothing is left in it. Telling an entry twice is harmless, so the file may lag behind.
 */

import type { AppendFile, JournalFolder } from '../../core/append-file.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { FrameBuffer, type Checksum } from '../journal-frames.ts';
import { claimedName, journalName } from '../journal-names.ts';
import { headerPayload, type JournalHeader } from '../journal-payload.ts';
import type { OutboxEntry } from './remote.ts';
import { Unavailable } from './transport.ts';

export interface OutboxParts {
  /** `null`: in memory only. */
  readonly folder: JournalFolder | null;
  readonly header: JournalHeader;
  readonly checksum: Checksum;
  /** Sends the entry to the server; throws `Unavailable` while the server is away. */
  readonly tell: (entry: OutboxEntry) => Promise<void>;
  readonly onRefused: (entry: OutboxEntry, error: unknown) => void;
  readonly onProblem: (error: unknown) => void;
}

/** Failures of one entry after which it is set aside, if the server answers other requests. */
const FAILURES_MAX = 5;

interface Waiting {
  readonly entry: OutboxEntry;
  failures: number;
}

export class Outbox {
  readonly #parts: OutboxParts;
  readonly #frames: FrameBuffer;
  readonly #waiting: Waiting[] = [];
  #file: { readonly name: string; readonly file: AppendFile } | null = null;
  #generation = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#frames = new FrameBuffer(parts.checksum);
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** For messages. */
  get description(): string {
    return `${this.#parts.folder?.description ?? 'memory'}/${this.#parts.header.processId}.*.journal`;
  }

  add(entry: OutboxEntry): void {
    this.#waiting.push({ entry, failures: 0 });
    this.#append(entryPayload(entry));
  }

  /** @throws `Unavailable` when the server went away again; entries that were sent are not sent again */
  async drain(): Promise<number> {
    let told = 0;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      await this.#tell(next);
      this.#waiting.shift();
      told += 1;
      if (this.#waiting.length === 0) this.#removeFile();
      else this.#append(TOLD);
    }
    return told;
  }

  async #tell(next: Waiting): Promise<void> {
    try {
      await this.#parts.tell(next.entry);
    } catch (error) {
      if (error instanceof Unavailable) {
        if (error.status === 500) next.failures += 1;
        if (next.failures < FAILURES_MAX) throw error;
      } else if (!OstinatoError.is(error)) throw error;
      this.#parts.onRefused(next.entry, error);
    }
  }

  /** Remaining entries stay in the file for the next process. */
  close(): void {
    this.#file?.file.close();
    this.#file = null;
  }

  #append(payload: string): void {
    const { folder, header } = this.#parts;
    if (folder === null) return;
    try {
      if (this.#file === null) {
        const name = journalName(header, this.#generation);
        this.#generation += 1;
        this.#frames.add(headerPayload(header));
        this.#file = { name, file: folder.create(name, this.#frames.take(), claimedName(name, header)) };
      }
      this.#frames.add(payload);
      this.#file.file.append(this.#frames.take());
    } catch (error) {
      this.#frames.take();
      this.#parts.onProblem(error);
    }
  }

  #removeFile(): void {
    if (this.#file === null) return;
    const { name, file } = this.#file;
    this.#file = null;
    file.close();
    try {
      this.#parts.folder?.remove(name);
    } catch (error) {
      this.#parts.onProblem(error);
    }
  }
}

/** Frame that follows each sent entry. */
const TOLD = JSON.stringify(['told']);

function entryPayload(entry: OutboxEntry): string {
  return JSON.stringify(['entry', entry]);
}

/** @returns the entries that were not sent yet, oldest first */
export function unsentEntries(payloads: readonly string[]): readonly OutboxEntry[] {
  const entries: OutboxEntry[] = [];
  let told = 0;
  for (const payload of payloads) {
    const [kind, entry] = JSON.parse(payload) as readonly [string, OutboxEntry?];
    if (kind === 'told') told += 1;
    else if (kind === 'entry' && entry !== undefined) entries.push(withRunner(entry));
  }
  return entries.slice(told);
}

/** Entries of versions that did not record the runner belong to runs of our engine. */
function withRunner(entry: OutboxEntry): OutboxEntry {
  const runner: Pick<FlowRun, 'runner'> = { runner: 'ostinato' };
  switch (entry.kind) {
    case 'created':
      return { ...entry, request: { ...runner, ...entry.request }, run: { ...runner, ...entry.run } };
    case 'moved':
      return { ...entry, run: { ...runner, ...entry.run } };
    default:
      return entry;
  }
}
