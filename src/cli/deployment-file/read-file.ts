/** Reads a deployment's file: its fields, or everything that is wrong with them, each with its line. */

import type { Instant } from '../../core/time.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import { compile, type Mismatch } from '../../contract/validator.ts';
import { DeploymentFile, FIELDS, SCHEDULE_FIELDS, type FieldWords, type ScheduleEntry } from './fields.ts';
import { inOrder } from './complaints.ts';
import { KINDS, wrongWith } from './wrong-schedules.ts';
import { readDocument, type Complaint, type WrittenDocument } from './written-document.ts';

export interface ReadFile {
  /** `null` where something is wrong. */
  readonly fields: DeploymentFile | null;
  /**
   * With what is wrong left out, so that the rest can be checked against its flow; `null`: too little is left. A
   * schedule that is wrong says nothing.
   */
  readonly usable: DeploymentFile | null;
  readonly complaints: readonly Complaint[];
  readonly placeOf: WrittenDocument['placeOf'];
}

const COMPLAINTS_MAX = 20;

export function readDeploymentFile(text: string, now: Instant): ReadFile {
  const document = readDocument(text);
  const { placeOf, value } = document;
  if (document.complaints.length > 0) return { fields: null, usable: null, complaints: document.complaints, placeOf };
  return { ...readFields(value, placeOf, now), placeOf };
}

/** The fields of one deployment, wherever they stand. */
export function readFields(
  value: unknown,
  placeOf: WrittenDocument['placeOf'],
  now: Instant,
): Omit<ReadFile, 'placeOf'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = value === null ? 'The file is empty.' : 'The file does not consist of fields.';
    const advice = 'Write fields, NAME: VALUE on a line; `ostinato deployment build` makes such a file.';
    return { fields: null, usable: null, complaints: [{ ...placeOf([]), message, advice }] };
  }
  const mismatches = compile(DeploymentFile).mismatches(value, COMPLAINTS_MAX);
  const rest = withoutWrong(value, mismatches);
  const wrong = rest.schedules.flatMap(({ entry, isKindTold }, index) =>
    entry === null
      ? []
      : wrongWith(entry, isKindTold, now).map(({ path, words }) => ({
          index,
          at: ['schedules', index, ...path],
          words,
        })),
  );
  const complaints = [
    ...mismatches.map((each) => complaintOf(each, placeOf)),
    ...wrong.map(({ at, words }) => ({ ...placeOf(at), ...words })),
  ];
  if (complaints.length === 0) return { fields: value as DeploymentFile, usable: value as DeploymentFile, complaints };
  const schedules = rest.schedules.map(({ entry }, index) =>
    entry === null || wrong.some((each) => each.index === index) ? {} : entry,
  );
  const usable = { ...rest.fields, schedules };
  return {
    fields: null,
    usable: compile(DeploymentFile).fits(usable) ? (usable as unknown as DeploymentFile) : null,
    complaints: inOrder(complaints),
  };
}

interface Rest {
  readonly fields: Readonly<Record<string, unknown>>;
  /** `null`: it is something else than a schedule. */
  readonly schedules: readonly { readonly entry: ScheduleEntry | null; readonly isKindTold: boolean }[];
}

/** What is left to be looked at: each member that is something else than it must be is taken out. */
function withoutWrong(value: object, mismatches: readonly Mismatch[]): Rest {
  const fields: Record<string, unknown> = { ...value };
  const given = Array.isArray(fields['schedules']) ? (fields['schedules'] as readonly unknown[]) : [];
  delete fields['schedules'];
  for (const { path } of mismatches) delete fields[String(path[0])];
  const schedules = given.map((entry, index) => {
    const own = mismatches.filter(({ path }) => path[0] === 'schedules' && path[1] === index);
    if (own.some(({ path }) => path.length === 2)) return { entry: null, isKindTold: true };
    const names = new Set(own.map(({ path }) => String(path[2])));
    const members = Object.entries(entry as object).filter(([name]) => !names.has(name));
    const isKindTold = KINDS.some((kind) => names.has(kind));
    return { entry: Object.fromEntries(members) as ScheduleEntry, isKindTold };
  });
  return { fields, schedules };
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
