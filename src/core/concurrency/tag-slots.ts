/** Slots of the limits on a task run's tags, as the engine asks for them before the run's body may begin. */

import type { ConcurrencyLeaseId, TaskRunId } from '../ids.ts';
import type { ConcurrencyLimit } from './limit.ts';

export interface TakeTagSlots {
  readonly tags: readonly string[];
  /** A lease left by an earlier attempt of this run is ended: it was for the same work. */
  readonly taskRunId: TaskRunId;
}

export type TagSlots =
  /** None of the tags has a limit now. */
  | { readonly outcome: 'unlimited' }
  /** A slot of each limit, until the lease is released or expires. */
  | { readonly outcome: 'taken'; readonly leaseId: ConcurrencyLeaseId }
  /** Nothing was taken: the limit on `tag` has no free slot. `holders`: some of the task runs that hold its slots. */
  | { readonly outcome: 'full'; readonly tag: string; readonly slots: number; readonly holders: readonly TaskRunId[] }
  /** The limit on `tag` is 0: waiting cannot help. */
  | { readonly outcome: 'closed'; readonly tag: string };

/** A limit on a tag, and the holders of its slots. */
export interface TagLimit {
  readonly tag: string;
  readonly limit: ConcurrencyLimit;
  /** Longest holder first. */
  readonly taskRunIds: readonly string[];
}

/**
 * Seconds after which a lease that nobody renews ends. Leases of processes known to be gone are ended at once; this is
 * for the others, and longer than a computing body may keep its process from renewing.
 */
export const TAG_SLOT_LEASE_SECONDS = 300;
