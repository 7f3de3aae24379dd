/** Points in time as clocks of a zone show them, and back. */

import { OstinatoError } from '../errors.ts';
import { instantFromMs, parseInstant, type Instant } from '../time.ts';
import { MICRO } from './date-series.ts';
import type { Zone } from './zone.ts';

/** With the offset from UTC: `2026-03-29T09:00:00+02:00`; with a fraction where it has one. */
export function zonedText(instant: Instant, zone: Zone): string {
  const unix = Math.floor(instant / MICRO);
  const micros = instant - unix * MICRO;
  const offset = zone.offsetAt(unix);
  const wall = new Date((unix + offset) * 1000).toISOString().slice(0, -5);
  return `${wall}${micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`}${offsetText(offset)}`;
}

function offsetText(seconds: number): string {
  const size = Math.abs(seconds);
  const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');
  const rest = size % 60;
  return `${seconds < 0 ? '-' : '+'}${two(size / 3600)}:${two((size % 3600) / 60)}${rest === 0 ? '' : `:${two(rest)}`}`;
}

const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}))?)?$/;

/**
 * The instant of a time that people wrote: with an offset it is that, without one it is local time of the zone, a date
 * alone its midnight. In a gap it moves forward, in a fold it is the first of both.
 *
 * @param what begins the message
 * @throws `bad-input` for what is no time
 */
export function readLocalTime(text: string, zone: Zone, what: string): Instant {
  const [, date, time = '00:00', seconds = '00'] = LOCAL.exec(text.trim()) ?? [];
  if (date === undefined) {
    const instant = parseInstant(text);
    if (instant !== null) return instant;
    throw noTime(text, what);
  }
  const ms = Date.parse(`${date}T${time}:${seconds}Z`);
  // 30 February would be in March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(`${date}T${time}`)) throw noTime(text, what);
  return instantFromMs(zone.resolve(ms / 1000).unix * 1000);
}

function noTime(text: string, what: string): OstinatoError {
  return new OstinatoError('bad-input', `${what} "${text.slice(0, 60)}" is no time.`, {
    remedy: 'Write a date, 2026-03-01, a local time, 2026-03-01T09:00, or one with its offset, 2026-03-01T09:00:00Z.',
  });
}
