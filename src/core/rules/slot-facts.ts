/** What the rules know and say about the slots of a run's deployment. */

/** What is known of the limit of a run's deployment. */
export interface DeploymentSlotFacts {
  readonly limit: number;
  /** Whether a slot is free now, as the limit's own rules count. */
  readonly isFree: boolean;
  /** What a run gets that finds no slot: a place in the queue, or its end. */
  readonly whenFull: 'enqueue' | 'cancel-new';
  /** How long a lease lasts before its run must have begun. */
  readonly graceSeconds: number;
  /** The id of the lease that would be made. */
  readonly nextLeaseId: string;
  /** Whether the lease that the run's state names still holds its slot. */
  readonly isLeaseAlive: boolean;
  /** Clients older than 3.4.11 cannot renew leases: their runs keep slots without. */
  readonly clientRenewsLeases: boolean;
}

export type SlotEffect =
  | { readonly kind: 'acquire'; readonly leaseId: string; readonly ttlSeconds: number }
  | { readonly kind: 'renew'; readonly leaseId: string; readonly ttlSeconds: number }
  /** The lease ends, its slot stays taken. */
  | { readonly kind: 'revoke'; readonly leaseId: string }
  /** By its lease where there is one, else by count. */
  | { readonly kind: 'release'; readonly leaseId: string | null };
