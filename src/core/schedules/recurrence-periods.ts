/**
 * One recurrence rule, from any time on: the period in which a time lies is computed, not reached.
 *
 * Rules of hours, minutes and seconds jump over days, hours and minutes that they do not allow. A rule that allows
 * none for very long is refused after `STEPS_MAX` steps, which is some tenths of a second.
 */

import { OstinatoError } from '../errors.ts';
import { civilDate, DAY_SECONDS, dayNumber, splitWall, weekdayOf } from './calendar.ts';
import { WALL_MAX } from './date-series.ts';
import { isRuleDay } from './recurrence-day.ts';
import type { RecurrenceRule } from './rrule-text.ts';

const STEPS_MAX = 1_000_000;
/** Dates of a rule that are counted one by one to find its end. */
const COUNT_MAX = 100_000;
const UNIT_SECONDS = { HOURLY: 3600, MINUTELY: 60, SECONDLY: 1 } as const;

/** The rule with its end in place of its count. */
export function lastOfCount(rule: RecurrenceRule): RecurrenceRule {
  const { count, start } = rule;
  if (count === null) return rule;
  const open: RecurrenceRule = { ...rule, count: null };
  const step = evenStep(open);
  if (step !== null) return endAt(open, start + (count - 1) * step);
  if (count > COUNT_MAX)
    throw new OstinatoError(
      'bad-input',
      `The recurrence rule counts ${count} dates, which takes too long to find out.`,
      { remedy: `Write an UNTIL, or a COUNT of at most ${COUNT_MAX}.` },
    );
  let last = start - 1;
  for (let left = count; left > 0; left--) {
    const next = firstMatch(open, last + 1);
    if (next === null) return open;
    last = next;
  }
  return endAt(open, last);
}

function endAt(rule: RecurrenceRule, last: number): RecurrenceRule {
  return { ...rule, until: Math.min(last, rule.until ?? last) };
}

/** Seconds between any two dates of a rule that leaves nothing out. */
function evenStep(rule: RecurrenceRule): number | null {
  const unit = unitOf(rule);
  if (unit === null || hasDayFilter(rule) || rule.positions.length > 0 || rule.hours.length > 0) return null;
  const { second } = splitWall(rule.start);
  const isOwn = (list: readonly number[], value: number): boolean => list.length === 1 && list[0] === value;
  const hasMinutes = unit === 3600 ? !isOwn(rule.minutes, Math.floor(second / 60) % 60) : rule.minutes.length > 0;
  const hasSeconds = unit >= 60 ? !isOwn(rule.seconds, second % 60) : rule.seconds.length > 0;
  return hasMinutes || hasSeconds ? null : rule.interval * unit;
}

function hasDayFilter({ months, monthDays, yearDays, weeks, easterDays, weekdays }: RecurrenceRule): boolean {
  return [months, monthDays, yearDays, weeks, easterDays, weekdays].some((list) => list.length > 0);
}

function unitOf({ frequency }: RecurrenceRule): number | null {
  return frequency === 'HOURLY' || frequency === 'MINUTELY' || frequency === 'SECONDLY'
    ? UNIT_SECONDS[frequency]
    : null;
}

/** The first time of a rule without a count that is `from` or later. `null`: none, or none before the year 2255. */
export function firstMatch(rule: RecurrenceRule, from: number): number | null {
  const low = Math.max(from, rule.start);
  const high = Math.min(rule.until ?? WALL_MAX, WALL_MAX);
  if (low > high) return null;
  const unit = unitOf(rule);
  const found = unit === null ? inDays(rule, low, high) : inUnits(rule, unit, low, high);
  return found !== null && found <= high ? found : null;
}

function inDays(rule: RecurrenceRule, low: number, high: number): number | null {
  const times = timesOf(rule.hours, rule.minutes, rule.seconds);
  const startDay = splitWall(rule.start).day;
  for (let period = periodOf(rule, startDay, splitWall(low).day); ; period += 1) {
    const [first, end] = daysOf(rule, startDay, period);
    if (first * DAY_SECONDS > high) return null;
    const all: number[] = [];
    for (let day = first; day < end; day++)
      if (isRuleDay(rule, day)) for (const time of times) all.push(day * DAY_SECONDS + time);
    const match = pick(all, rule.positions).find((wall) => wall >= low);
    if (match !== undefined) return match;
  }
}

/** Seconds of a day, in order. */
function timesOf(hours: readonly number[], minutes: readonly number[], seconds: readonly number[]): number[] {
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
  );
}

