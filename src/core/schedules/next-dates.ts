/** The dates of a schedule. */

import { cronSeries } from './cron.ts';
import type { DateSeries } from './date-series.ts';
import { intervalSeries } from './interval.ts';
import { rruleSeries } from './rrule.ts';
import type { Schedule, ScheduledDate } from './schedule.ts';
import type { Instant } from '../time.ts';

/** What a schedule means, found out once. */
const read = new WeakMap<Schedule, DateSeries>();

/**
 * Reads a schedule. Throws `bad-input`, with what is wrong in it, for one that cannot be kept: a text that is no cron
 * or recurrence rule, a zone that is not known, an interval of nothing, a rule that names no date.
 */
export function readSchedule(schedule: Schedule): DateSeries {
  let series = read.get(schedule);
  if (!series) {
    series = seriesOf(schedule);
    read.set(schedule, series);
  }
  return series;
}

function seriesOf(schedule: Schedule): DateSeries {
  switch (schedule.kind) {
    case 'interval':
      return intervalSeries(schedule);
    case 'cron':
      return cronSeries(schedule);
    case 'rrule':
      return rruleSeries(schedule);
  }
}

/**
 * The first `limit` dates behind `after`, none of them behind `until`. In order, each instant once, and the same
 * however often and from where they are asked for.
 *
 * Clocks that change: an interval of elapsed time goes on. A local time in a gap moves forward by the gap, one in a
 * fold is the first of both; a time that moves onto another date of its schedule is that date. ADR 056.
 *
 * @param limit At least 0; the caller bounds it.
 * @param until The last instant that may be returned. `null`: no end but that of time, in the year 2255.
 */
export function nextDates(
  schedule: Schedule,
  after: Instant,
  limit: number,
  until: Instant | null = null,
): ScheduledDate[] {
  const series = readSchedule(schedule);
  const dates: ScheduledDate[] = [];
  let last = after;
  while (dates.length < limit) {
    const date = series.next(last);
    if (date === null || (until !== null && date.instant > until)) break;
    dates.push(date);
    last = date.instant;
  }
  return dates;
}
