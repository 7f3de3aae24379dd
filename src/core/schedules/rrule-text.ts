/**
 * Recurrence rules as text: RFC 5545 §3.8.5 as Prefect 3.9.1 takes it (python-dateutil's `rrulestr`).
 *
 * Every time in the text is a local time of the schedule's zone: a `Z` or a `TZID` is read and has no meaning, as
 * there. Without `DTSTART` a rule starts on 1 January 2020.
 */

import { OstinatoError } from '../errors.ts';
import { DAY_SECONDS, dayNumber, daysInMonth } from './calendar.ts';

/** One `RRULE` or `EXRULE`. Times are local seconds as if they were UTC; 0 is Sunday. Empty lists allow everything. */
export interface RecurrenceRule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly start: number;
  readonly until: number | null;
  readonly count: number | null;
  readonly weekStart: number;
  readonly positions: readonly number[];
  readonly months: readonly number[];
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[];
  readonly weeks: readonly number[];
  /** Days from Easter Sunday. */
  readonly easterDays: readonly number[];
  /** `nth` 0: each of them. */
  readonly weekdays: readonly { readonly weekday: number; readonly nth: number }[];
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

export interface RecurrenceSet {
  readonly rules: readonly RecurrenceRule[];
  readonly dates: readonly number[];
  readonly exceptRules: readonly RecurrenceRule[];
  readonly exceptDates: ReadonlySet<number>;
}

export const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** As many characters as Prefect takes: a year of dates. */
export const RRULE_LENGTH_MAX = 6500;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const DEFAULT_START = dayNumber(2020, 1, 1) * DAY_SECONDS;
const TIME = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ]?(\d{2}):?(\d{2})(?::?(\d{2}))?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Lowest and highest value of each list, and whether it counts from the end with a minus. */
const LISTS = {
  BYSETPOS: [1, 366, true],
  BYMONTH: [1, 12, false],
  BYMONTHDAY: [1, 31, true],
  BYYEARDAY: [1, 366, true],
  BYWEEKNO: [1, 53, true],
  BYHOUR: [0, 23, false],
  BYMINUTE: [0, 59, false],
  BYSECOND: [0, 59, false],
  BYEASTER: [0, 366, true],
} as const satisfies Record<string, readonly [number, number, boolean]>;
type ListName = keyof typeof LISTS;
const OTHERS = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYDAY', 'BYWEEKDAY'];

/** Throws `bad-input`, which names the part, for what is no set of rules. */
export function readRecurrence(text: string): RecurrenceSet {
  if (text.length > RRULE_LENGTH_MAX)
    throw refuse(text, `it has ${text.length} characters, and at most ${RRULE_LENGTH_MAX} are taken`);
  const lines = text.toUpperCase().split(/\s+/).filter(Boolean).map(readLine);
  const of = (name: string): string[] => lines.filter((line) => line.name === name).map(({ value }) => value);
  const odd = lines.find(({ name }) => !['DTSTART', 'RRULE', 'RDATE', 'EXRULE', 'EXDATE'].includes(name));
  if (odd) throw refuse(text, `it has a line '${odd.name.slice(0, 40)}'`);
  const timesOf = (name: string): number[] =>
    of(name).flatMap((value) => value.split(',').map((time) => readTime(text, time)));
  const starts = timesOf('DTSTART');
  if (starts.length > 1) throw refuse(text, 'it has more than one DTSTART');
  const start = starts[0] ?? DEFAULT_START;
  const set: RecurrenceSet = {
    rules: of('RRULE').map((value) => readRule(text, value, start)),
    dates: [...new Set(timesOf('RDATE'))].sort((a, b) => a - b),
    exceptRules: of('EXRULE').map((value) => readRule(text, value, start)),
    exceptDates: new Set(timesOf('EXDATE')),
  };
  if (set.rules.length === 0 && set.dates.length === 0) throw refuse(text, 'it has neither an RRULE nor an RDATE');
  return set;
}

function refuse(text: string, why: string): OstinatoError {
  return new OstinatoError('bad-input', `The recurrence rule '${text.slice(0, 100)}' cannot be scheduled: ${why}.`, {
    remedy: "Write lines as in RFC 5545: 'RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0'.",
  });
}

function readLine(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  // Parameters of a name (`;TZID=…`, `;VALUE=DATE`) change nothing: times are local.
  if (colon < 0) return { name: 'RRULE', value: line };
  return { name: line.slice(0, colon).split(';')[0] ?? '', value: line.slice(colon + 1) };
}

