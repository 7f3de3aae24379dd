/**
 * Acquires slots.
 *
 * 1. All limits of one request, or none: the decision and its rows are one transaction.
 * 2. A limit that does not exist, or is inactive, does not block.
 */

import type { ConcurrencyLease, ConcurrencyLimit, LeaseHolder } from '../../core/concurrency/limit.ts';
import { acquire, jitteredSeconds, type SlotMode } from '../../core/concurrency/slots.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { ConcurrencyLeaseId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import { slotWaits, type SlotPorts } from './ports.ts';

export interface SlotRequest {
  readonly names: readonly string[];
  /** Slots taken of each limit; above 0. */
  readonly slots: number;
  readonly mode: SlotMode;
  /** Absent: the slots are released by name, or by decay. */
  readonly lease?: { readonly durationSeconds: number; readonly holder: LeaseHolder | null };
}

export type SlotAnswer =
  /** `limits`: all existing limits among the names, also inactive ones. */
  | {
      readonly outcome: 'acquired';
      readonly limits: readonly ConcurrencyLimit[];
      readonly lease: ConcurrencyLease | null;
    }
  /** Nothing was taken. */
  | { readonly outcome: 'locked'; readonly retryAfterSeconds: number };

/** `bad-input` when more slots are asked for than a limit has, or a rate of a limit that does not decay. */
export function acquireSlots(ports: SlotPorts, request: SlotRequest): MaybePromise<SlotAnswer> {
  const now = ports.clock.now();
  return ports.storage.changeSlots<SlotAnswer>({ names: request.names }, ({ limits }) => {
    const decision = acquire(limits, request.slots, request.mode, now, slotWaits(ports));
    switch (decision.outcome) {
      case 'too-many':
        throw new OstinatoError('bad-input', 'Slots requested is greater than the limit');
      case 'no-decay':
        throw new OstinatoError(
          'bad-input',
          `Only concurrency limits with slot decay can be used for rate limiting. The following limits do not have a decay configured: '${decision.names.join(',')}'`,
          { remedy: 'Set slot_decay_per_second of these limits.' },
        );
      case 'locked':
        return {
          limits: decision.limits,
          answer: { outcome: 'locked', retryAfterSeconds: jitteredSeconds(decision.waitSeconds, ports.random()) },
        };
      default: {
        const lease = request.lease ? newLease(ports, request, request.lease, decision.limits, now) : null;
        return {
          limits: decision.limits,
          leases: lease ? [lease] : [],
          answer: { outcome: 'acquired', limits, lease },
        };
      }
    }
  });
}

function newLease(
  ports: SlotPorts,
  request: SlotRequest,
  { durationSeconds, holder }: NonNullable<SlotRequest['lease']>,
  limits: readonly ConcurrencyLimit[],
  now: Instant,
): ConcurrencyLease {
  return {
    id: ports.ids.next<ConcurrencyLeaseId>(),
    slots: request.slots,
    limitIds: limits.map(({ id }) => id),
    holder,
    createdAt: now,
    expiresAt: addSeconds(now, durationSeconds),
  };
}
