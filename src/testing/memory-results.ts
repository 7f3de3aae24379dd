/** A result store that is gone with the test. */

import type { ResultStore } from '../client/port.ts';
import { NAMED_PREFIX } from '../core/result-name.ts';

export class MemoryResults implements ResultStore {
  readonly #texts = new Map<string, string>();

  /** Values that were too large for a row, by key. */
  get keys(): readonly string[] {
    return [...this.#texts.keys()];
  }

  write(hash: string, text: string, options: Parameters<ResultStore['write']>[2]): string {
    const key = options.name === undefined ? hash : NAMED_PREFIX + options.name;
    this.#texts.set(key, text);
    return key;
  }

  read(key: string): string | null {
    return this.#texts.get(key) ?? null;
  }

  /** As if somebody had cleaned the store up. */
  clear(): void {
    this.#texts.clear();
  }
}
