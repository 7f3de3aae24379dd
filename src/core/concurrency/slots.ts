/**
 * The arithmetic of slots. Pure: limits in, limits out.
 *
 * Source of the rules: Prefect 3 `server/models/concurrency_limits_v2.py` and `server/api/concurrency_limits_v2.py`.
 */

import { addSeconds, secondsBetween, type Instant } from '../time.ts';
import { isTagLimit, type ConcurrencyLease, type ConcurrencyLimit } from './limit.ts';

/** Shortest time that a slot counts as held: the waiting time of others is a multiple of it, and is divided by it. */
export const OCCUPANCY_SECONDS_MIN = 0.1;
/** The average is over the last so many releases for each slot that the limit has. */
const OCCUPANCY_SAMPLES_PER_SLOT = 2;

/** Longest waits of callers at a limit without decay; two settings, since limits on tags had theirs first. */
export interface SlotWaits {
  readonly tagSlotWaitSecondsMax: number;
  readonly slotWaitSecondsMax: number;
}

export const SLOT_WAITS_DEFAULT: SlotWaits = { tagSlotWaitSecondsMax: 30, slotWaitSecondsMax: 30 };

/**
 * The limit at `now`, with slots decayed since `slotsAt`. Whole slots decay; time spent on the next one is kept,
 * however often this is called.
 */
export function decayed(limit: ConcurrencyLimit, now: Instant, waits: SlotWaits): ConcurrencyLimit {
  const perSecond = limit.slotDecayPerSecond > 0 ? limit.slotDecayPerSecond : deniedDecayPerSecond(limit, waits);
  const back = Math.floor(perSecond * Math.max(0, secondsBetween(limit.slotsAt, now)));
  const activeSlots = limit.slotDecayPerSecond > 0 ? Math.max(0, limit.activeSlots - back) : limit.activeSlots;
  const deniedSlots = Math.max(0, limit.deniedSlots - back);
  const isDecaying = deniedSlots > 0 || (limit.slotDecayPerSecond > 0 && activeSlots > 0);
  return {
    ...limit,
    activeSlots,
    deniedSlots,
    slotsAt: isDecaying ? addSeconds(limit.slotsAt, back / perSecond) : now,
  };
}

function deniedDecayPerSecond(limit: ConcurrencyLimit, waits: SlotWaits): number {
  return 1 / Math.max(OCCUPANCY_SECONDS_MIN, Math.min(limit.avgSlotOccupancySeconds, waitMax(limit, waits)));
}

function waitMax(limit: ConcurrencyLimit, waits: SlotWaits): number {
  return isTagLimit(limit) ? waits.tagSlotWaitSecondsMax : waits.slotWaitSecondsMax;
}

export type Acquisition =
  /** The limits whose slots were taken: the active ones. */
  | { readonly outcome: 'acquired'; readonly limits: readonly ConcurrencyLimit[] }
  /**
   * Nothing was taken; the denied slots were added to the limits. `waitSeconds`: how long a caller should wait, on
   * average.
   */
  | { readonly outcome: 'locked'; readonly limits: readonly ConcurrencyLimit[]; readonly waitSeconds: number }
  /** More slots were asked for than some limit has in all. */
  | { readonly outcome: 'too-many' }
  /** These limits have no decay, so they cannot limit a rate. */
  | { readonly outcome: 'no-decay'; readonly names: readonly string[] };

export type SlotMode = 'concurrency' | 'rate_limit';