function readTime(text: string, time: string): number {
  const match = TIME.exec(time);
  if (!match) throw refuse(text, `'${time.slice(0, 40)}' is not a time such as 20260131T090000`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isTime = hour < 24 && minute < 60 && second < 60;
  if (!isTime || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || year < 1900)
    throw refuse(text, `there is no time '${time}'`);
  return dayNumber(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
}

function readRule(text: string, value: string, start: number): RecurrenceRule {
  const parts = new Map<string, string>();
  for (const part of value.split(';')) {
    const [name = '', content] = part.split('=');
    if (content === undefined || part.split('=').length !== 2) throw refuse(text, `'${part.slice(0, 40)}' is no part`);
    if (!OTHERS.includes(name) && !Object.hasOwn(LISTS, name))
      throw refuse(text, `it has a part '${name.slice(0, 40)}'`);
    parts.set(name === 'BYWEEKDAY' ? 'BYDAY' : name, content);
  }
  const frequency = FREQUENCIES.find((each) => each === parts.get('FREQ'));
  if (!frequency) throw refuse(text, `FREQ is none of ${FREQUENCIES.join(', ')}`);
  const list = (name: ListName): number[] => readList(text, name, parts.get(name));
  const until = parts.get('UNTIL');
  const weekStart = WEEKDAYS.indexOf(parts.get('WKST') ?? 'MO');
  if (weekStart < 0) throw refuse(text, `WKST is none of ${WEEKDAYS.join(', ')}`);
  return withDefaults({
    frequency,
    interval: readAmount(text, 'INTERVAL', parts.get('INTERVAL')) ?? 1,
    start,
    until: until === undefined ? null : readTime(text, until),
    count: readAmount(text, 'COUNT', parts.get('COUNT')),
    weekStart,
    positions: list('BYSETPOS'),
    months: list('BYMONTH'),
    monthDays: list('BYMONTHDAY'),
    yearDays: list('BYYEARDAY'),
    weeks: list('BYWEEKNO'),
    easterDays: list('BYEASTER'),
    weekdays: readWeekdays(text, frequency, parts.get('BYDAY')),
    hours: list('BYHOUR'),
    minutes: list('BYMINUTE'),
    seconds: list('BYSECOND'),
  });
}

/** What a rule does not say, its start says. */
function withDefaults(rule: RecurrenceRule): RecurrenceRule {
  const rank = FREQUENCIES.indexOf(rule.frequency);
  const start = new Date(rule.start * 1000);
  const isOpen = [rule.weeks, rule.yearDays, rule.monthDays, rule.weekdays, rule.easterDays].every(
    (list) => !list.length,
  );
  const orOf = (list: readonly number[], isMissing: boolean, value: number): readonly number[] =>
    list.length === 0 && isMissing ? [value] : list;
  return {
    ...rule,
    months: orOf(rule.months, isOpen && rule.frequency === 'YEARLY', start.getUTCMonth() + 1),
    monthDays: orOf(rule.monthDays, isOpen && rank <= 1, start.getUTCDate()),
    weekdays: isOpen && rule.frequency === 'WEEKLY' ? [{ weekday: start.getUTCDay(), nth: 0 }] : rule.weekdays,
    hours: orOf(rule.hours, rank < 4, start.getUTCHours()),
    minutes: orOf(rule.minutes, rank < 5, start.getUTCMinutes()),
    seconds: orOf(rule.seconds, rank < 6, start.getUTCSeconds()),
  };
}

function readAmount(text: string, name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  if (!/^\+?\d{1,9}$/.test(value) || Number(value) < 1) throw refuse(text, `${name} is not a whole number from 1`);
  return Number(value);
}

function readList(text: string, name: ListName, value: string | undefined): number[] {
  if (value === undefined) return [];
  const [low, high, isSigned] = LISTS[name];
  const numbers = value.split(',').map((item) => {
    const number = /^[+-]?\d{1,3}$/.test(item) ? Number(item) : Number.NaN;
    const size = isSigned ? Math.abs(number) : number;
    if (!(size >= low && size <= high))
      throw refuse(
        text,
        `${name} '${item.slice(0, 20)}' is not from ${low} to ${high}${isSigned ? ', or minus that' : ''}`,
      );
    return number;
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function readWeekdays(text: string, frequency: Frequency, value: string | undefined): RecurrenceRule['weekdays'] {
  if (value === undefined) return [];
  return value.split(',').map((item) => {
    // Two ways are in use: `+1MO` and `MO(+1)`.
    const match = /^([+-]?\d{1,2})?([A-Z]{2})(?:\(([+-]?\d{1,2})\))?$/.exec(item);
    const weekday = WEEKDAYS.indexOf(match?.[2] ?? '');
    const nth = Number(match?.[1] ?? match?.[3] ?? 0);
    if (weekday < 0 || Math.abs(nth) > 53) throw refuse(text, `BYDAY '${item.slice(0, 20)}' is no day of the week`);
    // Only in months and years there is an n-th one.
    return { weekday, nth: frequency === 'YEARLY' || frequency === 'MONTHLY' ? nth : 0 };
  });
}