/** The number of the period in which a day lies, or of the last one before it. */
function periodOf(rule: RecurrenceRule, startDay: number, day: number): number {
  const [from, to] = [civilDate(startDay), civilDate(day)];
  switch (rule.frequency) {
    case 'YEARLY':
      return Math.floor((to.year - from.year) / rule.interval);
    case 'MONTHLY':
      return Math.floor(((to.year - from.year) * 12 + to.month - from.month) / rule.interval);
    case 'WEEKLY':
      return Math.floor((day - weekOf(rule, startDay)) / 7 / rule.interval);
    default:
      return Math.floor((day - startDay) / rule.interval);
  }
}

function weekOf({ weekStart }: RecurrenceRule, day: number): number {
  return day - ((weekdayOf(day) - weekStart + 7) % 7);
}

/** First day and the day behind the last of a period. */
function daysOf(rule: RecurrenceRule, startDay: number, period: number): [first: number, end: number] {
  const steps = period * rule.interval;
  const { year, month } = civilDate(startDay);
  switch (rule.frequency) {
    case 'YEARLY':
      return [dayNumber(year + steps, 1, 1), dayNumber(year + steps + 1, 1, 1)];
    case 'MONTHLY':
      return [dayNumber(year, month + steps, 1), dayNumber(year, month + steps + 1, 1)];
    case 'WEEKLY': {
      const first = weekOf(rule, startDay) + steps * 7;
      // The first week begins with the start, which counts for BYSETPOS.
      return [Math.max(first, startDay), first + 7];
    }
    default:
      return [startDay + steps, startDay + steps + 1];
  }
}

/** The times of a period that BYSETPOS chooses. */
function pick(all: number[], positions: readonly number[]): number[] {
  if (positions.length === 0) return all;
  const chosen = positions.flatMap((position) => all.at(position > 0 ? position - 1 : position) ?? []);
  return [...new Set(chosen)].sort((a, b) => a - b);
}

function inUnits(rule: RecurrenceRule, unit: number, low: number, high: number): number | null {
  const step = rule.interval * unit;
  const first = Math.floor(rule.start / unit) * unit;
  const filtersDays = hasDayFilter(rule);
  let day = Number.NaN;
  let isDay = true;
  /** The first period that begins at a wall time or later. */
  const periodFrom = (wall: number): number => first + Math.max(0, Math.ceil((wall - first) / step)) * step;
  let at = first + Math.max(0, Math.floor((low - first) / step)) * step;
  for (let steps = 0; at <= high; steps++) {
    if (steps > STEPS_MAX)
      throw new OstinatoError('bad-input', 'The recurrence rule names no date for so long that it is not looked for.', {
        remedy:
          'Look whether its INTERVAL ever meets its BYHOUR, BYMINUTE and BYSECOND; a larger FREQ finds dates sooner.',
      });
    const wall = splitWall(at);
    if (filtersDays && wall.day !== day) {
      day = wall.day;
      isDay = isRuleDay(rule, day);
    }
    const free = isDay ? nextAllowed(rule, unit, wall.second) : DAY_SECONDS;
    if (free > wall.second) {
      at = periodFrom(wall.day * DAY_SECONDS + free);
      continue;
    }
    const match = pick(timesInUnit(rule, unit, at), rule.positions).find((time) => time >= low);
    if (match !== undefined) return match;
    at += step;
  }
  return null;
}

/** The first second of the day, from one on, that lies in an allowed hour (and minute, and second). */
function nextAllowed({ hours, minutes, seconds }: RecurrenceRule, unit: number, second: number): number {
  const hour = Math.floor(second / 3600);
  if (hours.length > 0 && !hours.includes(hour)) return (hours.find((each) => each > hour) ?? 24) * 3600;
  if (unit === 3600) return second;
  const minute = Math.floor(second / 60) % 60;
  if (minutes.length > 0 && !minutes.includes(minute))
    return hour * 3600 + (minutes.find((each) => each > minute) ?? 60) * 60;
  if (unit === 60) return second;
  if (seconds.length > 0 && !seconds.includes(second % 60))
    return second - (second % 60) + (seconds.find((each) => each > second % 60) ?? 60);
  return second;
}

function timesInUnit({ minutes, seconds }: RecurrenceRule, unit: number, at: number): number[] {
  if (unit === 3600) return timesOf([0], minutes, seconds).map((time) => at + time);
  return unit === 60 ? seconds.map((second) => at + second) : [at];
}
