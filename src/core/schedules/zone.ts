/**
 * Offsets of a time zone, from the zone database that `Intl` has.
 *
 * `Intl` answers in 10 µs. Changes of offset are looked for once a year of a zone (a hundred questions), and kept.
 * Times here are whole seconds: of the Unix epoch, or of a local clock as if it were UTC ("wall").
 */

import { OstinatoError } from '../errors.ts';

/** Clocks go from `before` to `after` (seconds east of UTC) at `at` (Unix seconds). */
export interface Transition {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** Where a local time lies. In a gap it is read with the offset before it: as far behind the gap as it is inside. */
export interface Resolved {
  readonly unix: number;
  /** For a fold, `unix` is the first of both. */
  readonly mark: 'gap' | 'fold' | null;
  /** The change of clocks that makes it a gap or a fold. */
  readonly transition: Transition | null;
}

export interface Zone {
  readonly name: string;
  /** Seconds east of UTC at a Unix time. */
  offsetAt(unix: number): number;
  /** Changes with `from < at <= to`, in order. */
  transitions(from: number, to: number): Transition[];
  resolve(wall: number): Resolved;
}

const DAY = 86_400;
/** No offset is further from UTC. */
const OFFSET_MAX = 16 * 3600;
/** Two changes of one zone were never closer since 1970, and are not in the rules until 2100: 6.96 days (Asia/Gaza). */
const SAMPLE = 6 * DAY;
const OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

export const UTC: Zone = {
  name: 'UTC',
  offsetAt: () => 0,
  transitions: () => [],
  resolve: (wall) => ({ unix: wall, mark: null, transition: null }),
};

const zones = new Map<string, Zone>([
  ['', UTC],
  ['UTC', UTC],
]);

/** Throws `bad-input` for what is no name of the zone database. */
export function zoneOf(name: string | null): Zone {
  const known = zones.get(name ?? '');
  if (known) return known;
  const zone = openZone(name ?? '');
  zones.set(zone.name, zone);
  return zone;
}

function openZone(name: string): Zone {
  const format = formatOf(name);
  if (!format)
    throw new OstinatoError('bad-input', `There is no time zone '${name}'.`, {
      remedy: "Write a name of the IANA database, such as 'America/New_York' or 'UTC'.",
    });
  const ask = (unix: number): number => readOffset(format.format(unix * 1000));
  const years = new Map<number, { readonly start: number; readonly changes: readonly Transition[] }>();
  const yearOf = (year: number) => {
    let known = years.get(year);
    if (!known) {
      known = findChanges(ask, Date.UTC(year, 0, 1) / 1000, Date.UTC(year + 1, 0, 1) / 1000);
      years.set(year, known);
    }
    return known;
  };
  const offsetAt = (unix: number): number => {
    const { start, changes } = yearOf(utcYear(unix));
    let offset = start;
    for (const change of changes) if (change.at <= unix) offset = change.after;
    return offset;
  };
  const transitions = (from: number, to: number): Transition[] => {
    const found: Transition[] = [];
    for (let year = utcYear(from); year <= utcYear(to); year++)
      for (const change of yearOf(year).changes) if (change.at > from && change.at <= to) found.push(change);
    return found;
  };
  return { name, offsetAt, transitions, resolve: (wall) => resolve(wall, offsetAt, transitions) };
}

function utcYear(unix: number): number {
  return new Date(unix * 1000).getUTCFullYear();
}

function formatOf(name: string): Intl.DateTimeFormat | null {
  // `Intl` takes offsets and any case, other programs do not: what is stored must mean the same to them.
  if (!/^[A-Za-z]/.test(name)) return null;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const resolved = format.resolvedOptions().timeZone;
    return resolved !== name && resolved.toLowerCase() === name.toLowerCase() ? null : format;
  } catch {
    return null;
  }
}

function readOffset(text: string): number {
  const [, sign, hours, minutes, seconds] = OFFSET.exec(text) ?? [];
  if (sign === undefined) return 0;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
  return sign === '-' ? -size : size;
}

/** The offset just before `from`, and the changes in `[from, to)`. */
function findChanges(ask: (unix: number) => number, from: number, to: number) {
  const changes: Transition[] = [];
  const start = ask(from - 1);
  let before = start;
  for (let low = from - 1; low < to - 1; low = Math.min(low + SAMPLE, to - 1)) {
    const end = Math.min(low + SAMPLE, to - 1);
    const after = ask(end);
    if (after === before) continue;
    let [old, fresh] = [low, end];
    while (fresh - old > 1) {
      const middle = Math.floor((old + fresh) / 2);
      if (ask(middle) === before) old = middle;
      else fresh = middle;
    }
    changes.push({ at: fresh, before, after });
    before = after;
  }
  return { start, changes };
}

function resolve(wall: number, offsetAt: Zone['offsetAt'], transitions: Zone['transitions']): Resolved {
  let offset = offsetAt(wall - OFFSET_MAX);
  for (const transition of transitions(wall - OFFSET_MAX, wall + OFFSET_MAX)) {
    const { at, before, after } = transition;
    if (wall < at + Math.min(before, after)) break;
    if (wall < at + before) return { unix: wall - before, mark: 'fold', transition };
    if (wall < at + after) return { unix: wall - before, mark: 'gap', transition };
    offset = after;
  }
  return { unix: wall - offset, mark: null, transition: null };
}
