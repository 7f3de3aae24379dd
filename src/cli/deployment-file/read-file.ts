/** Reads a deployment's file: its fields, or everything that is wrong with them, each with its line. */

import { parseInstant, type Instant } from '../../core/time.ts';
import { readSchedule } from '../../core/schedules/next-dates.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { OstinatoError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import { compile, type Mismatch } from '../../contract/validator.ts';
import { wrongSlots, type WrongSlots } from './exclude.ts';
import { DeploymentFile, FIELDS, SCHEDULE_FIELDS, type FieldWords, type ScheduleEntry } from './fields.ts';
import { readDocument, type Complaint, type WrittenDocument } from './written-document.ts';

export interface ReadFile {
  /** `null` where something is wrong. */
  readonly fields: DeploymentFile | null;
  readonly complaints: readonly Complaint[];
  readonly placeOf: WrittenDocument['placeOf'];
}

const COMPLAINTS_MAX = 20;

export function readDeploymentFile(text: string, now: Instant): ReadFile {
  const document = readDocument(text);
  const { placeOf, value } = document;
  if (document.complaints.length > 0) return { fields: null, complaints: document.complaints, placeOf };
  return { ...readFields(value, placeOf, now), placeOf };
}

/** The fields of one deployment, wherever they stand. */
export function readFields(
  value: unknown,
  placeOf: WrittenDocument['placeOf'],
  now: Instant,
): Pick<ReadFile, 'fields' | 'complaints'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = value === null ? 'The file is empty.' : 'The file does not consist of fields.';
    const advice = 'Write fields, NAME: VALUE on a line; `ostinato deployment build` makes such a file.';
    return { fields: null, complaints: [{ ...placeOf([]), message, advice }] };
  }
  const mismatches = compile(DeploymentFile).mismatches(value, COMPLAINTS_MAX);
  if (mismatches.length > 0) return { fields: null, complaints: mismatches.map((each) => complaintOf(each, placeOf)) };
  const fields = value as DeploymentFile;
  const complaints = (fields.schedules ?? []).flatMap((entry, index) => {
    const wrong = wrongWith(entry, now);
    return wrong === null ? [] : [{ ...placeOf(['schedules', index, ...wrong.path]), ...wrong.words }];
  });
  return { fields: complaints.length === 0 ? fields : null, complaints };
}

function complaintOf({ keyword, path, input }: Mismatch, placeOf: WrittenDocument['placeOf']): Complaint {
  const place = placeOf(path);
  const [top, index, inner] = path;
  const isInSchedule = top === 'schedules' && typeof index === 'number' && inner !== undefined;
  const table: Readonly<Record<string, FieldWords | undefined>> = isInSchedule ? SCHEDULE_FIELDS : FIELDS;
  const name = String((isInSchedule ? inner : top) ?? '');
  if (keyword === 'additionalProperties') {
    const known = Object.keys(table);
    const advice = `Fields ${isInSchedule ? 'of a schedule ' : ''}are: ${known.join(', ')}.`;
    return { ...place, message: `There is no field "${name}".${didYouMean(name, known)}`, advice };
  }
  const words = table[name];
  const advice = words === undefined ? '' : `Write, for instance: ${words.example}`;
  if (keyword === 'required') return { ...place, message: `The field "${name}" is missing.`, advice };
  const what = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
  const must = top === 'schedules' && inner === undefined && index !== undefined ? 'fields such as cron' : words?.must;
  return { ...place, message: `"${what}" must be ${must ?? 'something else'}, not ${kindOf(input)}.`, advice };
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'fields';
  if (value === '') return 'an empty text';
  const text = JSON.stringify(value);
  return `the ${typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'value'} ${text.length > 60 ? `${text.slice(0, 59)}…` : text}`;
}

const KINDS = ['cron', 'interval', 'rrule'] as const;

function wrongWith(entry: ScheduleEntry, now: Instant): WrongSlots | null {
  const kinds = KINDS.filter((kind) => entry[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const message =
      kind === undefined
        ? 'The schedule says no times.'
        : `The schedule says its times in ${kinds.length} ways: ${kinds.join(', ')}.`;
    const advice = `Give it one of cron, interval and rrule, for instance: ${SCHEDULE_FIELDS.cron.example}`;
    return { path: kinds.slice(1, 2), words: { message, advice } };
  }
  const stray = kind === 'interval' ? 'day_or' : 'anchor_date';
  for (const name of kind === 'rrule' ? (['day_or', 'anchor_date'] as const) : ([stray] as const))
    if (entry[name] !== undefined) {
      const owner = name === 'day_or' ? 'cron' : 'interval';
      return {
        path: [name],
        words: {
          message: `"${name}" belongs to schedules by ${owner}, and this one is by ${kind}.`,
          advice: 'Leave it out.',
        },
      };
    }
  if (entry.anchor_date !== undefined && parseInstant(entry.anchor_date) === null)
    return {
      path: ['anchor_date'],
      words: {
        message: `"${entry.anchor_date}" is no time.`,
        advice: `Write, for instance: ${SCHEDULE_FIELDS.anchor_date.example}`,
      },
    };
  try {
    const schedule = scheduleOf(entry, now);
    readSchedule(schedule);
    return wrongSlots(entry, schedule, now);
  } catch (error) {
    if (!OstinatoError.is(error)) throw error;
    const isZone = entry.timezone !== undefined && !isZoneKnown(entry.timezone);
    const advice = error.remedy || `Write, for instance: ${SCHEDULE_FIELDS[isZone ? 'timezone' : kind].example}`;
    return { path: [isZone ? 'timezone' : kind], words: { message: error.message, advice } };
  }
}

function isZoneKnown(zone: string): boolean {
  try {
    readSchedule({ kind: 'cron', cron: '@daily', timezone: zone, dayOr: true });
    return true;
  } catch {
    return false;
  }
}

/** @param now where an interval begins that does not say when */
export function scheduleOf(entry: ScheduleEntry, now: Instant): Schedule {
  const timezone = entry.timezone ?? null;
  if (entry.cron !== undefined) return { kind: 'cron', cron: entry.cron, timezone, dayOr: entry.day_or ?? true };
  if (entry.rrule !== undefined) return { kind: 'rrule', rrule: entry.rrule, timezone };
  const anchorDate = (entry.anchor_date === undefined ? null : parseInstant(entry.anchor_date)) ?? now;
  return { kind: 'interval', interval: entry.interval ?? 0, anchorDate, timezone };
}
