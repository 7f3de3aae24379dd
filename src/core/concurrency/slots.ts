/**
 * The arithmetic of slots. Pure: limits in, limits out.
 *
 * Source of the rules: Prefect 3 `server/models/concurrency_limits_v2.py` and `server/api/concurrency_limits_v2.py`.
 */

import { addSeconds, secondsBetween, type Instant } from '../time.ts';
import { isTagLimit, type ConcurrencyLimit } from './limit.ts';

/** A slot counts as held for at least so long: the waiting time of others is a multiple of it, and divides by it. */
export const OCCUPANCY_SECONDS_MIN = 0.1;
/** The average is over the last so many releases for each slot that the limit has. */
const OCCUPANCY_SAMPLES_PER_SLOT = 2;

/** What callers wait for at most when the limit is one of concurrency; two settings, since tags had theirs first. */
export interface SlotWaits {
  readonly tagSlotWaitSecondsMax: number;
  readonly slotWaitSecondsMax: number;
}

export const SLOT_WAITS_DEFAULT: SlotWaits = { tagSlotWaitSecondsMax: 30, slotWaitSecondsMax: 30 };

/**
 * The limit as it is now: what has decayed since it was last counted is gone. Slots decay in whole numbers; the time that
 * the next one has already taken is kept, however often somebody looks.
 */
export function decayed(limit: ConcurrencyLimit, now: Instant, waits: SlotWaits): ConcurrencyLimit {
  const perSecond = limit.slotDecayPerSecond > 0 ? limit.slotDecayPerSecond : deniedDecayPerSecond(limit, waits);
  const back = Math.floor(perSecond * Math.max(0, secondsBetween(limit.slotsAt, now)));
  const activeSlots = limit.slotDecayPerSecond > 0 ? Math.max(0, limit.activeSlots - back) : limit.activeSlots;
  const deniedSlots = Math.max(0, limit.deniedSlots - back);
  const isDecaying = deniedSlots > 0 || (limit.slotDecayPerSecond > 0 && activeSlots > 0);
  return { ...limit, activeSlots, deniedSlots, slotsAt: isDecaying ? addSeconds(limit.slotsAt, back / perSecond) : now };
}

function deniedDecayPerSecond(limit: ConcurrencyLimit, waits: SlotWaits): number {
  return 1 / Math.max(OCCUPANCY_SECONDS_MIN, Math.min(limit.avgSlotOccupancySeconds, waitMax(limit, waits)));
}

function waitMax(limit: ConcurrencyLimit, waits: SlotWaits): number {
  return isTagLimit(limit) ? waits.tagSlotWaitSecondsMax : waits.slotWaitSecondsMax;
}

export type Acquisition =
  /** The limits that were counted up: the active ones. */
  | { readonly outcome: 'acquired'; readonly limits: readonly ConcurrencyLimit[] }
  /** Nothing was taken; the limits have the denied slots counted. `waitSeconds` is what a caller should wait for on average. */
  | { readonly outcome: 'locked'; readonly limits: readonly ConcurrencyLimit[]; readonly waitSeconds: number }
  /** More slots than some limit has at all. */
  | { readonly outcome: 'too-many' }
  /** These limits have no decay, so they cannot limit a rate. */
  | { readonly outcome: 'no-decay'; readonly names: readonly string[] };

export type SlotMode = 'concurrency' | 'rate_limit';

/** All or nothing: every active limit of the list must have the slots. */
export function acquire(limits: readonly ConcurrencyLimit[], slots: number, mode: SlotMode, now: Instant, waits: SlotWaits): Acquisition {
  const active = limits.filter((limit) => limit.active);
  if (active.some((limit) => limit.limit < slots)) return { outcome: 'too-many' };
  const withoutDecay = mode === 'rate_limit' ? active.filter((limit) => limit.slotDecayPerSecond === 0) : [];
  if (withoutDecay.length > 0) return { outcome: 'no-decay', names: withoutDecay.map((limit) => limit.name) };
  const current = active.map((limit) => decayed(limit, now, waits));
  if (current.every((limit) => limit.activeSlots + slots <= limit.limit)) {
    return { outcome: 'acquired', limits: current.map((limit) => ({ ...limit, activeSlots: limit.activeSlots + slots })) };
  }
  return {
    outcome: 'locked',
    limits: current.map((limit) => ({ ...limit, deniedSlots: limit.deniedSlots + slots })),
    waitSeconds: waitSeconds(current, slots, waits),
  };
}

/** By the limit on which most others wait. */
function waitSeconds(limits: readonly ConcurrencyLimit[], slots: number, waits: SlotWaits): number {
  const blocking = limits
    .map((limit) => ({ limit, blockingSlots: (slots + limit.deniedSlots) / (limit.slotDecayPerSecond > 0 ? 1 : limit.limit) }))
    .reduce((most, next) => (next.blockingSlots > most.blockingSlots ? next : most));
  const { limit, blockingSlots } = blocking;
  if (limit.slotDecayPerSecond > 0) return blockingSlots / limit.slotDecayPerSecond;
  const max = waitMax(limit, waits);
  return Math.min(Math.min(limit.avgSlotOccupancySeconds, max) * blockingSlots, max);
}

/** @param occupancySeconds for how long the slots were held; `null`: not known, the average stays */
export function release(limit: ConcurrencyLimit, slots: number, occupancySeconds: number | null, now: Instant, waits: SlotWaits): ConcurrencyLimit {
  if (!limit.active) return limit;
  const current = decayed(limit, now, waits);
  return {
    ...current,
    activeSlots: Math.max(0, current.activeSlots - slots),
    avgSlotOccupancySeconds: occupancySeconds === null || occupancySeconds <= 0 ? limit.avgSlotOccupancySeconds : newAverage(limit, occupancySeconds / slots),
  };
}

function newAverage(limit: ConcurrencyLimit, secondsPerSlot: number): number {
  const samples = Math.max(1, limit.limit * OCCUPANCY_SAMPLES_PER_SLOT);
  const average = limit.avgSlotOccupancySeconds;
  return average + (Math.max(secondsPerSlot, OCCUPANCY_SECONDS_MIN) - average) / samples;
}

/** Of the average at most so much more, and so much less that the mean stays about what it is. */
const JITTER = 0.3;

/**
 * A waiting time around the average, exponentially distributed and cut on both sides: many who were refused together do not
 * come back together.
 *
 * @param draw 0 ≤ draw < 1
 */
export function jitteredSeconds(averageSeconds: number, draw: number): number {
  if (averageSeconds <= 0) return 0;
  const upper = 1 + JITTER;
  // As much probability between this and the median as between the median and the upper bound.
  const lower = Math.log2(2 ** upper / (2 ** upper - 1));
  const [lowest, highest] = [1 - Math.exp(-lower), 1 - Math.exp(-upper)];
  return -Math.log(1 - (lowest + draw * (highest - lowest))) * averageSeconds;
}
