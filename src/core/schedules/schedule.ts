/**
 * Schedules as they are written: what a deployment keeps, and what `nextDates` reads.
 *
 * The fields are those of Prefect's wire. A zone is an IANA name (`Europe/Berlin`); `null` and `''` mean UTC.
 */

import type { Instant } from '../time.ts';

export type Schedule = IntervalSchedule | CronSchedule | RRuleSchedule;

/**
 * Every `interval` seconds from the anchor, in both directions.
 *
 * Whole days in a zone are days of the calendar: 09:00 stays 09:00 when clocks change. Everything else is elapsed time.
 */
export interface IntervalSchedule {
  readonly kind: 'interval';
  /** Seconds, more than zero; microseconds are kept. */
  readonly interval: number;
  readonly anchorDate: Instant;
  readonly timezone: string | null;
}

export interface CronSchedule {
  readonly kind: 'cron';
  /** Five fields, six with seconds at the end, seven with years behind them, or an alias like `@daily`. */
  readonly cron: string;
  readonly timezone: string | null;
  /** With both a day of the month and a day of the week: either is enough (`true`, as in cron), or both are needed. */
  readonly dayOr: boolean;
}

export interface RRuleSchedule {
  readonly kind: 'rrule';
  /** Lines of RFC 5545: `DTSTART`, `RRULE`, `RDATE`, `EXDATE`, `EXRULE`. Times in them are local times of the zone. */
  readonly rrule: string;
  readonly timezone: string | null;
}

/** One time that a schedule names. */
export interface ScheduledDate {
  readonly instant: Instant;
  /**
   * The local time that the schedule names, `2026-03-08T02:30:00`, with a fraction where it has one. In a gap it is a
   * time that no clock shows. Together with `fold` it is the date's identity within its schedule.
   */
  readonly nominal: string;
  /** 1 for the second of two equal local times. */
  readonly fold: 0 | 1;
  /** `gap`: clocks jump over the nominal time. `fold`: clocks show it twice. */
  readonly mark: 'gap' | 'fold' | null;
}

/** What makes a date of a schedule itself, however often and from where it is computed. */
export function slotKey(date: Pick<ScheduledDate, 'nominal' | 'fold'>): string {
  return date.fold === 0 ? date.nominal : `${date.nominal} (second)`;
}
