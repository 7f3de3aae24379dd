/**
 * iCalendar files (RFC 5545) as times that schedules leave out: each event of this year and the next three.
 *
 * Recurrences are computed by `core/schedules`, whose work is bounded; the library reads the text, and the zones that
 * only the file defines. An event that is cancelled leaves nothing out; one that is told to be free does: calendars of
 * holidays are made of those.
 */

import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type ICAL from 'ical.js';

import { OstinatoError } from '../core/errors.ts';
import { nextDates, readSchedule } from '../core/schedules/next-dates.ts';
import { EXCLUSION_NAME_MAX, EXCLUSIONS_MAX, type Exclusion } from '../core/schedules/slot-rules.ts';
import { zoneOf } from '../core/schedules/zone.ts';
import { formatInstant, instantFromMs, type Instant } from '../core/time.ts';
import { diskError, errnoOf } from './disk-errors.ts';

const BYTES_MAX = 2 * 1024 * 1024;
/** Whole years, so that the same file says the same all year long. */
const YEARS_AHEAD = 3;
const DAY = 86_400;
const MICRO = 1_000_000;

const NO_TIMES: ReadonlySet<number> = new Set();

type Library = typeof ICAL;

/**
 * @param folder from which on the file is named
 * @param shown how people call it
 * @throws `not-found`; `bad-input` for what is no such file, or has too much in it
 */
export async function readCalendarFile(folder: string, shown: string, now: Instant): Promise<readonly Exclusion[]> {
  const text = readText(resolve(folder, shown), shown);
  const { default: library } = await import('ical.js');
  const events = componentsOf(library, text, shown).flatMap((calendar) => {
    const zones = calendar.getAllSubcomponents('vtimezone');
    return calendar
      .getAllSubcomponents('vevent')
      .map((event) => wrapped(shown, nameOf(event), () => readEvent(library, event, zones)));
  });
  const year = new Date(now / 1000).getUTCFullYear();
  const span = { from: Date.UTC(year, 0, 1) / 1000, to: Date.UTC(year + 1 + YEARS_AHEAD, 0, 1) / 1000 };
  const replaced = replacedIn(events);
  const found: Found[] = [];
  const replacedOf = ({ uid, replaces }: Event): ReadonlySet<Wall> =>
    replaces === null ? (replaced.get(uid) ?? NO_TIMES) : NO_TIMES;
  for (const event of events) {
    found.push(...wrapped(shown, event.name, () => timesOf(event, replacedOf(event), span, found.length)));
    if (found.length > EXCLUSIONS_MAX)
      throw new OstinatoError(
        'bad-input',
        `${shown} leaves out more than ${EXCLUSIONS_MAX} times until the end of ${year + YEARS_AHEAD}.`,
        { remedy: 'Name a calendar of days on which nothing is to run, such as public holidays.' },
      );
  }
  return found
    .toSorted((a, b) => a.start - b.start)
    .map(({ exclusion }) => ({ ...exclusion, calendar: basename(shown) }));
}

function readText(path: string, shown: string): string {
  try {
    const stat = statSync(path);
    if (!stat.isFile())
      throw new OstinatoError('bad-input', `${shown} is no file.`, { remedy: 'Name an iCalendar file (.ics).' });
    const { size } = stat;
    if (size > BYTES_MAX)
      throw new OstinatoError('bad-input', `${shown} has ${Math.ceil(size / 1024 / 1024)} MiB: at most 2 are read.`, {
        remedy: 'Name a calendar of days on which nothing is to run, such as public holidays.',
      });
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT')
      throw new OstinatoError('not-found', `There is no calendar ${shown}.`, {
        remedy: 'Name an iCalendar file, from the folder of this file on.',
      });
    if (OstinatoError.is(error)) throw error;
    throw diskError(error, 'read', path);
  }
}

function componentsOf(library: Library, text: string, shown: string): readonly ICAL.Component[] {
  const remedy = 'An iCalendar file begins with BEGIN:VCALENDAR; calendars export such files (.ics).';
  let parsed: readonly unknown[];
  try {
    parsed = library.parse(text) as readonly unknown[];
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 100) : '';
    throw new OstinatoError('bad-input', `${shown} is no iCalendar file: ${why}.`, { remedy });
  }
  const each = (typeof parsed[0] === 'string' ? [parsed] : parsed) as readonly unknown[][];
  if (each.length === 0 || each.some((one) => one[0] !== 'vcalendar'))
    throw new OstinatoError('bad-input', `${shown} is no iCalendar file.`, { remedy });
  return each.map((one) => new library.Component(one));
}

