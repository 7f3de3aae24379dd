/** The port to an index of cache keys that is kept elsewhere than the runs: see `CachePolicy.keptIn`. */

import type { CacheClaim, CacheEntry } from './cache-record.ts';
import type { TaskRunId } from './ids.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Instant } from './time.ts';

export interface CacheKeys {
  /**
   * An entry that is not expired at `now` → hit (unless `refresh`); else busy while somebody alive computes it; else
   * the claim is the caller's.
   */
  claim(request: {
    readonly key: string;
    readonly taskKey: string;
    readonly taskRunId: TaskRunId;
    readonly refresh: boolean;
    readonly now: Instant;
  }): MaybePromise<CacheClaim>;
  /** Stores the result, or (with `entry: null`) deletes what this run had stored; ends the run's claim. */
  settle(settled: {
    readonly key: string;
    readonly taskRunId: TaskRunId;
    readonly entry: CacheEntry | null;
  }): MaybePromise<void>;
}
