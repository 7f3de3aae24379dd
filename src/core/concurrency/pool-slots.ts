/**
 * The slots of a run's work pool and work queue. Pure.
 *
 * 1. A slot is a lease, and has a holder, the run. How many are taken is counted from the leases, never kept.
 * 2. A run in a queue holds one lease, which counts in its queue and in its pool, whether they are limited or not: so a
 *    limit that is set later knows what is under way.
 * 3. It is taken with PENDING, validated at RUNNING, and given back with the end. A run that awaits its next attempt in
 *    its process, or is paused there, keeps it: what it runs on is still there. One that is suspended, or goes back to
 *    its queue, gives it back.
 */

import type { FlowRun } from '../flow-run.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../ids.ts';
import type { RunEffects } from '../rules/decision.ts';
import type { PoolSlotFacts } from '../rules/slot-facts.ts';
import { isTerminal, type State } from '../state.ts';
import { addSeconds, type Instant } from '../time.ts';
import type { WorkPool, WorkQueue } from '../work-pool.ts';
import type { SlotWrites } from './deployment-slots.ts';
import type { ConcurrencyLease } from './limit.ts';

/** Seconds after which somebody looks whether the holder is still there (`orchestrator/concurrency/expired.ts`). */
export const POOL_LEASE_SECONDS = 600;

/** The limits that a lease counts in. */
export function limitedBy(queue: Pick<WorkQueue, 'id' | 'workPoolId'>): readonly ConcurrencyLimitId[] {
  return [queue.workPoolId, queue.id].map((id) => id as string as ConcurrencyLimitId);
}

export interface PoolSlots {
  readonly pool: Pick<WorkPool, 'id' | 'name' | 'concurrencyLimit'>;
  readonly queue: Pick<WorkQueue, 'id' | 'name' | 'concurrencyLimit'>;
  /** Slots that other runs hold. */
  readonly takenOfPool: number;
  readonly takenOfQueue: number;
  /** What the run holds of both. */
  readonly leases: readonly ConcurrencyLease[];
}

export function poolSlotFacts(slots: PoolSlots | null): PoolSlotFacts | null {
  if (slots === null) return null;
  const { pool, queue, takenOfPool, takenOfQueue, leases } = slots;
  const isFull = (limit: number | null, taken: number): limit is number => limit !== null && taken >= limit;
  const full: PoolSlotFacts['full'] = isFull(pool.concurrencyLimit, takenOfPool)
    ? { what: 'work pool', name: pool.name, slots: pool.concurrencyLimit }
    : isFull(queue.concurrencyLimit, takenOfQueue)
      ? { what: 'work queue', name: queue.name, slots: queue.concurrencyLimit }
      : null;
  return { full, isHeld: leases.length > 0 };
}

export interface PoolSlotMove {
  readonly run: Pick<FlowRun, 'id' | 'state'>;
  readonly to: State;
  readonly effect: RunEffects['poolSlot'];
  /** Another state than the proposed one. */
  readonly isReplacement: boolean;
  readonly leaseId: () => ConcurrencyLeaseId;
  readonly now: Instant;
}

/** What is written with the state; `null`: nothing becomes of them. */
export function poolSlotsAfter(slots: PoolSlots | null, move: PoolSlotMove): SlotWrites | null {
  if (slots === null) return null;
  const { leases, pool, queue } = slots;
  const { to, effect, isReplacement, now } = move;
  if (leavesPoolSlot(to, isReplacement))
    return leases.length === 0 ? null : { limits: [], leases: [], deletedLeases: leases.map(({ id }) => id) };
  if (effect !== 'take' || leases.length > 0) return null;
  const lease: ConcurrencyLease = {
    id: move.leaseId(),
    slots: 1,
    limitIds: limitedBy({ id: queue.id, workPoolId: pool.id }),
    holder: { type: 'flow_run', id: move.run.id },
    createdAt: now,
    expiresAt: addSeconds(now, POOL_LEASE_SECONDS),
  };
  return { limits: [], leases: [lease], deletedLeases: [] };
}

/** Whether a run that enters this state holds no slot of its pool any more. */
export function leavesPoolSlot(to: State, isReplacement: boolean): boolean {
  if (isTerminal(to)) return true;
  if (to.type === 'SCHEDULED') return !(isReplacement && to.name === 'AwaitingRetry');
  return to.type === 'PAUSED' && to.details.pauseReschedule === true;
}