/** Local seconds as if they were UTC. */
type Wall = number;

interface Event {
  readonly uid: string;
  readonly name: string | null;
  readonly isCancelled: boolean;
  readonly isDay: boolean;
  readonly start: Wall;
  readonly seconds: number;
  readonly rules: readonly string[];
  readonly more: readonly Wall[];
  readonly except: ReadonlySet<Wall>;
  /** Which time of its series it stands for. */
  readonly replaces: Wall | null;
  /** `null`: of whatever zone the schedule has. */
  readonly unixAt: ((wall: Wall) => number) | null;
}

function readEvent(library: Library, event: ICAL.Component, zones: readonly ICAL.Component[]): Event {
  const property = event.getFirstProperty('dtstart');
  const start = timeIn(property);
  if (property === null || start === null) return { ...NOTHING, uid: uidOf(event) };
  const clock = clockOf(library, property, start, zones);
  const wallsOf = (name: string): Wall[] =>
    event.getAllProperties(name).flatMap((each) =>
      each.getValues().flatMap((value) => {
        const time = startOf(value);
        return time === null ? [] : [clock.wallOf(time)];
      }),
    );
  const end = timeIn(event.getFirstProperty('dtend'));
  const duration = event.getFirstPropertyValue('duration') as ICAL.Duration | null;
  const ends = end === null ? null : end.isDate ? wall(end) : clock.wallOf(end);
  const given = ends === null ? (duration?.toSeconds() ?? (start.isDate ? DAY : 0)) : ends - wall(start);
  return {
    uid: uidOf(event),
    name: nameOf(event),
    isCancelled: event.getFirstPropertyValue('status') === 'CANCELLED',
    isDay: start.isDate,
    start: wall(start),
    seconds: start.isDate ? Math.max(DAY, given) : given,
    rules: event.getAllProperties('rrule').map((each) => ruleText(each.getFirstValue() as ICAL.Recur, clock)),
    more: wallsOf('rdate'),
    except: new Set(wallsOf('exdate')),
    replaces: wallsOf('recurrence-id')[0] ?? null,
    unixAt: clock.unixAt,
  };
}

const NOTHING = {
  name: null,
  isCancelled: true,
  isDay: true,
  start: 0,
  seconds: 0,
  rules: [],
  more: [],
  except: new Set<Wall>(),
  replaces: null,
  unixAt: null,
};

function uidOf(event: ICAL.Component): string {
  const uid = event.getFirstPropertyValue('uid');
  return typeof uid === 'string' ? uid : '';
}

function nameOf(event: ICAL.Component): string | null {
  const summary = event.getFirstPropertyValue('summary');
  const text = typeof summary === 'string' ? summary.replaceAll(/\s+/g, ' ').trim() : '';
  return text === '' ? null : text.slice(0, EXCLUSION_NAME_MAX);
}

function timeIn(property: ICAL.Property | null): ICAL.Time | null {
  return startOf(property?.getFirstValue());
}

/** Of a time, or of a period. */
function startOf(value: unknown): ICAL.Time | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('start' in value) return startOf(value.start);
  return 'isDate' in value && 'year' in value ? (value as ICAL.Time) : null;
}

