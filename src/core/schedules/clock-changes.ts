/** What the next changes of clocks do to a schedule. */

import { nextDates } from './next-dates.ts';
import type { Schedule, ScheduledDate } from './schedule.ts';
import { zoneOf } from './zone.ts';
import type { Instant } from '../time.ts';

const SECOND_US = 1_000_000;
const YEAR_SECONDS = 366 * 86_400;
/** Nothing that a change marks lies further from it. */
const REACH_SECONDS = 3 * 3600;
/** A schedule of seconds names that many about a change, and each is asked for by itself. */
const DATES_MAX = 1000;

/**
 * The dates of the year behind `now` that clocks jump over (`gap`) or show twice (`fold`), in order.
 *
 * @param limit At least 0.
 */
export function datesAtClockChanges(schedule: Schedule, now: Instant, limit: number): readonly ScheduledDate[] {
  const from = Math.floor(now / SECOND_US);
  const marked: ScheduledDate[] = [];
  for (const { at } of zoneOf(schedule.timezone).transitions(from, from + YEAR_SECONDS)) {
    const start = Math.max(now, (at - REACH_SECONDS) * SECOND_US) as Instant;
    const end = ((at + REACH_SECONDS) * SECOND_US) as Instant;
    marked.push(...nextDates(schedule, start, DATES_MAX, end).filter(({ mark }) => mark !== null));
    if (marked.length >= limit) break;
  }
  return marked.slice(0, limit);
}
