/**
 * What narrows and moves the slots of a schedule: jitter, a start, an end, and times that are left out.
 *
 * Days and times without an offset are those of the schedule's zone; of a time that clocks show twice, the first.
 */

import { OstinatoError } from '../errors.ts';
import { parseInstant, type Instant } from '../time.ts';
import { MICRO } from './date-series.ts';
import { nextDates } from './next-dates.ts';
import type { Schedule } from './schedule.ts';
import { zoneOfSlots } from './slot.ts';
import { zoneOf, type Zone } from './zone.ts';

/** Slots between both are skipped. */
export interface Exclusion {
  /** A day (`2026-12-24`), a local time (`2026-12-24T09:00:00`), or a time with its offset. */
  readonly from: string;
  /** The same. A day is included; a time is where the exclusion ends. */
  readonly to: string;
  readonly name: string | null;
  /** The calendar that has it; `null`: it was written with the schedule. */
  readonly calendar: string | null;
}

/** `2026-12-24`, or `2026-12-24/2026-12-26`. */
export function exclusionIn(text: string): Exclusion {
  const at = text.indexOf('/');
  const [from, to] = at < 0 ? [text, text] : [text.slice(0, at), text.slice(at + 1)];
  return { from: from.trim(), to: to.trim(), name: null, calendar: null };
}

export interface SlotRules {
  /** A slot is due so much later at most: how much is drawn of the schedule and the slot, always the same. */
  readonly jitterSeconds: number;
  /** As in an exclusion. No slot before it. */
  readonly start: string | null;
  /** No slot behind it: none at a time or later, none after a day. */
  readonly end: string | null;
  readonly exclusions: readonly Exclusion[];
}

export const NO_SLOT_RULES: SlotRules = { jitterSeconds: 0, start: null, end: null, exclusions: [] };

/** Of one schedule: they are read with it each time that one of its runs begins. */
export const EXCLUSIONS_MAX = 1000;
/** Of the names of an exclusion and its calendar. */
export const EXCLUSION_NAME_MAX = 200;

/** Rules as they are asked of each date. */
export interface ReadRules {
  readonly jitterMicros: number;
  readonly start: Instant | null;
  /** No slot from then on. */
  readonly end: Instant | null;
  /** The exclusion that an instant lies in, and when that one ends. */
  exclusionAt(instant: Instant): { readonly exclusion: Exclusion; readonly to: Instant } | null;
}

const read = new WeakMap<SlotRules, { readonly zone: Zone; readonly rules: ReadRules }>();

/** @param rules ones in which nothing is wrong */
export function readRules(rules: SlotRules, schedule: Pick<Schedule, 'timezone'>): ReadRules {
  const zone = zoneOf(zoneOfSlots(schedule));
  const known = read.get(rules);
  if (known?.zone === zone) return known.rules;
  const spans = rules.exclusions
    .map((exclusion) => ({
      exclusion,
      from: momentOf(exclusion.from, zone, 'first') ?? (0 as Instant),
      to: momentOf(exclusion.to, zone, 'last') ?? (0 as Instant),
    }))
    .sort((a, b) => a.from - b.from);
  const fresh: ReadRules = {
    jitterMicros: rules.jitterSeconds * MICRO,
    start: rules.start === null ? null : momentOf(rules.start, zone, 'first'),
    end: rules.end === null ? null : momentOf(rules.end, zone, 'last'),
    exclusionAt: (instant) => spans.find(({ from, to }) => from <= instant && instant < to) ?? null,
  };
  read.set(rules, { zone, rules: fresh });
  return fresh;
}

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const DAY = 86_400;

/**
 * `null`: it is no time.
 *
 * @param side of a day: where it begins, or where it has ended
 */
function momentOf(text: string, zone: Zone, side: 'first' | 'last'): Instant | null {
  const parts = LOCAL.exec(text);
  if (parts === null) return parseInstant(text);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  const isSame = new Date(wall * 1000).toISOString().startsWith(text.slice(0, 16).replace(' ', 'T'));
  if (!isSame) return null;
  const isDay = parts[4] === undefined;
  return (zone.resolve(isDay && side === 'last' ? wall + DAY : wall).unix * MICRO) as Instant;
}

/** What is wrong with rules, and with which of them. */
export interface WrongRules {
  readonly field: 'jitter' | 'start' | 'end' | 'exclusions';
  /** Of the exclusions: which one. */
  readonly index: number | null;
  readonly message: string;
  readonly remedy: string;
}

