/**
 * The slots of a task run whose client lets the server decide: from the limits on its tags and the leases that it holds
 * to what the rules read, and from what the rules decided to the limits and leases that there are then. Pure.
 *
 * 1. It has a slot of each limit on its tags, or none.
 * 2. Whatever ends it, or takes it out of RUNNING, gives back what it holds.
 */

import type { ConcurrencyLeaseId, TaskRunId } from '../ids.ts';
import type { RunEffects } from '../rules/decision.ts';
import type { TagSlotFacts } from '../rules/slot-facts.ts';
import type { StateType } from '../state.ts';
import type { Instant } from '../time.ts';
import type { SlotWrites } from './deployment-slots.ts';
import { openEnded, tagLimitName, tagOf, type ConcurrencyLease, type ConcurrencyLimit } from './limit.ts';
import { acquire, jitteredSeconds, withoutLeases, type SlotWaits } from './slots.ts';

export interface TaskRunSlots {
  /** Those that there are on its tags, and those of which it holds slots. */
  readonly limits: readonly ConcurrencyLimit[];
  /** Those that it holds. */
  readonly leases: readonly ConcurrencyLease[];
}

export type TagSlotVerdict =
  /** `taken`: with the slot that is taken of each; `asked`: all limits on the tags. */
  | {
      readonly outcome: 'free';
      readonly taken: readonly ConcurrencyLimit[];
      readonly asked: readonly ConcurrencyLimit[];
    }
  /** The limit on `tag` is 0: waiting cannot help. */
  | { readonly outcome: 'closed'; readonly tag: string }
  /**
   * The limit on `tag` is full now; `tags`: all limited tags; `waitSeconds`: how long its slots are held on average;
   * `denied`: the limits, with the slot that was refused.
   */
  | {
      readonly outcome: 'full';
      readonly tag: string;
      readonly tags: readonly string[];
      readonly waitSeconds: number;
      readonly denied: readonly ConcurrencyLimit[];
    };

/**
 * Whether a task run with these tags gets its slots.
 *
 * @param takesMore a run that holds slots takes further ones. If none is free, those that it holds count, so that a run
 * whose answer was lost does not wait for itself. `false`: held slots count at once.
 */
export function judgeTagSlots(
  { limits, leases }: TaskRunSlots,
  tags: readonly string[],
  takesMore: boolean,
  now: Instant,
  waits: SlotWaits,
): TagSlotVerdict {
  const names = new Set(tags.map(tagLimitName));
  const asked = limits.filter(({ name }) => names.has(name));
  const closed = asked.find(({ limit }) => limit === 0);
  if (closed) return { outcome: 'closed', tag: tagOf(closed) };
  const held = new Set(leases.flatMap(({ limitIds }) => limitIds));
  const wanted = takesMore ? asked : asked.filter(({ id }) => !held.has(id));
  const decision = acquire(wanted, 1, 'concurrency', now, waits);
  if (decision.outcome === 'acquired') return { outcome: 'free', taken: decision.limits, asked };
  if (decision.outcome !== 'locked' || (takesMore && asked.every(({ id }) => held.has(id))))
    return { outcome: 'free', taken: [], asked };
  const [first] = decision.limits;
  const full = decision.limits.find((limit) => limit.activeSlots >= limit.limit) ?? first;
  return {
    outcome: 'full',
    tag: full === undefined ? '' : tagOf(full),
    tags: asked.map(tagOf),
    waitSeconds: full?.avgSlotOccupancySeconds ?? 0,
    denied: decision.limits,
  };
}

/** Longest average wait before a run asks again, in seconds (Prefect's `tag_concurrency_slot_wait_seconds`). */
const WAIT_SECONDS_MAX = 10;

/** @param draw 0 ≤ draw < 1; spreads the waits, so that waiting runs do not all return at once */
export function tagSlotFacts(
  slots: TaskRunSlots | null,
  tags: readonly string[],
  { now, waits, draw }: { readonly now: Instant; readonly waits: SlotWaits; readonly draw: () => number },
): TagSlotFacts | null {
  if (slots === null || slots.limits.length === 0) return null;
  const verdict = judgeTagSlots(slots, tags, false, now, waits);
  switch (verdict.outcome) {
    case 'free':
      return { outcome: 'free' };
    case 'closed':
      return verdict;
    case 'full': {
      // The wire rounds half a second and less to no wait.
      const wait = Math.round(jitteredSeconds(Math.min(verdict.waitSeconds, WAIT_SECONDS_MAX), draw()));
      return { outcome: 'full', tags: verdict.tags, waitSeconds: Math.max(1, wait) };
    }
  }
}

export interface TaskRunMove {
  readonly taskRunId: TaskRunId;
  readonly tags: readonly string[];
  /** What it is now. */
  readonly to: StateType;
  readonly effect: RunEffects['tagSlots'];
  readonly leaseId: () => ConcurrencyLeaseId;
  readonly now: Instant;
  readonly waits: SlotWaits;
}

/** What is written with the state; `null`: nothing becomes of them. */
export function tagSlotsAfter(slots: TaskRunSlots | null, move: TaskRunMove): SlotWrites | null {
  if (slots === null) return null;
  const { to, tags, effect, now, waits } = move;
  if (effect !== undefined) {
    const verdict = judgeTagSlots(slots, tags, false, now, waits);
    if (verdict.outcome === 'full') return { limits: verdict.denied, leases: [], deletedLeases: [] };
    if (verdict.outcome === 'closed' || verdict.taken.length === 0) return null;
    const lease = taskRunLease(
      move.leaseId(),
      move.taskRunId,
      verdict.taken.map(({ id }) => id),
      now,
    );
    return { limits: verdict.taken, leases: [lease], deletedLeases: [] };
  }
  if (to === 'RUNNING' || to === 'CANCELLING' || slots.leases.length === 0) return null;
  return {
    limits: withoutLeases(slots.limits, slots.leases, now, waits),
    leases: [],
    deletedLeases: slots.leases.map(({ id }) => id),
  };
}

export function taskRunLease(
  id: ConcurrencyLeaseId,
  taskRunId: string,
  limitIds: ConcurrencyLease['limitIds'],
  now: Instant,
): ConcurrencyLease {
  // It never expires, since older clients cannot renew.
  return {
    id,
    slots: 1,
    limitIds,
    holder: { type: 'task_run', id: taskRunId },
    createdAt: now,
    expiresAt: openEnded(now),
  };
}
