/** Which local times a cron expression names. */

import { OstinatoError } from '../errors.ts';
import { type CivilDate, civilDate, DAY_SECONDS, dayNumber, daysInMonth, splitWall, weekdayOf } from './calendar.ts';
import { type CronExpression, readCron } from './cron-expression.ts';
import { type DateSeries, seriesOfWalls, WALL_MAX } from './date-series.ts';
import type { CronSchedule } from './schedule.ts';
import { zoneOf } from './zone.ts';

/** The last day that is looked at. By then, days and weekdays have come in every order. */
const DAY_MAX = Math.floor(WALL_MAX / DAY_SECONDS);

export function cronSeries({ cron, timezone, dayOr }: CronSchedule): DateSeries {
  const zone = zoneOf(timezone);
  const expression = readCron(cron);
  const next = (wall: number): number | null => nextWall(expression, dayOr, wall);
  if (next(-1) === null)
    throw new OstinatoError('bad-input', `The cron expression '${cron}' names no day that there is.`, {
      remedy: 'Look at its day, month and year: no month has all of them.',
    });
  return seriesOfWalls(next, zone);
}

function nextWall(expression: CronExpression, dayOr: boolean, wall: number): number | null {
  let { day, second } = splitWall(wall + 1);
  while (day <= DAY_MAX) {
    const date = civilDate(day);
    const skipped = skipMonths(expression, date);
    if (skipped !== null) {
      day = skipped;
      second = 0;
      continue;
    }
    if (isDay(expression, dayOr, date, day)) {
      const time = nextTime(expression, second);
      if (time !== null) return day * DAY_SECONDS + time;
    }
    day += 1;
    second = 0;
  }
  return null;
}

/** The first day of what comes next, where the date's year or month is none of the expression's. */
function skipMonths({ years, months }: CronExpression, { year, month }: CivilDate): number | null {
  if (years && !years.includes(year)) {
    const later = years.find((each) => each > year);
    return later === undefined ? DAY_MAX + 1 : dayNumber(later, 1, 1);
  }
  if (months && !months.includes(month)) return dayNumber(year, month + 1, 1);
  return null;
}

function isDay(expression: CronExpression, dayOr: boolean, date: CivilDate, number: number): boolean {
  const { days, isLastDay, weekdays, nthWeekdays } = expression;
  const isOfMonth =
    days === null || days.includes(date.day) || (isLastDay && date.day === daysInMonth(date.year, date.month));
  const weekday = weekdayOf(number);
  if (nthWeekdays.length > 0) {
    const isNth = nthWeekdays.some(
      (each) =>
        each.weekday === weekday &&
        (each.nth === 'last'
          ? date.day + 7 > daysInMonth(date.year, date.month)
          : Math.ceil(date.day / 7) === each.nth),
    );
    return isNth && (dayOr || isOfMonth);
  }
  const isOfWeek = weekdays === null || weekdays.includes(weekday);
  return dayOr && days !== null && weekdays !== null ? isOfMonth || isOfWeek : isOfMonth && isOfWeek;
}

/** The first second of a day, from `second` on, that hours, minutes and seconds allow. */
function nextTime({ hours, minutes, seconds }: CronExpression, second: number): number | null {
  let hour = Math.floor(second / 3600);
  let minute = Math.floor(second / 60) % 60;
  let rest = second % 60;
  for (;;) {
    const atHour = firstFrom(hours, hour, 23);
    if (atHour === null) return null;
    if (atHour > hour) [hour, minute, rest] = [atHour, 0, 0];
    const atMinute = firstFrom(minutes, minute, 59);
    if (atMinute === null) {
      [hour, minute, rest] = [hour + 1, 0, 0];
      continue;
    }
    if (atMinute > minute) [minute, rest] = [atMinute, 0];
    const atSecond = firstFrom(seconds, rest, 59);
    if (atSecond !== null) return hour * 3600 + minute * 60 + atSecond;
    [minute, rest] = [minute + 1, 0];
  }
}

function firstFrom(values: readonly number[] | null, from: number, max: number): number | null {
  if (values === null) return from <= max ? from : null;
  return values.find((value) => value >= from) ?? null;
}
