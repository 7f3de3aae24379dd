/**
 * A disk for journals that crashes, loses power, fills up and turns read-only, as often as a seed says.
 *
 * 1. A **kill** keeps every byte that an append took; the append in which it strikes may have written a part.
 * 2. A **power loss** keeps what was flushed. Of the rest it keeps some beginning, perhaps with damage in it; of the
 *    changes to names (create, rename, remove) that nothing flushed, some beginning too, in their order.
 * 3. After a crash the handles of the old life are dead: their calls throw, their flushes never end. `openFolder`
 *    starts a new one.
 */

import type { AppendFile, JournalFolder } from '../src/core/append-file.ts';
import { type ErrorCode, OstinatoError } from '../src/core/errors.ts';
import type { Random } from '../src/platform/random.ts';

/** What a call into a dead life throws; nothing of the product may see it and go on as if alive. */
export class SimulatedCrash extends Error {
  override get name(): string {
    return 'SimulatedCrash';
  }
}

export type CrashKind = 'kill' | 'power';

interface Content {
  bytes: Uint8Array;
  size: number;
  flushedSize: number;
}

type NameChange = (names: Map<string, Content>) => void;

/** A flush takes up to this many turns of the microtask queue. */
const FLUSH_TURNS_MAX = 6;

export class SimulatedDisk {
  /** Bytes that fit; appends beyond throw `store-full`. */
  capacityBytes = Number.POSITIVE_INFINITY;
  readOnly = false;
  readonly #random: Random;
  #names = new Map<string, Content>();
  #flushedNames = new Map<string, Content>();
  #unflushedChanges: NameChange[] = [];
  #life = 0;
  #planned: { callsLeft: number; readonly kind: CrashKind } | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Grows with every crash. */
  get life(): number {
    return this.#life;
  }

  get names(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  /** The crash strikes within the call that comes after so many others. */
  planCrash(kind: CrashKind, calls: number): void {
    this.#planned = { callsLeft: calls, kind };
  }

  cancelCrash(): void {
    this.#planned = null;
  }

  crash(kind: CrashKind): void {
    this.#life += 1;
    this.#planned = null;
    if (kind === 'power') this.#losePower();
  }

  openFolder(): JournalFolder {
    const life = this.#life;
    return {
      description: 'simulated',
      create: (name, head, draft) => this.#create(life, name, head, draft),
      list: () => {
        this.#call(life);
        return this.names.filter((name) => name.endsWith('.journal'));
      },
      read: (name, offset, bytesMax) => {
        this.#call(life);
        const content = this.#names.get(name);
        return content === undefined ? null : content.bytes.slice(offset, Math.min(content.size, offset + bytesMax));
      },
      claim: (name, newName) => {
        this.#refuse();
        if (!this.#names.has(name)) return false;
        this.#change(life, (names) => {
          const content = names.get(name);
          if (content === undefined) return;
          names.delete(name);
          names.set(newName, content);
        });
        return true;
      },
      remove: (name) => {
        this.#refuse();
        this.#change(life, (names) => names.delete(name));
      },
    };
  }

  #create(life: number, name: string, head: Uint8Array, draft: string): AppendFile {
    this.#refuse(head.byteLength);
    const content: Content = { bytes: head.slice(), size: head.byteLength, flushedSize: 0 };
    this.#change(life, (names) => names.set(draft, content));
    this.#change(life, (names) => {
      names.delete(draft);
      names.set(name, content);
    });
    const flush = (upTo: number): void => {
      content.flushedSize = Math.max(content.flushedSize, upTo);
      this.#flushNames();
    };
    return {
      append: (bytes) => this.#append(life, content, bytes),
      flush: async () => {
        this.#call(life);
        const upTo = content.size;
        for (let turns = Math.floor(this.#random() * FLUSH_TURNS_MAX); turns > 0; turns -= 1) await Promise.resolve();
        // The process that waits for it is gone.
        if (life !== this.#life) await new Promise(() => {});
        flush(upTo);
      },
      flushSync: () => {
        this.#call(life);
        flush(content.size);
      },
      close: () => undefined,
      get size(): number {
        return content.size;
      },
    };
  }

  #append(life: number, content: Content, bytes: Uint8Array): void {
    this.#refuse(bytes.byteLength);
    try {
      this.#call(life);
    } catch (error) {
      // The crash came while the bytes were written; a dead life writes none.
      if (life === this.#life - 1)
        write(content, bytes.subarray(0, Math.floor(this.#random() * (bytes.byteLength + 1))));
      throw error;
    }
    write(content, bytes);
  }

  #change(life: number, change: NameChange): void {
    this.#call(life);
    change(this.#names);
    this.#unflushedChanges.push(change);
  }

  #flushNames(): void {
    for (const change of this.#unflushedChanges) change(this.#flushedNames);
    this.#unflushedChanges = [];
  }

  /** Counts down to the planned crash; refuses dead lives. */
  #call(life: number): void {
    if (life !== this.#life) throw new SimulatedCrash(`life ${life} is over`);
    if (this.#planned === null) return;
    this.#planned.callsLeft -= 1;
    if (this.#planned.callsLeft >= 0) return;
    this.crash(this.#planned.kind);
    throw new SimulatedCrash('struck');
  }

  #refuse(bytes = 0): void {
    if (this.readOnly) throw refusal('store-read-only', 'the simulated disk is read-only');
    let used = bytes;
    for (const { size } of this.#names.values()) used += size;
    if (bytes > 0 && used > this.capacityBytes) throw refusal('store-full', 'the simulated disk is full');
  }

  #losePower(): void {
    const kept = Math.floor(this.#random() * (this.#unflushedChanges.length + 1));
    for (const change of this.#unflushedChanges.slice(0, kept)) change(this.#flushedNames);
    this.#unflushedChanges = [];
    this.#names = new Map(this.#flushedNames);
    for (const content of new Set(this.#names.values())) this.#damage(content);
  }

  /** What was flushed stays; behind it: a part, a part and zeros, or a part with a wrong byte. */
  #damage(content: Content): void {
    const unflushed = content.size - content.flushedSize;
    if (unflushed > 0) {
      const kept = content.flushedSize + Math.floor(this.#random() * (unflushed + 1));
      const how = this.#random();
      if (how < 0.6) content.size = kept;
      else if (how < 0.8) content.bytes.fill(0, kept, content.size);
      else if (kept < content.size) content.bytes[kept] = (content.bytes[kept] ?? 0) ^ 0x40;
    }
    content.flushedSize = content.size;
  }
}

function write(content: Content, bytes: Uint8Array): void {
  if (content.size + bytes.byteLength > content.bytes.byteLength) {
    const larger = new Uint8Array((content.size + bytes.byteLength) * 2);
    larger.set(content.bytes.subarray(0, content.size));
    content.bytes = larger;
  }
  content.bytes.set(bytes, content.size);
  content.size += bytes.byteLength;
}

function refusal(code: ErrorCode, why: string): OstinatoError {
  return new OstinatoError(code, `Could not write: ${why}.`);
}
