/**
 * The cache of results where no server keeps one: Prefect's has none, and a server that is away cannot be asked.
 *
 * Entries lie in a folder of the home, one a key, beside the results that they point to: later processes on this
 * machine find them. Within the process one run computes a key at a time; between processes two may compute the same
 * key at once.
 */

import type { CacheClaim, CacheEntry } from '../../core/cache-record.ts';
import type { TaskRunId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';
import type { ClaimCacheKey } from '../port.ts';
import type { CacheSettlement } from './remote.ts';

/** Small text files by name; implemented in `platform/text-files.ts`. */
export interface TextFiles {
  /** `null` when there is no such file. */
  read(name: string): MaybePromise<string | null>;
  /** Atomic; replaces an existing file. */
  write(name: string, text: string): MaybePromise<void>;
}

export class CacheBook {
  readonly #files: TextFiles;
  readonly #claims = new Map<string, TaskRunId>();
  /** The newest entry of each task, for explaining a miss. */
  readonly #nearest = new Map<string, CacheEntry>();

  constructor(files: TextFiles) {
    this.#files = files;
  }

  async claim({ key, taskKey, taskRunId, refresh }: ClaimCacheKey, now: Instant): Promise<CacheClaim> {
    const entry = await this.#read(key);
    if (entry !== null && !refresh && (entry.expiresAt === null || entry.expiresAt > now))
      return { status: 'hit', entry };
    const holder = this.#claims.get(key);
    if (holder !== undefined && holder !== taskRunId) return { status: 'busy', holder };
    this.#claims.set(key, taskRunId);
    return { status: 'claimed', nearest: entry ?? this.#nearest.get(taskKey) ?? null };
  }

  async settle({ key, taskRunId, entry }: CacheSettlement): Promise<void> {
    try {
      if (entry !== null) {
        this.#nearest.set(entry.taskKey, entry);
        await this.#files.write(key, JSON.stringify(entry));
      }
    } finally {
      if (this.#claims.get(key) === taskRunId) this.#claims.delete(key);
    }
  }

  async #read(key: string): Promise<CacheEntry | null> {
    const text = await this.#files.read(key);
    if (text === null) return null;
    try {
      return JSON.parse(text) as CacheEntry;
    } catch {
      // A truncated or damaged file counts as a miss.
      return null;
    }
  }
}