const MOMENTS =
  'Write a day, 2026-12-24, a time of the zone of the schedule, 2026-12-24T09:00:00, or one with an offset.';

/**
 * `null`: nothing is.
 *
 * @param schedule one that can be read
 */
export function wrongWithRules(rules: SlotRules, schedule: Schedule, now: Instant): WrongRules | null {
  const zone = zoneOf(zoneOfSlots(schedule));
  const { start, end } = rules;
  for (const [field, text] of [
    ['start', start],
    ['end', end],
  ] as const)
    if (text !== null && momentOf(text, zone, 'first') === null) return noTime(field, null, text);
  if (start !== null && end !== null && !isBefore(start, end, zone))
    return { field: 'end', index: null, message: `It ends at ${end}, before it starts at ${start}.`, remedy: MOMENTS };
  return wrongExclusion(rules, zone) ?? wrongJitter(rules, schedule, now);
}

function isBefore(from: string, to: string, zone: Zone): boolean {
  return (momentOf(from, zone, 'first') ?? 0) < (momentOf(to, zone, 'last') ?? 0);
}

function noTime(field: WrongRules['field'], index: number | null, text: string): WrongRules {
  return { field, index, message: `${JSON.stringify(text.slice(0, 60))} is no time.`, remedy: MOMENTS };
}

function wrongExclusion({ exclusions }: SlotRules, zone: Zone): WrongRules | null {
  if (exclusions.length > EXCLUSIONS_MAX)
    return {
      field: 'exclusions',
      index: null,
      message: `${exclusions.length} exclusions are too many for a schedule: ${EXCLUSIONS_MAX} at most.`,
      remedy: 'Write neighbouring days as one, with from and to, and leave out those that are past.',
    };
  for (const [index, { from, to, calendar }] of exclusions.entries()) {
    const wrong = [from, to].find((text) => momentOf(text, zone, 'first') === null);
    if (wrong !== undefined) return noTime('exclusions', index, wrong);
    if (isBefore(from, to, zone)) continue;
    const message = `The exclusion${calendar === null ? '' : ` of ${calendar}`} ends at ${to}, before it begins at ${from}.`;
    return { field: 'exclusions', index, message, remedy: 'Write the earlier of both as from.' };
  }
  return null;
}

/** So many dates tell how far apart they are. */
const GAPS_LOOKED_AT = 50;

/** Slots keep their order: none is moved onto the next one. */
function wrongJitter({ jitterSeconds }: SlotRules, schedule: Schedule, now: Instant): WrongRules | null {
  const of = { field: 'jitter', index: null } as const;
  if (!(jitterSeconds >= 0))
    return {
      ...of,
      message: `A jitter of ${jitterSeconds} seconds cannot be.`,
      remedy: 'Write a number of seconds, 0 or more.',
    };
  if (jitterSeconds === 0) return null;
  const dates = nextDates(schedule, now, GAPS_LOOKED_AT).map(({ instant }) => instant);
  const gaps = dates.slice(1).map((date, index) => (date - (dates[index] ?? date)) / MICRO);
  const least = Math.min(...gaps);
  if (jitterSeconds <= least) return null;
  const message = `A jitter of ${jitterSeconds} s is longer than the ${least} s between two dates of the schedule.`;
  return { ...of, message, remedy: `Write a jitter of ${least} seconds at most.` };
}

/** @throws `bad-input`, with what is wrong */
export function checkRules(rules: SlotRules | null, schedule: Schedule, now: Instant): void {
  const wrong = rules === null ? null : wrongWithRules(rules, schedule, now);
  if (wrong !== null) throw new OstinatoError('bad-input', wrong.message, { remedy: wrong.remedy });
}

/** `null`: none of them says anything. */
export function rulesOrNone(rules: SlotRules): SlotRules | null {
  const { jitterSeconds, start, end, exclusions } = rules;
  return jitterSeconds === 0 && start === null && end === null && exclusions.length === 0 ? null : rules;
}

/** Why a slot in it is skipped, in words. */
export function exclusionWords(exclusion: Exclusion): string {
  return `It is left out: ${exclusionText(exclusion)}.`;
}

/** `Christmas (2026-12-24 to 2026-12-26, holidays.ics)`. */
export function exclusionText({ from, to, name, calendar }: Exclusion): string {
  const when = [from === to ? from : `${from} to ${to}`, ...(calendar === null ? [] : [calendar])].join(', ');
  return name === null ? when : `${name} (${when})`;
}