function wall({ year, month, day, hour, minute, second }: ICAL.Time): Wall {
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

interface EventClock {
  readonly unixAt: Event['unixAt'];
  /** As the clocks of the event have it. */
  wallOf(time: ICAL.Time): Wall;
}

function clockOf(
  library: Library,
  property: ICAL.Property,
  start: ICAL.Time,
  zones: readonly ICAL.Component[],
): EventClock {
  const isUtc = (time: ICAL.Time): boolean => time.zone === library.Timezone.utcTimezone;
  if (start.isDate) return { unixAt: null, wallOf: wall };
  if (isUtc(start)) return { unixAt: (at) => at, wallOf: wall };
  const name = property.getParameter('tzid');
  if (typeof name !== 'string') return { unixAt: null, wallOf: wall };
  const known = knownZone(name);
  if (known !== null)
    return {
      unixAt: (at) => known.resolve(at).unix,
      wallOf: (time) => (isUtc(time) ? wall(time) + known.offsetAt(wall(time)) : wall(time)),
    };
  const offsetAt = offsetsOf(library, name, zones);
  return { unixAt: (at) => at - offsetAt(at), wallOf: (time) => wall(time) + (isUtc(time) ? offsetAt(wall(time)) : 0) };
}

function knownZone(name: string) {
  try {
    return zoneOf(name);
  } catch {
    return null;
  }
}

/** Of a zone that the file defines. */
function offsetsOf(library: Library, name: string, zones: readonly ICAL.Component[]): (wall: Wall) => number {
  const component = zones.find((zone) => zone.getFirstPropertyValue('tzid') === name);
  if (component === undefined)
    throw new OstinatoError('bad-input', `There is no time zone ${JSON.stringify(name.slice(0, 60))} in it.`, {
      remedy: 'Export the calendar with its time zones (VTIMEZONE).',
    });
  // As for events: the library takes a rule without any date, and makes others of it.
  for (const part of component.getAllSubcomponents())
    for (const rule of part.getAllProperties('rrule')) readSchedule(ruleFrom(0, String(rule.getFirstValue())));
  const zone = new library.Timezone(component);
  return (at) => zone.utcOffset(library.Time.fromJSDate(new Date(at * 1000), true));
}

function ruleText(rule: ICAL.Recur, clock: EventClock): string {
  const { until } = rule;
  const text = rule.toString();
  if (!until || until.isDate) return text;
  return text.replace(/UNTIL=[^;]*/, `UNTIL=${compact(clock.wallOf(until))}`);
}

function ruleFrom(start: Wall, rule: string) {
  return { kind: 'rrule', rrule: `DTSTART:${compact(start)}\nRRULE:${rule}`, timezone: null } as const;
}

/** `20261224T090000`. */
function compact(at: Wall): string {
  return new Date(at * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
}

/** Of each series: the times of it that other events stand for. */
function replacedIn(events: readonly Event[]): ReadonlyMap<string, ReadonlySet<Wall>> {
  const replaced = new Map<string, Set<Wall>>();
  for (const { uid, replaces } of events) {
    if (replaces === null) continue;
    const times = replaced.get(uid) ?? new Set();
    replaced.set(uid, times.add(replaces));
  }
  return replaced;
}

interface Found {
  readonly start: Wall;
  readonly exclusion: Omit<Exclusion, 'calendar'>;
}

/** @param before so many were found of other events */
function timesOf(
  event: Event,
  replaced: ReadonlySet<Wall>,
  span: { readonly from: Wall; readonly to: Wall },
  before: number,
): readonly Found[] {
  const { start, seconds, rules, more, except } = event;
  if (event.isCancelled || seconds <= 0) return [];
  const after = ((span.from - seconds) * MICRO) as Instant;
  const room = EXCLUSIONS_MAX + 1 - before + except.size + replaced.size;
  const recurring = rules.flatMap((rule) =>
    nextDates(ruleFrom(start, rule), after, room, (span.to * MICRO - 1) as Instant).map(
      ({ instant }) => instant / MICRO,
    ),
  );
  return [...new Set([start, ...more, ...recurring])]
    .filter((at) => at + seconds > span.from && at < span.to && !except.has(at) && !replaced.has(at))
    .map((at) => ({ start: at, exclusion: exclusionOf(event, at) }));
}

function exclusionOf({ isDay, seconds, name, unixAt }: Event, at: Wall): Omit<Exclusion, 'calendar'> {
  const text = (time: Wall): string => {
    if (unixAt !== null) return formatInstant(instantFromMs(unixAt(time) * 1000));
    return new Date(time * 1000).toISOString().slice(0, isDay ? 10 : 19);
  };
  // Its last day is included, where that of a file of this kind is not.
  return { from: text(at), to: text(isDay ? at + seconds - DAY : at + seconds), name };
}

/** @param name of the event */
function wrapped<Result>(shown: string, name: string | null, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').slice(0, 300) : '';
    throw new OstinatoError('bad-input', `${shown}, event ${JSON.stringify(name ?? '')}: ${why}`, {
      remedy: (OstinatoError.is(error) && error.remedy) || 'Correct the event, or take it out.',
    });
  }
}
