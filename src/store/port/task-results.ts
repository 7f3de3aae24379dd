import type { FlowRun } from '../../core/flow-run.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { CompletedState } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { Stored } from '../port.ts';

/** Results that are kept for clients which let the server decide about the cache (Prefect 2). */
export interface TaskResultStorage {
  /** The newest under the key that has not expired at `now`; `null` when there is none. */
  readCachedState(key: string, now: Instant): Stored<CompletedState | null>;
}

export interface CancelledRunStorage {
  /** Runs that were cancelled since then, by id. */
  listCancelledRuns(since: Instant, page: { readonly after?: FlowRunId | undefined; readonly limit: number }): Stored<readonly FlowRun[]>;
}
