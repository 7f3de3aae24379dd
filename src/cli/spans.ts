/** Lengths and points of time as people write them behind an option. */
import { InvalidArgumentError } from 'commander';

import { parseInstant, type Instant } from '../core/time.ts';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const SPAN = /^(\d{1,9}(?:\.\d+)?)([smhdw])?$/;

/** In seconds: `90`, `90s`, `15m`, `2h`, `1.5d`, `1w`. */
export function parseSpan(text: string): number {
  const [, count, unit] = SPAN.exec(text) ?? [];
  if (count === undefined)
    throw new InvalidArgumentError('It must be a time such as 90s, 15m, 2h or 3d; without a letter it is seconds.');
  return Number(count) * UNITS[(unit ?? 's') as keyof typeof UNITS];
}

/** As `parseSpan`, several times, more than nothing. */
export function collectSpans(text: string, before: readonly number[] | undefined): number[] {
  const seconds = parseSpan(text);
  if (seconds <= 0) throw new InvalidArgumentError('It must be more than 0.');
  return [...(before ?? []), seconds];
}

const WORDS = /^(today|tomorrow)(?:\s+(?:at\s+)?(.+))?$/i;
const CLOCK = /^(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*(am|pm)?$/i;

/**
 * A time in words, in the zone of this machine: RFC 3339, `2026-11-22 09:00`, `tomorrow 9am`, `today 17:30`, or a time
 * of day, which is the next one. `null`: it is none.
 */
export function readTime(text: string, now: Date): Instant | null {
  const word = text.trim();
  const [, day, rest] = WORDS.exec(word) ?? [];
  const clock = CLOCK.exec(day === undefined ? word : (rest ?? '0:00'));
  if (clock !== null && (day !== undefined || /[:apm]/i.test(word))) {
    const at = timeOfDay(clock, now, day?.toLowerCase() === 'tomorrow' ? 1 : 0);
    if (at === null) return null;
    if (day === undefined && at <= now) at.setDate(at.getDate() + 1);
    return instantOf(at);
  }
  if (day !== undefined) return null;
  // A date without an offset is of this machine's zone; JavaScript takes one without a time for UTC.
  const local = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/.exec(word);
  if (local !== null) return instantOf(new Date(`${local[1]}T${local[2] ?? '00:00'}`));
  return parseInstant(word);
}

function timeOfDay([, hours, minutes, seconds, half]: RegExpExecArray, now: Date, days: number): Date | null {
  const given = Number(hours);
  if (half !== undefined && (given < 1 || given > 12)) return null;
  const hour = half === undefined ? given : (given % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  const at = new Date(now);
  at.setDate(at.getDate() + days);
  at.setHours(hour, Number(minutes ?? 0), Number(seconds ?? 0), 0);
  return hour > 23 || Number(minutes ?? 0) > 59 || Number(seconds ?? 0) > 59 ? null : at;
}

function instantOf(date: Date): Instant | null {
  const milliseconds = date.getTime();
  return Number.isNaN(milliseconds) ? null : ((milliseconds * 1000) as Instant);
}

/** For an option. */
export function parseTime(text: string): Instant {
  const at = readTime(text, new Date());
  if (at !== null) return at;
  throw new InvalidArgumentError('It must be a time such as "tomorrow 9am", 17:30 or 2026-11-22T09:00:00Z.');
}
