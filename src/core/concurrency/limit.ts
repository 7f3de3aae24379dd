/** Global concurrency limits: a number of slots under a name, and the leases by which slots are held. */

import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../ids.ts';
import { addSeconds, type Instant } from '../time.ts';

export interface ConcurrencyLimit {
  readonly id: ConcurrencyLimitId;
  /** Unique. `tag:<tag>` limits the task runs that carry the tag. */
  readonly name: string;
  /** How many slots there are. */
  readonly limit: number;
  /** An inactive limit neither blocks nor counts. */
  readonly active: boolean;
  /** Slots that were taken as of `slotsAt`; since then they decay. */
  readonly activeSlots: number;
  /** Slots that were refused as of `slotsAt`; they decay, too, and prolong the wait of waiting callers. */
  readonly deniedSlots: number;
  /** Above 0 it is a rate limit: taken slots come back by themselves. */
  readonly slotDecayPerSecond: number;
  /** How long a slot is held, averaged over the last releases. */
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
 * Slots that are held until `expiresAt`. The id is the token: it is never reused, so that a holder which was given up
 * can neither release nor renew what another has taken since.
 */
export interface ConcurrencyLease {
  readonly id: ConcurrencyLeaseId;
  /** Slots taken of each limit. */
  readonly slots: number;
  /** The limits whose slots were taken; empty when none of the names had a limit. */
  readonly limitIds: readonly ConcurrencyLimitId[];
  readonly holder: LeaseHolder | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** Expiry in a hundred years, for holders that cannot renew: only the end of the holder releases the slots. */
export function openEnded(now: Instant): Instant {
  return addSeconds(now, 100 * 365 * 86_400);
}

export const OCCUPANCY_SECONDS_DEFAULT = 2;
/** Prefix of the name of a limit on a tag. */
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
