/** A result store that is gone with the test. */

import type { ResultStore } from '../client/port.ts';

export class MemoryResults implements ResultStore {
  readonly #texts = new Map<string, string>();

  /** Values that were too large for a row, by key. */
  get keys(): readonly string[] {
    return [...this.#texts.keys()];
  }

  write(hash: string, text: string): string {
    this.#texts.set(hash, text);
    return hash;
  }

  read(key: string): string | null {
    return this.#texts.get(key) ?? null;
  }

  /** As if somebody had cleaned the store up. */
  clear(): void {
    this.#texts.clear();
  }
}
