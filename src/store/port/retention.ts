/** Forgetting what is old, in steps that hold the write lock for some milliseconds each. */

import type { ArtifactId, FlowRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Stored } from '../port.ts';

/**
 * A step looks at a bounded number of rows, also where active runs hold all of them, and says behind which one the next step goes
 * on: `null` when nothing that is old enough lies behind. A step that is given `null` begins with the oldest.
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
  /** Runs outside other runs that ended before, the longest ended first; none with an active run below it. Looks at `limit` runs. */
  listEndedRuns(endedBefore: Instant, after: EndedRunPlace | null, limit: number): Stored<RetentionStep<readonly FlowRunId[], EndedRunPlace>>;
  /**
   * Removes at most `limit` task runs and logs of the run and of those below it, with what belongs to them; subflow runs that are
   * empty then too. Answers how much it removed: with 0 the run itself is all that is left.
   */
  thinFlowRun(id: FlowRunId, limit: number): Stored<number>;
  /** Removes at most `limit` task runs outside any flow that ended before. Looks at `limit` rows after the one it ended with. */
  deleteTaskRunsBefore(endedBefore: Instant, limit: number): Stored<number>;
  /** Removes at most `limit` log records that are older, none of a run that is active; found: how many. A place is a number of a record. */
  deleteLogsBefore(before: Instant, after: number | null, limit: number): Stored<RetentionStep<number, number>>;
  /** At most `limit` artifacts that were last changed before, none of a run that is active. */
  listArtifactsBefore(before: Instant, after: ArtifactId | null, limit: number): Stored<RetentionStep<readonly ArtifactId[], ArtifactId>>;
  /** Those of the keys of the result store that a cache entry, or a run that is active, still needs. */
  findNeededResults(keys: readonly string[], now: Instant): Stored<readonly string[]>;
}
