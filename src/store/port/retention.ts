/** Removes old rows, in steps that hold the write lock for some milliseconds each. */

import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { ArtifactId, FlowRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';

/**
 * A step looks at a bounded number of rows, even if active runs need all of them, and returns the place after which the
 * next step continues: `null` when no row that is old enough follows. A step that is given `null` begins with the
 * oldest row.
 */
export interface RetentionStep<Found, Place> {
  readonly found: Found;
  readonly next: Place | null;
}

export interface EndedRunPlace {
  readonly endTime: Instant;
  readonly id: FlowRunId;
}

export interface RetentionStorage {
  /**
   * Runs outside other runs that ended before, longest ended first; none with an active run below it. Looks at `limit`
   * runs.
   */
  listEndedRuns(
    endedBefore: Instant,
    after: EndedRunPlace | null,
    limit: number,
  ): MaybePromise<RetentionStep<readonly FlowRunId[], EndedRunPlace>>;
  /**
   * Removes at most `limit` task runs and logs of the run and of those below it, with their rows, and subflow runs that
   * are then empty. Returns how many it removed; 0: only the run itself is left.
   */
  compactFlowRun(id: FlowRunId, limit: number): MaybePromise<number>;
  /**
   * Removes at most `limit` task runs outside any flow that ended before. Looks at `limit` rows after the place of the
   * last step.
   */
  deleteTaskRunsBefore(endedBefore: Instant, limit: number): MaybePromise<number>;
  /**
   * Removes at most `limit` older log records, none of an active run; `found`: how many. A place is the number of a
   * record.
   */
  deleteLogsBefore(before: Instant, after: number | null, limit: number): MaybePromise<RetentionStep<number, number>>;
  /** At most `limit` artifacts that were last changed before, none of an active run. */
  listArtifactsBefore(
    before: Instant,
    after: ArtifactId | null,
    limit: number,
  ): MaybePromise<RetentionStep<readonly ArtifactId[], ArtifactId>>;
  /** Those of the keys of the result store that a cache entry or an active run still needs. */
  findNeededResults(keys: readonly string[], now: Instant): MaybePromise<readonly string[]>;
}
