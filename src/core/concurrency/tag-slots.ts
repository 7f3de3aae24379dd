/** Slots of the limits on a task run's tags, as the engine asks for them before the run's body may begin. */

import type { ConcurrencyLeaseId, TaskRunId } from '../ids.ts';
import type { ConcurrencyLimit } from './limit.ts';

export interface TakeTagSlots {
  readonly tags: readonly string[];
  /** A lease that an earlier attempt of this run has left is ended: it is the same work. */
  readonly taskRunId: TaskRunId;
}

export type TagSlots =
  /** None of the tags has a limit now. */
  | { readonly outcome: 'unlimited' }
  /** A slot of each limit, until the lease is ended or not renewed. */
  | { readonly outcome: 'taken'; readonly leaseId: ConcurrencyLeaseId }
  /** Nothing was taken: the limit on `tag` has no slot free. `holders`: some of the task runs that have them. */
  | { readonly outcome: 'full'; readonly tag: string; readonly slots: number; readonly holders: readonly TaskRunId[] }
  /** The limit on `tag` is 0: waiting cannot help. */
  | { readonly outcome: 'closed'; readonly tag: string };

/** One limit on a tag, and who holds its slots. */
export interface TagLimit {
  readonly tag: string;
  readonly limit: ConcurrencyLimit;
  /** The longest holder first. */
  readonly taskRunIds: readonly string[];
}

/**
 * A lease that nobody renews ends after so long. Leases of processes that are known to be gone are ended at once; this is for those of
 * which nobody can tell, and longer than a body that computes may keep its process from renewing.
 */
export const TAG_SLOT_LEASE_SECONDS = 300;
