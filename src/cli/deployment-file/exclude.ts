/** What schedules of a file leave out: days and times that stand there, and those of calendars, which are files. */

import { Action } from '../../contract/route.ts';
import { Type, type Static } from '../../contract/type.ts';
import { compile } from '../../contract/validator.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import {
  exclusionIn,
  NO_SLOT_RULES,
  wrongWithRules,
  type Exclusion,
  type SlotRules,
} from '../../core/schedules/slot-rules.ts';
import type { Instant } from '../../core/time.ts';
import { readCalendarFile } from '../../platform/calendar-file.ts';
import type { WantedSchedule } from '../../client/control/apply-deployment.ts';
import { SCHEDULE_FIELDS, type ScheduleEntry } from './fields.ts';
import type { Complaint, WrittenDocument } from './written-document.ts';

const Span = Action({
  from: Type.String({ minLength: 1 }),
  to: Type.Optional(Type.String({ minLength: 1 })),
  name: Type.Optional(Type.String()),
});
const Calendar = Action({ calendar: Type.String({ minLength: 1 }) });

/** What is wrong with a schedule, and below which of its fields. */
export interface WrongSlots {
  readonly path: readonly (string | number)[];
  readonly words: Pick<Complaint, 'message' | 'advice'>;
}

interface Excluded {
  readonly written: readonly Exclusion[];
  /** Of each of them: which entry of the list it is. */
  readonly places: readonly number[];
  readonly calendars: readonly { readonly path: string; readonly place: number }[];
}

/** `wrong`: the first entry that is no text, no span, and no calendar. */
function readExclude(entries: readonly unknown[]): Excluded | { readonly wrong: number } {
  const written: Exclusion[] = [];
  const places: number[] = [];
  const calendars: { readonly path: string; readonly place: number }[] = [];
  for (const [place, entry] of entries.entries()) {
    if (compile(Calendar).mismatches(entry, 1).length === 0) {
      calendars.push({ path: (entry as Static<typeof Calendar>).calendar, place });
      continue;
    }
    const isText = typeof entry === 'string' && entry !== '';
    if (!isText && compile(Span).mismatches(entry, 1).length > 0) return { wrong: place };
    written.push(isText ? exclusionIn(entry) : spanOf(entry as Static<typeof Span>));
    places.push(place);
  }
  return { written, places, calendars };
}

function spanOf({ from, to = from, name }: Static<typeof Span>): Exclusion {
  return { from, to, name: name ?? null, calendar: null };
}

function rulesOf({ jitter = 0, start = null, end = null }: ScheduleEntry, exclusions: readonly Exclusion[]): SlotRules {
  return { ...NO_SLOT_RULES, jitterSeconds: jitter, start, end, exclusions };
}

/** As far as it is known without calendars. @param schedule one that can be read */
export function wrongSlots(entry: ScheduleEntry, schedule: Schedule, now: Instant): WrongSlots | null {
  const advice = `Write, for instance: ${SCHEDULE_FIELDS.exclude.example}`;
  const excluded = readExclude(entry.exclude ?? []);
  if ('wrong' in excluded) {
    const message = 'What is left out is a day, from/to, or fields: from, to and name, or calendar.';
    return { path: ['exclude', excluded.wrong], words: { message, advice } };
  }
  const wrong = wrongWithRules(rulesOf(entry, excluded.written), schedule, now);
  if (wrong === null) return null;
  const { field, index, message, remedy } = wrong;
  const place = index === null ? undefined : excluded.places[index];
  const path = field === 'exclusions' ? ['exclude', ...(place === undefined ? [] : [place])] : [field];
  return { path, words: { message, advice: remedy } };
}

interface Reading {
  /** The folder of the file. */
  readonly folder: string;
  readonly placeOf: WrittenDocument['placeOf'];
  readonly now: Instant;
  /** Of an entry. */
  scheduleOf(entry: ScheduleEntry): Schedule;
}

/** Schedules as a server is asked for them, with what is in their calendars; and what is wrong with these. */
export async function withCalendars(
  entries: readonly ScheduleEntry[],
  reading: Reading,
): Promise<{ readonly schedules: readonly WantedSchedule[]; readonly complaints: readonly Complaint[] }> {
  const schedules: WantedSchedule[] = [];
  const complaints: Complaint[] = [];
  for (const [index, entry] of entries.entries()) {
    const { exclude, ...rest } = entry;
    if (exclude === undefined) {
      schedules.push(rest);
      continue;
    }
    const found = await readCalendars(entry, exclude, reading);
    if ('words' in found) complaints.push({ ...reading.placeOf(['schedules', index, ...found.path]), ...found.words });
    else schedules.push({ ...rest, exclusions: found.exclusions });
  }
  return { schedules, complaints };
}

async function readCalendars(
  entry: ScheduleEntry,
  exclude: readonly unknown[],
  { folder, now, scheduleOf }: Reading,
): Promise<WrongSlots | { readonly exclusions: readonly Exclusion[] }> {
  const excluded = readExclude(exclude);
  if ('wrong' in excluded) return { exclusions: [] };
  const exclusions = [...excluded.written];
  for (const { path, place } of excluded.calendars) {
    try {
      exclusions.push(...(await readCalendarFile(folder, path, now)));
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      return { path: ['exclude', place], words: { message: error.message, advice: error.remedy } };
    }
  }
  const wrong = wrongWithRules(rulesOf(entry, exclusions), scheduleOf(entry), now);
  return wrong === null
    ? { exclusions }
    : { path: ['exclude'], words: { message: wrong.message, advice: wrong.remedy } };
}
