/**
 * The slots of a deployment: from the limit and the leases that there are to what the rules read, and from what the
 * rules decided to the limit and the leases that there are then. Pure.
 *
 * 1. A slot that is taken has a holder, the run, as long as it is taken.
 * 2. Leaving gives back what the run holds, whatever rule led there.
 */

import type { FlowRun } from '../flow-run.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId, DeploymentId } from '../ids.ts';
import {
  CANCELLED_WAIT_SECONDS,
  KEYED_WAIT_SECONDS,
  leavesSlot,
  SLOT_WAIT_SECONDS,
} from '../rules/deployment-slots.ts';
import type { DeploymentSlotFacts, SlotEffect } from '../rules/slot-facts.ts';
import { assertNever, type State } from '../state.ts';
import { addSeconds, type Instant } from '../time.ts';
import { openEnded, type ConcurrencyLease, type ConcurrencyLimit } from './limit.ts';
import { decayed, withoutLeases, type SlotWaits } from './slots.ts';

export interface DeploymentSlots {
  /** `null`: there is none any more. */
  readonly limit: ConcurrencyLimit | null;
  /**
   * The limit is for the runs of one key alone: it comes with the first slot that is taken, and goes with the last one.
   * `new`: it is not there yet.
   */
  readonly keyed?: 'new' | 'there' | undefined;
  /** Those on the limit that the run holds. */
  readonly leases: readonly ConcurrencyLease[];
  /** What the deployment says of runs that find no slot. Absent: nothing. */
  readonly options?: SlotOptions | null | undefined;
}

/** In the words of the wire. */
export interface SlotOptions {
  readonly collision_strategy?: string | undefined;
  readonly grace_period_seconds?: number | null | undefined;
  /** Ours: a run that finds no slot waits, and the oldest one that holds a slot is cancelled for it. */
  readonly cancels_old?: boolean | undefined;
  /** Ours: what makes runs share the slots (`concurrency-key.ts`). */
  readonly key?: string | undefined;
}

/** What becomes of limits and leases, to be written with the state. */
export interface SlotWrites {
  readonly limits: readonly ConcurrencyLimit[];
  readonly deletedLimits?: readonly ConcurrencyLimitId[];
  readonly leases: readonly ConcurrencyLease[];
  readonly deletedLeases: readonly ConcurrencyLeaseId[];
}

/** Both; `null`: nothing becomes of any. */
export function joinedWrites(first: SlotWrites | null, second: SlotWrites | null): SlotWrites | null {
  if (first === null || second === null) return first ?? second;
  return {
    limits: [...first.limits, ...second.limits],
    deletedLimits: [...(first.deletedLimits ?? []), ...(second.deletedLimits ?? [])],
    leases: [...first.leases, ...second.leases],
    deletedLeases: [...first.deletedLeases, ...second.deletedLeases],
  };
}

/** Unless a deployment says another. Source: Prefect 3, `initial_deployment_lease_duration`. */
const GRACE_SECONDS = 600;
/** The first of Prefect's clients that renews leases. */
const RENEWING_CLIENT = [3, 4, 11] as const;

/** What the limit of a deployment is called. Source: Prefect 3, `models/deployments.py`. */
export function deploymentLimitName(id: DeploymentId): string {
  return `deployment:${id}`;
}

export interface SlotQuestion {
  readonly state: State;
  /** Drawn when there is a limit. */
  readonly nextLeaseId: () => ConcurrencyLeaseId;
  /** Of the client that asks; `null`: not known, or none. */
  readonly clientVersion: string | null;
  readonly now: Instant;
  readonly waits: SlotWaits;
}

/** `null`: nothing limits the run. */
export function slotFacts(
  slots: DeploymentSlots | null,
  { state, nextLeaseId, clientVersion, now, waits }: SlotQuestion,
): DeploymentSlotFacts | null {
  const limit = slots?.limit ?? null;
  if (slots === null || limit === null || !limit.active) return null;
  const whenFull = whenFullOf(slots.options ?? null);
  // Nobody waits for what he holds himself.
  const withoutOwn = withoutLeases([limit], slots.leases, now, waits)[0] ?? decayed(limit, now, waits);
  return {
    limit: limit.limit,
    isFree: withoutOwn.activeSlots < limit.limit,
    whenFull,
    waitSeconds:
      whenFull === 'cancel-old'
        ? CANCELLED_WAIT_SECONDS
        : slots.keyed === undefined
          ? SLOT_WAIT_SECONDS
          : KEYED_WAIT_SECONDS,
    graceSeconds: slots.options?.grace_period_seconds ?? GRACE_SECONDS,
    nextLeaseId: nextLeaseId(),
    // While it is there its slot is counted, also when it is over: nobody else has the slot.
    isLeaseAlive: slots.leases.some(({ id }) => id === state.details.deploymentConcurrencyLeaseId),
    clientRenewsLeases: clientVersion !== null && isAtLeast(clientVersion, RENEWING_CLIENT),
  };
}

