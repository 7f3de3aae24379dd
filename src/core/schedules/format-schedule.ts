/**
 * A schedule in the words of people: `every day at 09:00, Europe/Berlin`. What has no short words is told as it is
 * written.
 */

import { readCron, type CronExpression } from './cron-expression.ts';
import type { CronSchedule, IntervalSchedule, RRuleSchedule, Schedule } from './schedule.ts';

const DAY = 86_400;
/** More times of a day are no sentence. */
const TIMES_MAX = 4;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** @param schedule one that can be read */
export function formatSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'interval':
      return intervalWords(schedule);
    case 'cron':
      return `${cronWords(schedule)}, ${zoneName(schedule.timezone)}`;
    case 'rrule':
      return `${ruleWords(schedule)}, ${zoneName(schedule.timezone)}`;
  }
}

function zoneName(timezone: string | null): string {
  return timezone === null || timezone === '' ? 'UTC' : timezone;
}

/** Only days of the calendar depend on the zone. */
function intervalWords({ interval, timezone }: IntervalSchedule): string {
  const words = every(interval);
  return interval % DAY === 0 ? `${words}, ${zoneName(timezone)}` : words;
}

const UNITS = [
  ['day', DAY],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

function every(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds % unit === 0) ?? ['second', 1];
  return everyOf(seconds / size, name);
}

function everyOf(count: number, unit: string): string {
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;
}

function cronWords({ cron, dayOr }: CronSchedule): string {
  const written = `cron ${cron.trim()}`;
  const parsed = readCron(cron);
  const { seconds, years, nthWeekdays, isLastDay, days, weekdays, months } = parsed;
  if (years !== null || nthWeekdays.length > 0 || isLastDay) return written;
  if (seconds !== null && !(seconds.length === 1 && seconds[0] === 0)) return written;
  // Which of both must fit is told by no short word.
  if (days !== null && weekdays !== null) return `${written}${dayOr ? '' : ', both days'}`;
  const times = timesOf(parsed);
  if (times === null) return written;
  const on = days === null ? weekdayWords(weekdays) : `on ${days.length === 1 ? 'day' : 'days'} ${listed(days)}`;
  const inMonths = monthWords(months, days !== null);
  if (times.isWholeDay) return `${times.words}${on === null ? '' : `, ${on}`}${inMonths}`;
  return `${on ?? 'every day'}${inMonths} ${times.words}`;
}

function monthWords(months: readonly number[] | null, isOfDays: boolean): string {
  if (months === null || months.length === 12) return isOfDays ? ' of every month' : '';
  return `${isOfDays ? ' of ' : ' in '}${listed(months.map((month) => MONTHS[month - 1] ?? ''))}`;
}

/** When it is in the day, and whether the words are of all the day: `every 5 minutes`. `null`: in no short words. */
function timesOf({ minutes, hours }: CronExpression): { readonly words: string; readonly isWholeDay: boolean } | null {
  const minuteStep = stepOf(minutes, 60);
  const hourStep = stepOf(hours, 24);
  if (hourStep === 1 && minuteStep !== null) return { words: everyOf(minuteStep, 'minute'), isWholeDay: true };
  if (minutes?.length === 1 && hourStep !== null) {
    const [minute = 0] = minutes;
    return { words: `${everyOf(hourStep, 'hour')}${minute === 0 ? '' : ` at :${two(minute)}`}`, isWholeDay: true };
  }
  if (minutes === null || hours === null || minutes.length * hours.length > TIMES_MAX) return null;
  const times = hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`));
  return { words: `at ${listed(times)}`, isWholeDay: false };
}

/** The step of values that go evenly through the whole `size`; `null`: they do not, or only one is there. */
function stepOf(values: readonly number[] | null, size: number): number | null {
  if (values === null) return 1;
  const step = size / values.length;
  return values.length > 1 && values.every((value, at) => value === at * step) ? step : null;
}

function weekdayWords(weekdays: readonly number[] | null): string | null {
  if (weekdays === null || weekdays.length === 7) return null;
  if (weekdays.join() === '1,2,3,4,5') return 'Monday to Friday';
  return listed(weekdays.map((day) => WEEKDAYS[day] ?? ''));
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

function listed(parts: readonly (string | number)[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

const FREQUENCY_UNITS: Readonly<Record<string, string>> = {
  YEARLY: 'year',
  MONTHLY: 'month',
  WEEKLY: 'week',
  DAILY: 'day',
  HOURLY: 'hour',
  MINUTELY: 'minute',
  SECONDLY: 'second',
};
/** With others a rule is more than its frequency. */
const PLAIN_PARTS = new Set(['FREQ', 'INTERVAL', 'WKST', 'COUNT', 'UNTIL']);
const WRITTEN_MAX = 80;

function ruleWords({ rrule }: RRuleSchedule): string {
  const lines = rrule.trim().split(/\s+/);
  const rule = lines.find((line) => !/^(?:DTSTART|RDATE|EXDATE|EXRULE)/i.test(line)) ?? '';
  const parts = new Map(
    rule
      .replace(/^RRULE:/i, '')
      .split(';')
      .map((part) => part.toUpperCase().split('=', 2) as [string, string]),
  );
  const unit = FREQUENCY_UNITS[parts.get('FREQ') ?? ''];
  const isPlain = [...parts.keys()].every((name) => PLAIN_PARTS.has(name));
  const isOne = lines.every((line) => line === rule || /^DTSTART/i.test(line));
  if (unit !== undefined && isPlain && isOne) return everyOf(Number(parts.get('INTERVAL') ?? 1), unit) + endOf(parts);
  return `rule ${rule.length > WRITTEN_MAX ? `${rule.slice(0, WRITTEN_MAX)}…` : rule}`;
}

function endOf(parts: ReadonlyMap<string, string>): string {
  const count = parts.get('COUNT');
  if (count !== undefined) return count === '1' ? ', once' : `, ${count} times`;
  const day = /^(\d{4})(\d{2})(\d{2})/.exec(parts.get('UNTIL') ?? '');
  return day === null ? '' : `, until ${day.slice(1).join('-')}`;
}
