/**
 * The grammar of cron that Prefect 3.9.1 reads (its croniter), oddities of ranges with it: what is stored here is read
 * again by its clients, which refuse what they do not know.
 */

import { OstinatoError } from '../errors.ts';

/** Sorted values of each field. `null`: any. */
export interface CronExpression {
  readonly seconds: readonly number[] | null;
  readonly minutes: readonly number[] | null;
  readonly hours: readonly number[] | null;
  readonly days: readonly number[] | null;
  /** `L` among the days. */
  readonly isLastDay: boolean;
  readonly months: readonly number[] | null;
  /** 0 is Sunday. */
  readonly weekdays: readonly number[] | null;
  /** `fri#2`, `L5`: weekday and which of the month; they stand alone. */
  readonly nthWeekdays: readonly { readonly weekday: number; readonly nth: number | 'last' }[];
  readonly years: readonly number[] | null;
}

const ALIASES: Readonly<Record<string, string>> = {
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
  /** The value of the first name. */
  readonly firstName: number;
}

const NO_NAMES = { names: [], firstName: 0 };
const MINUTE: Field = { name: 'minute', low: 0, high: 59, ...NO_NAMES };
const HOUR: Field = { name: 'hour', low: 0, high: 23, ...NO_NAMES };
const DAY: Field = { name: 'day of the month', low: 1, high: 31, ...NO_NAMES };
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH: Field = { name: 'month', low: 1, high: 12, names: MONTHS, firstName: 1 };
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WEEKDAY: Field = { name: 'day of the week', low: 0, high: 6, names: WEEKDAYS, firstName: 0 };
const SECOND: Field = { name: 'second', low: 0, high: 59, ...NO_NAMES };
const YEAR: Field = { name: 'year', low: 1970, high: 2099, ...NO_NAMES };
const FIELDS = [MINUTE, HOUR, DAY, MONTH, WEEKDAY, SECOND, YEAR];

/** A text longer than any that means something. */
const LENGTH_MAX = 1000;
const NTH = /^(?:((?:[a-z]{3}-[a-z]{3})|\w+)#(\d+)|l(\d+))$/;
const RANGE = /^([^-]+)-([^-/]+)(?:\/(\d+))?$/;

/** What one field says. */
interface Values {
  readonly numbers: Set<number>;
  isAny: boolean;
  isLast: boolean;
  readonly nth: { readonly weekday: number; readonly nth: number | 'last' }[];
}

/** Throws `bad-input`, which names the field, for what is no cron expression. */
export function readCron(text: string): CronExpression {
  if (text.length > LENGTH_MAX) throw refuse(text, `it is longer than ${LENGTH_MAX} characters`);
  const lower = text.toLowerCase();
  const words = (Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? '') : lower).split(/\s+/).filter(Boolean);
  if (words.length < 5 || words.length > 7) throw refuse(text, `it has ${words.length} fields, not 5, 6 or 7`);
  const read = FIELDS.slice(0, words.length).map((field, index) =>
    readField({ text, field, word: words[index] ?? '', fieldCount: words.length }),
  );
  const numbersOf = (index: number): number[] | null => {
    const values = read[index];
    if (!values) return null;
    return values.isAny ? null : [...values.numbers].sort((a, b) => a - b);
  };
  const [days, weekdays] = [read[2], read[4]];
  const nthWeekdays = weekdays?.nth ?? [];
  const plain = [...(weekdays?.numbers ?? [])].filter((day) => !nthWeekdays.some(({ weekday }) => weekday === day));
  if (nthWeekdays.length > 0 && plain.length > 0 && weekdays?.numbers.size !== 7)
    throw refuse(text, 'its day of the week mixes days with the n-th of a month');
  // All of them is any, unless the other of both days is written out: then both count.
  const isAllOf = (values: Values | undefined, size: number, other: string): boolean =>
    values !== undefined && values.numbers.size + (values.isLast ? 1 : 0) === size && other.includes('*');
  return {
    minutes: numbersOf(0),
    hours: numbersOf(1),
    days: isAllOf(days, 31, words[4] ?? '') ? null : numbersOf(2),
    isLastDay: days?.isLast ?? false,
    months: numbersOf(3),
    weekdays: isAllOf(weekdays, 7, words[2] ?? '') ? null : numbersOf(4),
    nthWeekdays,
    seconds: words.length > 5 ? numbersOf(5) : [0],
    years: words.length > 6 ? numbersOf(6) : null,
  };
}