function whenFullOf(options: SlotOptions | null): DeploymentSlotFacts['whenFull'] {
  if (options?.collision_strategy === 'CANCEL_NEW') return 'cancel-new';
  return options?.cancels_old === true ? 'cancel-old' : 'enqueue';
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, number] of least.entries()) {
    const part = parts[index] ?? 0;
    // What is no number is a version that nobody released.
    if (part !== number) return part > number;
  }
  return true;
}

export interface RunMove {
  readonly run: Pick<FlowRun, 'id' | 'state'>;
  readonly to: State;
  readonly effects: readonly SlotEffect[];
  /** Another state than the proposed one. */
  readonly isReplacement: boolean;
  /** Drawn for a limit that is not there yet. */
  readonly nextLimitId: () => ConcurrencyLimitId;
  readonly now: Instant;
  readonly waits: SlotWaits;
}

/** `null`: nothing becomes of them. */
export function slotsAfter(slots: DeploymentSlots | null, move: RunMove): SlotWrites | null {
  if (slots === null) return null;
  if (leavesSlot(move.run.state, move.to, move.isReplacement))
    return slots.leases.length === 0 ? null : withoutUnused(slots, withoutHeld(slots, move));
  return move.effects.reduce<SlotWrites | null>((writes, effect) => carriedOut(slots, effect, move) ?? writes, null);
}

/** A limit of one key goes with the last slot. */
function withoutUnused({ keyed }: DeploymentSlots, writes: SlotWrites): SlotWrites {
  const [limit] = writes.limits;
  if (keyed === undefined || limit === undefined || limit.activeSlots > 0) return writes;
  return { ...writes, limits: [], deletedLimits: [limit.id] };
}

function carriedOut(slots: DeploymentSlots, effect: SlotEffect, move: RunMove): SlotWrites | null {
  switch (effect.kind) {
    case 'acquire':
      return taken(slots, effect, move);
    case 'renew':
      return kept(slots, effect.leaseId, addSeconds(move.now, effect.ttlSeconds));
    case 'revoke':
      return kept(slots, effect.leaseId, openEnded(move.now));
    default:
      return assertNever(effect, 'slot effect');
  }
}

/** In place of what it held before. */
function taken(
  slots: DeploymentSlots,
  { leaseId, ttlSeconds }: Extract<SlotEffect, { readonly kind: 'acquire' }>,
  move: RunMove,
): SlotWrites {
  const { limits, deletedLeases } = withoutHeld(slots, move);
  const { now, waits, run } = move;
  const before = limits[0] ?? (slots.keyed === 'new' ? withId(slots.limit, move.nextLimitId()) : slots.limit);
  const counted = before === null ? [] : [decayed(before, now, waits)];
  const lease: ConcurrencyLease = {
    id: leaseId as ConcurrencyLeaseId,
    slots: 1,
    limitIds: counted.map(({ id }) => id),
    holder: { type: 'flow_run', id: run.id },
    createdAt: now,
    expiresAt: addSeconds(now, ttlSeconds),
  };
  return {
    limits: counted.map((limit) => ({ ...limit, activeSlots: limit.activeSlots + 1 })),
    leases: [lease],
    deletedLeases,
  };
}

function kept({ leases }: DeploymentSlots, leaseId: string, expiresAt: Instant): SlotWrites {
  return {
    limits: [],
    leases: leases.filter(({ id }) => id === leaseId).map((lease) => ({ ...lease, expiresAt })),
    deletedLeases: [],
  };
}

function withId(limit: ConcurrencyLimit | null, id: ConcurrencyLimitId): ConcurrencyLimit | null {
  return limit && { ...limit, id };
}

function withoutHeld({ limit, leases }: DeploymentSlots, { now, waits }: RunMove): SlotWrites {
  return {
    limits: withoutLeases(limit === null ? [] : [limit], leases, now, waits),
    leases: [],
    deletedLeases: leases.map(({ id }) => id),
  };
}
