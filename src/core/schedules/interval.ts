/** Dates of an interval: elapsed time, or days of the calendar. */

import { OstinatoError } from '../errors.ts';
import { DURATION_SECONDS_MAX } from '../time.ts';
import { dateAtLocal, dateAtUnix, type DateSeries, MICRO } from './date-series.ts';
import type { IntervalSchedule } from './schedule.ts';
import { UTC, type Zone, zoneOf } from './zone.ts';

const DAY = 86_400;

/**
 * The series of a schedule. An interval of whole days in a zone other than UTC is a series of local times; any other
 * one is elapsed time, and so names both of two equal local times.
 *
 * As in Prefect 3.9.1, a day whose local time lies in a gap moves forward by the gap, **and so do all days behind it**:
 * daily at 02:30 is daily at 03:30 from the first gap after the anchor on. Days before the anchor keep its local time.
 */
export function intervalSeries(schedule: IntervalSchedule): DateSeries {
  const { interval, anchorDate } = schedule;
  if (typeof interval !== 'number' || !(interval > 0) || interval > DURATION_SECONDS_MAX)
    throw new OstinatoError('bad-input', `An interval of ${interval} seconds cannot be scheduled.`, {
      remedy: 'Write a number of seconds above 0, of at most 100 years.',
    });
  const step = Math.max(1, Math.round(interval * MICRO));
  const zone = zoneOf(schedule.timezone);
  if (zone !== UTC && step % (DAY * MICRO) === 0) return calendarDays(anchorDate, step / MICRO, zone);
  return {
    next(after) {
      const instant = anchorDate + (Math.floor((after - anchorDate) / step) + 1) * step;
      return dateAtUnix(Math.floor(instant / MICRO), mod(instant, MICRO), zone);
    },
  };
}

function calendarDays(anchor: number, step: number, zone: Zone): DateSeries {
  const anchorUnix = Math.floor(anchor / MICRO);
  const micros = mod(anchor, MICRO);
  const anchorWall = anchorUnix + zone.offsetAt(anchorUnix);
  return {
    next(after) {
      const afterUnix = Math.floor((after - micros) / MICRO);
      if (afterUnix < anchorUnix) {
        const before = firstBehind(anchorWall, step, afterUnix, zone);
        // The anchor is an instant: it may be the second of two equal local times.
        const isBefore = zone.resolve(before).unix < anchorUnix && before < anchorWall;
        return isBefore ? dateAtLocal(before, micros, zone) : dateAtUnix(anchorUnix, micros, zone);
      }
      const { wall: base, isMoved } = movedByGaps(anchorWall, step, anchorUnix, afterUnix, zone);
      const wall = firstBehind(base, step, afterUnix, zone);
      const { mark, transition } = zone.resolve(wall);
      if (mark !== 'gap' || !transition) {
        const date = dateAtLocal(wall, micros, zone);
        return date && isMoved && wall === base ? { ...date, mark: 'gap' } : date;
      }
      // The time of this day and of all behind it, so it is what this day is named by as well.
      const date = dateAtLocal(wall + transition.after - transition.before, micros, zone);
      return date && { ...date, mark: 'gap' };
    },
  };
}

/** The first of the local times `wall + n · step`, n any integer, whose instant is behind `after`. */
function firstBehind(wall: number, step: number, after: number, zone: Zone): number {
  let local = wall + Math.ceil((after + zone.offsetAt(after) - wall) / step) * step;
  while (zone.resolve(local).unix > after) local -= step;
  while (zone.resolve(local).unix <= after) local += step;
  return local;
}

/** A local time of the series as it is at `after`: the last one that a gap has moved, or the anchor's. */
function movedByGaps(anchorWall: number, step: number, anchorUnix: number, after: number, zone: Zone) {
  let wall = anchorWall;
  let isMoved = false;
  for (const { at, before, after: later } of zone.transitions(anchorUnix, after)) {
    if (later <= before) continue;
    const inside = wall + Math.ceil((at + before - wall) / step) * step;
    if (inside >= at + later) continue;
    wall = inside + (later - before);
    isMoved = true;
  }
  return { wall, isMoved };
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
