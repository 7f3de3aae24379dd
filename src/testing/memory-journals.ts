/** Journals that are gone with the test, but outlive the processes in it. */

import type { AppendFile, JournalFolder } from '../core/append-file.ts';

const SUFFIX = '.journal';
const FIRST_BYTES = 4096;

interface Content {
  bytes: Uint8Array;
  size: number;
}

export class MemoryJournals implements JournalFolder {
  readonly description = 'memory';
  readonly #files = new Map<string, Content>();

  create(name: string, head: Uint8Array): AppendFile {
    const content: Content = { bytes: new Uint8Array(FIRST_BYTES), size: 0 };
    this.#files.set(name, content);
    append(content, head);
    return {
      append: (bytes) => append(content, bytes),
      flush: async () => {},
      flushSync: () => {},
      close: () => {},
      get size() {
        return content.size;
      },
    };
  }

  list(): readonly string[] {
    return [...this.#files.keys()].filter((name) => name.endsWith(SUFFIX)).sort();
  }

  read(name: string, offset: number, bytesMax: number): Uint8Array | null {
    const content = this.#files.get(name);
    return content ? content.bytes.slice(offset, Math.min(content.size, offset + bytesMax)) : null;
  }

  claim(name: string, newName: string): boolean {
    const content = this.#files.get(name);
    if (!content) return false;
    this.#files.delete(name);
    this.#files.set(newName, content);
    return true;
  }

  remove(name: string): void {
    this.#files.delete(name);
  }
}

function append(content: Content, added: Uint8Array): void {
  const size = content.size + added.byteLength;
  if (size > content.bytes.byteLength) {
    const larger = new Uint8Array(Math.max(size, content.bytes.byteLength * 2));
    larger.set(content.bytes.subarray(0, content.size));
    content.bytes = larger;
  }
  content.bytes.set(added, content.size);
  content.size = size;
}
