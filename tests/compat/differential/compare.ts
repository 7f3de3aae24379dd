/**
 * Two answers to one request: their status and their values, but for ids and times that each server gives by itself.
 */
import { parseInstant } from '../../../src/core/time.ts';
import type { Request } from './generator.ts';

export interface Answer {
  readonly status: number;
  /** With names in place of ids. */
  readonly text: string;
}

/** One thing that is not the same. */
export interface Difference {
  /** `status`, or a place in the body: `.state.name`, `[].id`. */
  readonly at: string;
  readonly theirs: string;
  readonly ours: string;
}

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

const SHOWN_CHARACTERS = 300;
const DAY_US = 86_400_000_000;

export function differences(request: Request, theirs: Answer, ours: Answer): readonly Difference[] {
  if (theirs.status !== ours.status) return [{ at: 'status', theirs: said(theirs), ours: said(ours) }];
  const [one, other] = [read(theirs.text, request), read(ours.text, request)];
  return [...compare('', one, other, request)];
}

interface Refusal {
  readonly exception_detail?: { readonly type: string; readonly loc: readonly (string | number)[] }[];
  readonly detail?: unknown;
}

/** The status, and of a refusal what it is about. */
function said({ status, text }: Answer): string {
  if (status < 400) return String(status);
  const body = parsed(text) as Refusal | null;
  const problems = body?.exception_detail;
  const words = Array.isArray(problems)
    ? problems.map(({ type, loc }) => `${type} ${loc.join('.')}`).join('; ')
    : JSON.stringify(body?.detail ?? body);
  return `${status} ${words.slice(0, SHOWN_CHARACTERS)}`;
}

/** Numbers that are written otherwise than here are texts, since it is told how they are written. */
function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
        ? `number ${context.source}`
        : value,
    );
  } catch {
    return text;
  }
}

function read(text: string, request: Request): Value {
  return plain(parsed(text) as Value, '', request);
}

/** Seconds that passed, and what is counted with them. */
const PASSING =
  /^(?:total_run_time|(?:sum_)?estimated_(?:run_time|start_time_delta|lateness)|duration|lateness|delay_seconds)$/;
/** What a server makes up. */
const MADE_UP = /^[a-z]+-[a-z]+$/;

function plain(value: Value, key: string, request: Request): Value {
  if (PASSING.test(key)) return value === null ? null : '<seconds>';
  if (typeof value === 'string') return plainText(value, key, request);
  if (Array.isArray(value)) return (value as readonly Value[]).map((part) => plain(part, key, request));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part, name, request)]));
}

function plainText(text: string, key: string, request: Request): Value {
  // It holds the filter, as each server writes it, and the address of the server.
  if (key === 'next_page') return '<page>';
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? parseInstant(text) : null;
  if (at !== null && !/^(?:request_body|input)$/.test(key))
    return Math.abs(at - Date.now() * 1000) < 2 * DAY_US ? '<now>' : `time ${at}`;
  // A service says so when it is due: the same for both, sooner or later.
  if (text === 'Late') return 'Scheduled';
  return /^(?:name|flow_run_name|label)$/.test(key) &&
    MADE_UP.test(text) &&
    request.body?.includes(`"${text}"`) !== true
    ? '<made up>'
    : text;
}

function* compare(at: string, theirs: Value, ours: Value, request: Request): Generator<Difference> {
  if (JSON.stringify(theirs) === JSON.stringify(ours)) return;
  if (isList(theirs) && isList(ours)) return yield* compareLists(at, theirs, ours, request);
  if (isObject(theirs) && isObject(ours)) {
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      const place = `${at}.${key}`;
      if (!Object.hasOwn(ours, key)) yield { at: place, theirs: shown(theirs[key]), ours: 'nothing' };
      else if (!Object.hasOwn(theirs, key)) yield { at: place, theirs: 'nothing', ours: shown(ours[key]) };
      else yield* compare(place, theirs[key] as Value, ours[key] as Value, request);
    }
    return;
  }
  yield { at: at === '' ? '.' : at, theirs: shown(theirs), ours: shown(ours) };
}

/**
 * Rows of the whole list are compared whatever their order, where nothing tells it; of a part of it, how many they are.
 */
function* compareLists(
  at: string,
  theirs: readonly Value[],
  ours: readonly Value[],
  request: Request,
): Generator<Difference> {
  const isRows =
    isObject(theirs[0] ?? ours[0] ?? null) && /^(?:\.results|\.events|)$/.test(at) && request.body !== null;
  if (isRows && request.hint.rowsIf?.test(request.body ?? '') === false) return;
  if (theirs.length !== ours.length)
    return yield {
      at: `${at}[]`,
      theirs: `${theirs.length}: ${shown(theirs)}`,
      ours: `${ours.length}: ${shown(ours)}`,
    };
  // What several things are wrong is told in another order.
  const isOrdered = (!isRows && at !== '.exception_detail') || request.hint.isOrdered?.(bodyOf(request)) === true;
  if (isRows && request.isPart && request.hint.isOrdered?.(bodyOf(request)) !== true) return;
  const [one, other] = isOrdered ? [theirs, ours] : [byValue(theirs, ours), byValue(ours, theirs)];
  for (const [index, part] of one.entries()) yield* compare(`${at}[]`, part, other[index] as Value, request);
}

/** By what rows of both lists have, since each has fields of its own. */
function byValue(list: readonly Value[], others: readonly Value[]): readonly Value[] {
  const [first, other] = [list[0] ?? null, others[0] ?? null];
  const common =
    isObject(first) && isObject(other)
      ? Object.keys(first)
          .filter((key) => Object.hasOwn(other, key))
          .sort()
      : null;
  const keyOf = (value: Value): string =>
    JSON.stringify(common === null || !isObject(value) ? value : common.map((key) => value[key]));
  return list
    .map((value) => ({ value, key: keyOf(value) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ value }) => value);
}

function bodyOf({ body }: Request): Record<string, never> {
  const value = parsed(body ?? '');
  return typeof value === 'object' && value !== null ? (value as Record<string, never>) : {};
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isObject(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