interface Place {
  readonly text: string;
  readonly field: Field;
  readonly word: string;
  readonly fieldCount: number;
}

function refuse(text: string, why: string): OstinatoError {
  return new OstinatoError('bad-input', `The cron expression '${text.slice(0, 100)}' cannot be read: ${why}.`, {
    remedy: "Write minute, hour, day of the month, month and day of the week: '0 9 * * mon-fri'.",
  });
}

function refuseWord(place: Place, why: string): OstinatoError {
  return refuse(place.text, `its ${place.field.name} '${place.word}' ${why}`);
}

function readField(place: Place): Values {
  const { field, word } = place;
  const values: Values = { numbers: new Set(), isAny: false, isLast: false, nth: [] };
  if (/^[hr](\(\d+-\d+\))?(\/\d+)?$/.test(word))
    throw refuseWord(place, 'is a time that is drawn, which would be another one each time');
  if (word.includes('?')) {
    if (word !== '?' || (field !== DAY && field !== WEEKDAY)) throw refuseWord(place, "has a '?' where none can stand");
    values.isAny = true;
    return values;
  }
  for (const item of word.split(',')) readItem(place, item, values);
  return values;
}

function readItem(place: Place, item: string, values: Values): void {
  const { field } = place;
  const special = field === WEEKDAY ? NTH.exec(item) : null;
  if (special) {
    const nth = special[3] === undefined ? Number(special[2]) : 'last';
    if (nth !== 'last' && (nth < 1 || nth > 5)) throw refuseWord(place, `asks for the ${nth}. of a month`);
    for (const weekday of readValues(place, special[3] ?? special[1] ?? '')) {
      values.numbers.add(weekday);
      values.nth.push({ weekday, nth });
    }
  } else if (item === '*') values.isAny = true;
  else if (item === 'l' && field === DAY) values.isLast = true;
  else for (const value of readValues(place, item)) values.numbers.add(value);
}

/** One value, or a range with a step. */
function readValues(place: Place, item: string): number[] {
  const { field } = place;
  const whole = item.replace(/^\*(\/.+)$/, `${field.low}-${field.high}$1`);
  const range = RANGE.exec(whole) ?? RANGE.exec(item.replace(/^(.+)\/(.+)$/, `$1-${field.high}/$2`));
  if (!range) return [inField(place, readValue(place, item))];
  const [, from = '', to = '', by = '1'] = range;
  const low = readValue(place, from);
  const high = readValue(place, field === DAY && to === 'l' ? '31' : to);
  if (Math.max(low, high) > field.high) throw refuseWord(place, `goes beyond ${field.high}`);
  const step = Number(by);
  if (step < 1) throw refuseWord(place, 'has a step of 0');
  return expand(field, low, high, step).map((value) => inField(place, alias(place, value)));
}

/** From the first to the last. The same twice is the whole cycle, and a later first goes around (`fri-mon`). */
function expand(field: Field, low: number, high: number, step: number): number[] {
  if (low === high) return count(field.low, field.high, step);
  if (low < high) return count(low, high, step);
  const ahead = count(low, field.high, step);
  const last = ahead.at(-1) ?? low;
  const left = field.high - last;
  const isOver = last - field.low + step > field.high - field.low + 1;
  return [...ahead, ...count(field.low + (isOver && left < step ? step - left : 0), high, step)];
}

function count(low: number, high: number, step: number): number[] {
  const values: number[] = [];
  for (let value = low; value <= high; value += step) values.push(value);
  return values;
}

function readValue(place: Place, word: string): number {
  if (/^\d{1,6}$/.test(word)) return alias(place, Number(word));
  const index = place.field.names.indexOf(word);
  if (index < 0) throw refuseWord(place, `has '${word}' in it, which is neither a number nor a name`);
  return place.field.firstName + index;
}

/** Sunday may be 7 with five fields; with six, day 0 of a month is the first. */
function alias({ field, fieldCount }: Place, value: number): number {
  if (field === WEEKDAY && value === 7 && fieldCount === 5) return 0;
  if (field === DAY && value === 0 && fieldCount === 6) return 1;
  return value;
}

function inField(place: Place, value: number): number {
  const { low, high } = place.field;
  if (value < low || value > high) throw refuseWord(place, `is not from ${low} to ${high}`);
  return value;
}
