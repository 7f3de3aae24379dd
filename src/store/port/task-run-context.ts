/**
 * What a decision about a task run is taken on beside the run itself: as `flow-run-context.ts`, named by the use case,
 * and read in the transaction that writes the outcome.
 */

import type { TaskRunSlots } from '../../core/concurrency/task-run-slots.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { CompletedState } from '../../core/state.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Instant } from '../../core/time.ts';

/** Everything that can be named. Each member has one loader in the store's logic: the compiler asks for it. */
export interface TaskRunContext {
  /** The flow run that it belongs to, or that the key names; `null`: it is outside of flows, or that run is gone. */
  readonly flowRun: FlowRun | null;
  /** The newest unexpired state under the cache key. */
  readonly cached: CompletedState | null;
  readonly tagSlots: TaskRunSlots;
}

/** What is asked of each. What is left out, or `null`, is not read. */
export interface TaskRunNeeds {
  readonly flowRun?: true;
  readonly cached?: { readonly key: string; readonly now: Instant } | null;
  /** Limits on these tags, beside those of which the run holds slots. */
  readonly tagSlots?: { readonly tags: readonly string[] } | null;
}

/** What was named, and no more. */
export type TaskContextFor<Needs> = {
  readonly [Name in keyof Needs]: Name extends keyof TaskRunContext
    ? TaskRunContext[Name] | (null extends Needs[Name] ? null : never)
    : never;
};

/** Named beforehand, or by what the run is; the function only answers, as all that are called in a transaction. */
export type TaskNeedsOf<Needs> = Needs | ((run: TaskRun | null) => Needs);
