/** Dates of a schedule that passed while nobody looked. */

import type { Instant } from '../time.ts';
import type { ScheduledDate } from './schedule.ts';

/** So many have an entry each: the latest. Those before them are one entry. */
export const MISSED_MAX = 1000;

/** Dates behind `after`, so many at most, none behind `until`. */
export type DatesAfter<Date extends ScheduledDate> = (after: Instant, limit: number, until: Instant) => readonly Date[];

export interface MissedDates<Date extends ScheduledDate> {
  /** Those that are too many: the first of them, and when the last was. `null`: none are. */
  readonly earlier: { readonly first: Date; readonly through: Instant } | null;
  /** In order, `MISSED_MAX` at most. */
  readonly dates: readonly Date[];
}

/** Halvings of the time that was missed, until few enough dates are left, and not too few. Each costs so many dates. */
const HALVINGS_MAX = 53;

/** Those behind `after`, none behind `until`. */
export function missedDates<Date extends ScheduledDate>(
  datesAfter: DatesAfter<Date>,
  after: Instant,
  until: Instant,
): MissedDates<Date> {
  if (after >= until) return { earlier: null, dates: [] };
  const all = datesAfter(after, MISSED_MAX + 1, until);
  const [first] = all;
  if (first === undefined || all.length <= MISSED_MAX) return { earlier: null, dates: all };
  let [low, high] = [after as number, until as number];
  let dates: readonly Date[] = [];
  for (let halving = 0; halving < HALVINGS_MAX && dates.length < MISSED_MAX / 2; halving += 1) {
    const middle = Math.floor((low + high) / 2);
    const found = datesAfter(middle as Instant, MISSED_MAX + 1, until);
    if (found.length > MISSED_MAX) low = middle;
    else {
      high = middle;
      dates = found;
    }
  }
  return { earlier: { first, through: high as Instant }, dates };
}
