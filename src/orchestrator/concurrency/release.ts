/**
 * Releases slots, and renews leases.
 *
 * 1. The slots of a lease are released once: by its holder, or by the server when it has expired.
 * 2. The id of a lease is its token: an ended one neither releases nor renews anything.
 */

import type { ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { release, withoutLeases } from '../../core/concurrency/slots.ts';
import type { ConcurrencyLeaseId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds } from '../../core/time.ts';
import { slotWaits, type SlotPorts } from './ports.ts';

/** Releases slots by name, at most as many as are taken. Returns the existing limits among the names. */
export function releaseSlots(
  ports: SlotPorts,
  request: { readonly names: readonly string[]; readonly slots: number; readonly occupancySeconds: number | null },
): MaybePromise<readonly ConcurrencyLimit[]> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<readonly ConcurrencyLimit[]>({ names: request.names }, ({ limits }) => ({
    limits: limits.map((limit) => release(limit, request.slots, request.occupancySeconds, now, slotWaits(ports))),
    answer: limits,
  }));
}

/** Ends the lease and releases its slots. Returns whether it existed. */
export function releaseLease(ports: SlotPorts, id: ConcurrencyLeaseId): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<boolean>({ leaseIds: [id] }, ({ limits, leases }) => ({
    limits: withoutLeases(limits, leases, now, slotWaits(ports)),
    deletedLeases: leases.map((lease) => lease.id),
    answer: leases.length > 0,
  }));
}

/** Extends the lease by this duration from now. `false`: it has ended, its slots may be another's. */
export function renewLease(ports: SlotPorts, id: ConcurrencyLeaseId, durationSeconds: number): MaybePromise<boolean> {
  const expiresAt = addSeconds(ports.clock.now(), durationSeconds);
  return ports.storage.changeSlots<boolean>({ leaseIds: [id] }, ({ leases }) => ({
    leases: leases.map((lease) => ({ ...lease, expiresAt })),
    answer: leases.length > 0,
  }));
}
