/** Concurrency limits and leases. */

import type { ConcurrencyLease, ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Stored } from '../port.ts';

/** What a decision about slots is taken on. The parts add up. */
export interface SlotSelection {
  readonly names?: readonly string[];
  readonly limitIds?: readonly ConcurrencyLimitId[];
  readonly leaseIds?: readonly ConcurrencyLeaseId[];
  /** The leases of this holder, whatever its type. */
  readonly holderId?: string;
  /** The leases that ended before this, the oldest of them first, `leasesMax` at most. */
  readonly expiredBefore?: Instant;
  /** The leases on the limits that were selected by name or id, too. */
  readonly withLeases?: boolean;
  /** Default: all. */
  readonly leasesMax?: number;
}

export interface SlotFacts {
  /** Those that were selected, and those of the selected leases; by name. */
  readonly limits: readonly ConcurrencyLimit[];
  readonly leases: readonly ConcurrencyLease[];
}

export interface SlotChange<Answer> {
  /** Inserted, or written over the row with their id. `conflict` when the name is another's. */
  readonly limits?: readonly ConcurrencyLimit[];
  readonly deletedLimits?: readonly ConcurrencyLimitId[];
  /** Inserted, or written over the row with their id. */
  readonly leases?: readonly ConcurrencyLease[];
  readonly deletedLeases?: readonly ConcurrencyLeaseId[];
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface ConcurrencyStorage {
  changeSlots<Answer>(selection: SlotSelection, change: (facts: SlotFacts) => SlotChange<Answer>): Stored<Answer>;
  readSlots(selection: SlotSelection): Stored<SlotFacts>;
  /** By name; with `namePrefix` only those that begin so. */
  listLimits(page: { readonly namePrefix?: string; readonly limit: number; readonly offset: number }): Stored<readonly ConcurrencyLimit[]>;
}
