import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Instant } from '../../core/time.ts';

export interface CancelledRunStorage {
  /** Runs that were cancelled since then, ordered by id. */
  listCancelledRuns(
    since: Instant,
    page: { readonly after?: FlowRunId | undefined; readonly limit: number },
  ): MaybePromise<readonly FlowRun[]>;
}
