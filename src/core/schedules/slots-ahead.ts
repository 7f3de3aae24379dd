/** For which slots of a schedule runs are made ahead of their time, and when that has to be done again. */

import { addSeconds, type Instant } from '../time.ts';

/** Runs are made until there are so many… */
export const RUNS_AHEAD_MIN = 3;
/** … and the last of them is due so late: a server that is away for less leaves no gap. */
export const SECONDS_AHEAD_MIN = 3600;
/** But never more than these, nor later ones. Source: Prefect 3, `services.scheduler`. */
export const RUNS_AHEAD_MAX = 100;
export const SECONDS_AHEAD_MAX = 100 * 86_400;

export interface AheadLimits {
  /** At least so many runs… */
  readonly runsMin: number;
  /** … and until so late after the start. */
  readonly secondsMin: number;
  readonly runsMax: number;
  /** None later than this. */
  readonly until: Instant;
}

/** The dates of a schedule from an instant on, itself included, that are not later than `until`. */
export type DatesFrom = (from: Instant, limit: number, until: Instant | null) => readonly Instant[];

/** The fewest dates that meet both minima, as far as the maxima let them. */
export function datesAhead(dates: DatesFrom, from: Instant, limits: AheadLimits): readonly Instant[] {
  const { runsMin, runsMax, until } = limits;
  const enough = addSeconds(from, limits.secondsMin);
  const few = dates(from, Math.min(runsMin, runsMax), until);
  const last = few.at(-1);
  if (few.length < runsMin || runsMin >= runsMax || (last !== undefined && last >= enough)) return few;
  const many = dates(from, runsMax, until);
  const end = many.findIndex((date, index) => date >= enough && index + 1 >= runsMin);
  return end < 0 ? many : many.slice(0, end + 1);
}

export interface SlotsAhead {
  /** The slots that have no run yet. */
  readonly slots: readonly Instant[];
  /** The last slot that has been seen to. */
  readonly scheduledThrough: Instant | null;
  /** When to look again; `null`: the schedule is at its end. */
  readonly dueAt: Instant | null;
}

/** @param scheduledThrough the last slot that has been seen to before */
export function slotsAhead(dates: DatesFrom, scheduledThrough: Instant | null, now: Instant): SlotsAhead {
  const until = addSeconds(now, SECONDS_AHEAD_MAX);
  const ahead = datesAhead(dates, now, {
    runsMin: RUNS_AHEAD_MIN,
    secondsMin: SECONDS_AHEAD_MIN,
    runsMax: RUNS_AHEAD_MAX,
    until,
  });
  const slots = scheduledThrough === null ? ahead : ahead.filter((date) => date > scheduledThrough);
  return { slots, scheduledThrough: slots.at(-1) ?? scheduledThrough, dueAt: dueAfter(dates, ahead, now, until) };
}

function dueAfter(dates: DatesFrom, ahead: readonly Instant[], now: Instant, until: Instant): Instant | null {
  const last = ahead.at(-1);
  const isEnough = ahead.length >= RUNS_AHEAD_MIN && last !== undefined && last >= addSeconds(now, SECONDS_AHEAD_MIN);
  if (!isEnough && ahead.length < RUNS_AHEAD_MAX) {
    // The next one comes into sight when it is near enough.
    const [next] = dates(after(until), 1, null);
    return next === undefined ? null : addSeconds(next, -SECONDS_AHEAD_MAX);
  }
  // Of many, half of them may pass first: the schedule is not looked at for each.
  if (ahead.length >= RUNS_AHEAD_MAX || last === undefined) return ahead[RUNS_AHEAD_MAX / 2] ?? null;
  const tooFew = ahead[ahead.length - RUNS_AHEAD_MIN] as Instant;
  return after(Math.min(tooFew, addSeconds(last, -SECONDS_AHEAD_MIN)));
}

function after(instant: number): Instant {
  return (instant + 1) as Instant;
}
