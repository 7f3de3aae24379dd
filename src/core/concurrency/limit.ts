/** Global concurrency limits: a number of slots under a name, and the leases by which slots are held. */

import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../ids.ts';
import type { Instant } from '../time.ts';

export interface ConcurrencyLimit {
  readonly id: ConcurrencyLimitId;
  /** Unique. `tag:<tag>` limits the task runs that carry the tag. */
  readonly name: string;
  /** How many slots there are. */
  readonly limit: number;
  /** One that is switched off holds nobody up and counts nothing. */
  readonly active: boolean;
  /** Slots that were taken as of `slotsAt`; since then they decay. */
  readonly activeSlots: number;
  /** Slots that were asked for in vain as of `slotsAt`; they decay, too, and make waiting callers wait longer. */
  readonly deniedSlots: number;
  /** Above 0 the limit is one of rate: taken slots come back by themselves. */
  readonly slotDecayPerSecond: number;
  /** For how long a slot is held, averaged over the last releases. */
  readonly avgSlotOccupancySeconds: number;
  readonly slotsAt: Instant;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export const HOLDER_TYPES = ['flow_run', 'task_run', 'deployment'] as const;
export type HolderType = (typeof HOLDER_TYPES)[number];

export interface LeaseHolder {
  readonly type: HolderType;
  readonly id: string;
}

/**
 * Slots that somebody holds until `expiresAt`. The id is the token: it is never used twice, so that a holder who was given up
 * cannot release or renew what another has taken since.
 */
export interface ConcurrencyLease {
  readonly id: ConcurrencyLeaseId;
  /** Slots of each of the limits. */
  readonly slots: number;
  /** The limits that were counted up; none when the names had no limits. */
  readonly limitIds: readonly ConcurrencyLimitId[];
  readonly holder: LeaseHolder | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

export const OCCUPANCY_SECONDS_DEFAULT = 2;
/** What the name of a limit on a tag begins with. */
export const TAG_PREFIX = 'tag:';

export function tagLimitName(tag: string): string {
  return TAG_PREFIX + tag;
}

export function isTagLimit(limit: Pick<ConcurrencyLimit, 'name'>): boolean {
  return limit.name.startsWith(TAG_PREFIX);
}

export function tagOf(limit: Pick<ConcurrencyLimit, 'name'>): string {
  return limit.name.slice(TAG_PREFIX.length);
}
