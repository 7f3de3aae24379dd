/** What is wrong with a schedule that a file writes down: all of it. */

import { OstinatoError } from '../../core/errors.ts';
import { readSchedule } from '../../core/schedules/next-dates.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { parseInstant, type Instant } from '../../core/time.ts';
import { wrongSlots, type WrongSlots } from './exclude.ts';
import { SCHEDULE_FIELDS, type ScheduleEntry } from './fields.ts';

export const KINDS = ['cron', 'interval', 'rrule'] as const;

/** @param isKindTold its times are something else than they must be, which was told */
export function wrongWith(entry: ScheduleEntry, isKindTold: boolean, now: Instant): readonly WrongSlots[] {
  const kinds = KINDS.filter((kind) => entry[kind] !== undefined);
  const [kind] = kinds;
  const wrong = [...wrongAnchor(entry), ...wrongZone(entry)];
  if (isKindTold) return wrong;
  if (kind === undefined || kinds.length > 1) return [wrongKinds(kinds), ...wrong];
  const all = [...strays(entry, kind), ...wrong, ...wrongTimes(entry, kind, now)];
  if (all.length > 0) return all;
  const slots = wrongSlots(entry, scheduleOf(entry, now), now);
  return slots === null ? [] : [slots];
}

function wrongKinds(kinds: readonly string[]): WrongSlots {
  const message =
    kinds.length === 0
      ? 'The schedule says no times.'
      : `The schedule says its times in ${kinds.length} ways: ${kinds.join(', ')}.`;
  const advice = `Give it one of cron, interval and rrule, for instance: ${SCHEDULE_FIELDS.cron.example}`;
  return { path: kinds.slice(1, 2), words: { message, advice } };
}

function strays(entry: ScheduleEntry, kind: (typeof KINDS)[number]): readonly WrongSlots[] {
  const owners = { day_or: 'cron', anchor_date: 'interval' } as const;
  return (['day_or', 'anchor_date'] as const).flatMap((name) => {
    const owner = owners[name];
    if (entry[name] === undefined || owner === kind) return [];
    const message = `"${name}" belongs to schedules by ${owner}, and this one is by ${kind}.`;
    return [{ path: [name], words: { message, advice: 'Leave it out.' } }];
  });
}

function wrongAnchor({ anchor_date: anchor }: ScheduleEntry): readonly WrongSlots[] {
  if (anchor === undefined || parseInstant(anchor) !== null) return [];
  const advice = `Write, for instance: ${SCHEDULE_FIELDS.anchor_date.example}`;
  return [{ path: ['anchor_date'], words: { message: `"${anchor}" is no time.`, advice } }];
}

function wrongZone({ timezone }: ScheduleEntry): readonly WrongSlots[] {
  if (timezone === undefined) return [];
  return refusal({ kind: 'cron', cron: '@daily', timezone, dayOr: true }, 'timezone');
}

/** Whatever its zone is. */
function wrongTimes(entry: ScheduleEntry, kind: (typeof KINDS)[number], now: Instant): readonly WrongSlots[] {
  return refusal(scheduleOf({ ...entry, timezone: undefined }, now), kind);
}

function refusal(schedule: Schedule, name: keyof ScheduleEntry): readonly WrongSlots[] {
  try {
    readSchedule(schedule);
    return [];
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
    const advice = error.remedy || `Write, for instance: ${SCHEDULE_FIELDS[name].example}`;
    return [{ path: [name], words: { message: error.message, advice } }];
  }
}

type Times = { readonly [Name in keyof ScheduleEntry]?: ScheduleEntry[Name] | undefined };

/** @param now where an interval begins that does not say when */
export function scheduleOf(entry: Times, now: Instant): Schedule {
  const timezone = entry.timezone ?? null;
  if (entry.cron !== undefined) return { kind: 'cron', cron: entry.cron, timezone, dayOr: entry.day_or ?? true };
  if (entry.rrule !== undefined) return { kind: 'rrule', rrule: entry.rrule, timezone };
  const anchorDate = (entry.anchor_date === undefined ? null : parseInstant(entry.anchor_date)) ?? now;
  return { kind: 'interval', interval: entry.interval ?? 0, anchorDate, timezone };
}
