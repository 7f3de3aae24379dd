/** Concurrency limits and leases. */

import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { ConcurrencyLease, ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';

/** What is read for a decision about slots: the union of these. */
export interface SlotSelection {
  readonly names?: readonly string[];
  readonly limitIds?: readonly ConcurrencyLimitId[];
  readonly leaseIds?: readonly ConcurrencyLeaseId[];
  /** The leases of this holder, whatever its type. */
  readonly holderId?: string;
  /** The leases that ended before this, the oldest of them first, `leasesMax` at most. */
  readonly expiredBefore?: Instant;
  /** Leases that count in these work pools and queues. */
  readonly leasesOn?: readonly string[];
  /** Also the leases on limits that were selected by name or id. */
  readonly withLeases?: boolean;
  /** Default: all. */
  readonly leasesMax?: number;
}

export interface SlotFacts {
  /** The selected limits, and those of the selected leases; by name. */
  readonly limits: readonly ConcurrencyLimit[];
  readonly leases: readonly ConcurrencyLease[];
}

/** Changes of limits and leases. */
export interface SlotWrites {
  /** Inserted, or replacing the row with the same id. `conflict` when the name is another limit's. */
  readonly limits?: readonly ConcurrencyLimit[];
  readonly deletedLimits?: readonly ConcurrencyLimitId[];
  /** Inserted, or replacing the row with the same id. */
  readonly leases?: readonly ConcurrencyLease[];
  readonly deletedLeases?: readonly ConcurrencyLeaseId[];
}

export interface SlotChange<Answer> extends SlotWrites {
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface ConcurrencyStorage {
  changeSlots<Answer>(selection: SlotSelection, change: (facts: SlotFacts) => SlotChange<Answer>): MaybePromise<Answer>;
  readSlots(selection: SlotSelection): MaybePromise<SlotFacts>;
  /** How many slots are held of each of these limits, work pools and queues; none of those that are left out. */
  countLeases(ids: readonly string[]): MaybePromise<ReadonlyMap<string, number>>;
}
