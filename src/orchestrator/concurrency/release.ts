/**
 * Giving slots back, and keeping them.
 *
 * 1. What a lease holds is given back once: by its holder, or by the server when it has expired.
 * 2. The id of a lease is its token: one that is gone neither releases nor renews anything.
 */

import type { ConcurrencyLease, ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { release } from '../../core/concurrency/slots.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds, secondsBetween, type Instant } from '../../core/time.ts';
import { slotWaits, type SlotPorts } from './ports.ts';

/** Gives slots back by name; what was not taken is not given. Answers the limits that exist among the names. */
export function releaseSlots(
  ports: SlotPorts, request: { readonly names: readonly string[]; readonly slots: number; readonly occupancySeconds: number | null },
): MaybePromise<readonly ConcurrencyLimit[]> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<readonly ConcurrencyLimit[]>({ names: request.names }, ({ limits }) => ({
    limits: limits.map((limit) => release(limit, request.slots, request.occupancySeconds, now, slotWaits(ports))),
    answer: limits,
  }));
}

/** Ends the lease and gives back what it holds. Answers whether it was there. */
export function releaseLease(ports: SlotPorts, id: ConcurrencyLeaseId): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<boolean>({ leaseIds: [id] }, ({ limits, leases }) => ({
    limits: withoutLeases(ports, limits, leases, now),
    deletedLeases: leases.map((lease) => lease.id),
    answer: leases.length > 0,
  }));
}

/** Holds the lease for so long from now. `false`: it is gone, its slots are another's. */
export function renewLease(ports: SlotPorts, id: ConcurrencyLeaseId, durationSeconds: number): MaybePromise<boolean> {
  const expiresAt = addSeconds(ports.clock.now(), durationSeconds);
  return ports.storage.changeSlots<boolean>({ leaseIds: [id] }, ({ leases }) => ({
    leases: leases.map((lease) => ({ ...lease, expiresAt })),
    answer: leases.length > 0,
  }));
}

/** Leases in one transaction: it holds the lock of the database. */
const EXPIRED_LEASES_MAX = 100;

/** Ends leases that expired before `before`, default now; answers how many. Call again while it answers more than 0. */
export function releaseExpiredLeases(ports: SlotPorts, before?: Instant): MaybePromise<number> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<number>({ expiredBefore: before ?? now, leasesMax: EXPIRED_LEASES_MAX }, ({ limits, leases }) => ({
    limits: withoutLeases(ports, limits, leases, now),
    deletedLeases: leases.map((lease) => lease.id),
    answer: leases.length,
  }));
}

/** The limits without what the leases hold of them. */
export function withoutLeases(
  ports: SlotPorts, limits: readonly ConcurrencyLimit[], leases: readonly ConcurrencyLease[], now: Instant,
): readonly ConcurrencyLimit[] {
  const held = new Map<ConcurrencyLimitId, ConcurrencyLease[]>();
  for (const lease of leases) for (const id of lease.limitIds) held.set(id, [...(held.get(id) ?? []), lease]);
  return limits.flatMap((limit) => {
    const ended = held.get(limit.id);
    if (ended === undefined) return [];
    return [ended.reduce((left, { slots, createdAt }) => release(left, slots, secondsBetween(createdAt, now), now, slotWaits(ports)), limit)];
  });
}
