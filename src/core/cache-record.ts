/** Why a task run hit or missed the cache: recorded on every task run that has a cache policy. */

import type { TaskRunId } from './ids.ts';
import type { Instant } from './time.ts';
import type { ValueRef } from './value.ts';

export interface CacheRecord {
  readonly outcome: 'hit' | 'miss' | 'refresh' | 'disabled';
  /** The full key, or `null` when none could be computed (`reason` says why). */
  readonly key: string | null;
  /**
   * One sentence, for people: `input "x" changed`, `expired 3 min ago`, `the task's source changed`, `first run with
   * this key`.
   */
  readonly reason: string;
  /** On a hit: who computed the result. On a miss: the earlier run that the key was compared with. */
  readonly from?: TaskRunId | undefined;
  readonly expiresAt?: Instant | undefined;
}

/**
 * What a key was made of, each part hashed: kept beside the result, so that a later miss can name the part that
 * changed.
 */
export type CacheKeyParts = Readonly<Record<string, string>>;

/** A finished result that later runs may reuse. */
export interface CacheEntry {
  readonly key: string;
  readonly taskKey: string;
  readonly taskRunId: TaskRunId;
  readonly parts: CacheKeyParts;
  readonly data: ValueRef;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
}

export type CacheClaim =
  /** A finished, unexpired result. */
  | { readonly status: 'hit'; readonly entry: CacheEntry }
  /**
   * Nobody computes it now: the caller does, and must settle the claim. `nearest` is the newest entry of the same task,
   * to explain the miss.
   */
  | { readonly status: 'claimed'; readonly nearest: CacheEntry | null }
  /** Another process computes it now: ask again. */
  | { readonly status: 'busy'; readonly holder: TaskRunId };
