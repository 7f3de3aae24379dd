/**
 * Facts and effects of the rules about slots: of the deployment and the work pool of a flow run, of the tags of a task
 * run.
 */

/** The limit of a run's deployment. */
export interface DeploymentSlotFacts {
  readonly limit: number;
  /** Whether a slot is free now, by the limit's own count. */
  readonly isFree: boolean;
  /** What happens to a run that finds no slot: it waits, is cancelled, or waits for the end of the oldest one. */
  readonly whenFull: 'enqueue' | 'cancel-new' | 'cancel-old';
  /** Seconds after which a run that found no slot asks again. */
  readonly waitSeconds: number;
  /** How long a lease lasts before its run must have begun. */
  readonly graceSeconds: number;
  /** The id for a lease that may be created. */
  readonly nextLeaseId: string;
  /** Whether the lease named in the run's state still holds its slot. */
  readonly isLeaseAlive: boolean;
  /** Clients older than 3.4.11 cannot renew leases: their runs keep slots without renewing. */
  readonly clientRenewsLeases: boolean;
}

export type SlotEffect =
  | { readonly kind: 'acquire'; readonly leaseId: string; readonly ttlSeconds: number }
  | { readonly kind: 'renew'; readonly leaseId: string; readonly ttlSeconds: number }
  /** The lease is no longer renewed: the slot stays taken as long as the run holds it. */
  | { readonly kind: 'revoke'; readonly leaseId: string };

/** What the limits on a task run's tags have for it now. */
export type TagSlotFacts =
  | { readonly outcome: 'free' }
  | { readonly outcome: 'closed'; readonly tag: string }
  /** `waitSeconds`: when to ask again; whole seconds, 1 or more. */
  | { readonly outcome: 'full'; readonly tags: readonly string[]; readonly waitSeconds: number };

/** What the work pool and the queue of a flow run have for it now. */
export interface PoolSlotFacts {
  /** The one that has no slot free beside those that the run holds itself; `null`: none is full. */
  readonly full: { readonly what: 'work pool' | 'work queue'; readonly name: string; readonly slots: number } | null;
  /** Whether the run holds its slot already. */
  readonly isHeld: boolean;
}
