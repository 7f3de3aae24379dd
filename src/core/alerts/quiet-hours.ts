/** Hours in which nobody is told of what can wait, by the clock of a time zone. */

import { DAY_SECONDS, splitWall, weekdayOf } from '../schedules/calendar.ts';
import { zoneOf } from '../schedules/zone.ts';
import type { Instant } from '../time.ts';

export interface QuietHours {
  /** Seconds of the day; where the end is not later, it is on the next day. */
  readonly from: number;
  readonly until: number;
  /** On which they begin, 0 is Sunday; `null`: on each. */
  readonly weekdays: readonly number[] | null;
}

const MICRO = 1_000_000;
/** Days that follow each other without an hour that is not quiet. */
const DAYS_MAX = 14;

/** The same time, or when the quiet hours that it lies in are over. */
export function afterQuiet(quiet: QuietHours | null, timeZone: string, at: Instant): Instant {
  if (quiet === null) return at;
  const zone = zoneOf(timeZone);
  let unix = at / MICRO;
  for (let days = 0; days < DAYS_MAX; days += 1) {
    const end = endOf(quiet, unix + zone.offsetAt(Math.floor(unix)));
    if (end === null) break;
    const over = zone.resolve(end).unix;
    // In the second of two equal hours it may be over already.
    if (over <= unix) break;
    unix = over;
  }
  return Math.round(unix * MICRO) as Instant;
}

/** By the local clock; `null`: it is not quiet. */
function endOf({ from, until, weekdays }: QuietHours, wall: number): number | null {
  const { day } = splitWall(Math.floor(wall));
  const length = until > from ? until - from : until + DAY_SECONDS - from;
  for (const begun of [day - 1, day]) {
    const start = begun * DAY_SECONDS + from;
    if (weekdays !== null && !weekdays.includes(weekdayOf(begun))) continue;
    if (wall >= start && wall < start + length) return start + length;
  }
  return null;
}