/** All or nothing: every active limit of the list must have the slots. */
export function acquire(
  limits: readonly ConcurrencyLimit[],
  slots: number,
  mode: SlotMode,
  now: Instant,
  waits: SlotWaits,
): Acquisition {
  const active = limits.filter((limit) => limit.active);
  if (active.some((limit) => limit.limit < slots)) return { outcome: 'too-many' };
  const withoutDecay = mode === 'rate_limit' ? active.filter((limit) => limit.slotDecayPerSecond === 0) : [];
  if (withoutDecay.length > 0) return { outcome: 'no-decay', names: withoutDecay.map((limit) => limit.name) };
  const current = active.map((limit) => decayed(limit, now, waits));
  if (current.every((limit) => limit.activeSlots + slots <= limit.limit)) {
    return {
      outcome: 'acquired',
      limits: current.map((limit) => ({ ...limit, activeSlots: limit.activeSlots + slots })),
    };
  }
  return {
    outcome: 'locked',
    limits: current.map((limit) => ({ ...limit, deniedSlots: limit.deniedSlots + slots })),
    waitSeconds: waitSeconds(current, slots, waits),
  };
}

/** The wait at the limit with the most waiting callers. */
function waitSeconds(limits: readonly ConcurrencyLimit[], slots: number, waits: SlotWaits): number {
  const blocking = limits
    .map((limit) => ({
      limit,
      blockingSlots: (slots + limit.deniedSlots) / (limit.slotDecayPerSecond > 0 ? 1 : limit.limit),
    }))
    .reduce((most, next) => (next.blockingSlots > most.blockingSlots ? next : most));
  const { limit, blockingSlots } = blocking;
  if (limit.slotDecayPerSecond > 0) return blockingSlots / limit.slotDecayPerSecond;
  const max = waitMax(limit, waits);
  return Math.min(Math.min(limit.avgSlotOccupancySeconds, max) * blockingSlots, max);
}

/** @param occupancySeconds how long the slots were held; `null`: unknown, the average stays */
export function release(
  limit: ConcurrencyLimit,
  slots: number,
  occupancySeconds: number | null,
  now: Instant,
  waits: SlotWaits,
): ConcurrencyLimit {
  if (!limit.active) return limit;
  const current = decayed(limit, now, waits);
  return {
    ...current,
    activeSlots: Math.max(0, current.activeSlots - slots),
    avgSlotOccupancySeconds:
      occupancySeconds === null || occupancySeconds <= 0
        ? limit.avgSlotOccupancySeconds
        : newAverage(limit, occupancySeconds / slots),
  };
}

function newAverage(limit: ConcurrencyLimit, secondsPerSlot: number): number {
  const samples = Math.max(1, limit.limit * OCCUPANCY_SAMPLES_PER_SLOT);
  const average = limit.avgSlotOccupancySeconds;
  return average + (Math.max(secondsPerSlot, OCCUPANCY_SECONDS_MIN) - average) / samples;
}

/** The limits that the leases hold slots of, after release. */
export function withoutLeases(
  limits: readonly ConcurrencyLimit[],
  leases: readonly ConcurrencyLease[],
  now: Instant,
  waits: SlotWaits,
): readonly ConcurrencyLimit[] {
  return limits.flatMap((limit) => {
    const ended = leases.filter(({ limitIds }) => limitIds.includes(limit.id));
    if (ended.length === 0) return [];
    return [
      ended.reduce(
        (left, { slots, createdAt }) => release(left, slots, secondsBetween(createdAt, now), now, waits),
        limit,
      ),
    ];
  });
}

/** Largest share that is added; as much is subtracted as keeps the mean about the same. */
const JITTER = 0.3;

/**
 * A random wait around the average, exponentially distributed and cut on both sides: callers that were refused together
 * do not return together.
 *
 * @param draw 0 ≤ draw < 1
 */
export function jitteredSeconds(averageSeconds: number, draw: number): number {
  if (averageSeconds <= 0) return 0;
  const upper = 1 + JITTER;
  // As much probability lies between the lower bound and the median as between the median and the upper bound.
  const lower = Math.log2(2 ** upper / (2 ** upper - 1));
  const [lowest, highest] = [1 - Math.exp(-lower), 1 - Math.exp(-upper)];
  return -Math.log(1 - (lowest + draw * (highest - lowest))) * averageSeconds;
}
