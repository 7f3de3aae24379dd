/** Checks what arrives against a schema, and says what is wrong in the words that Prefect's clients know. */

import { convert } from './convert.ts';
import { wordsOf } from './problem-messages.ts';
import { isParts } from './route.ts';
import { shortEcho, shortText } from './short-echo.ts';
import type { TSchema } from './type.ts';
import { compile, type Mismatch, type Validator } from './validator.ts';

/** One thing that is wrong; the shape is Pydantic's, which clients print. */
export interface Problem {
  readonly type: string;
  /** Where: `body`, `query` or `path`, then keys and positions. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A body of many thousand items that are all wrong is not answered with as many sentences. */
const PROBLEMS_MAX = 50;

const validators = new WeakMap<TSchema, Validator>();

/** Compiled when the first value comes: of hundreds of bodies, a server sees some dozens. */
function validatorOf(schema: TSchema): Validator {
  let found = validators.get(schema);
  if (!found) validators.set(schema, (found = compile(schema)));
  return found;
}

/**
 * The value when it fits; else, as Prefect's server does, the value with numbers and booleans converted when that fits
 * (`"5"` for 5); else what is wrong.
 *
 * @param where the first element of each problem's `loc`
 * @param isLong of a body so long that its problems do not repeat its lists and objects
 */
export function check(schema: TSchema, value: unknown, where: 'body' | 'query' | 'path', isLong = false): Checked {
  const validator = validatorOf(schema);
  if (validator.fits(value)) return { ok: true, value };
  const converted = convert(schema, value, (part, item) => validatorOf(part).fits(item));
  if (validator.fits(converted)) return { ok: true, value: converted };
  // What is wrong with what was meant, and what was sent for it.
  return {
    ok: false,
    problems: withoutRepetitions(
      validator.mismatches(converted, PROBLEMS_MAX).map((mismatch) => problemOf(as(mismatch, value), where, isLong)),
    ),
  };
}

function as(mismatch: Mismatch, sent: unknown): Mismatch {
  if (typeof mismatch.input !== 'number' && typeof mismatch.input !== 'boolean') return mismatch;
  const input = mismatch.path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null ? (at as Readonly<Record<string | number, unknown>>)[part] : undefined,
    sent,
  );
  return input === undefined ? mismatch : { ...mismatch, input };
}

/**
 * A whole body, of which nothing may have been sent (`null`). As Prefect's server reads it: one that is made of parts
 * is looked at part by part, where `null` is the same as nothing; another is one value.
 */
export function checkBody(schema: TSchema, sent: unknown, isLong = false): Checked {
  if (!isParts(schema))
    return sent === null ? { ok: false, problems: [missing([])] } : check(schema, sent, 'body', isLong);
  if (sent !== null && !isRecord(sent))
    return { ok: false, problems: Object.keys(partsOf(schema)).map((name) => missing([name])) };
  const checked = check(schema, sent === null ? {} : withoutNulls(sent, partsOf(schema)), 'body', isLong);
  if (checked.ok) return checked;
  return {
    ok: false,
    problems: checked.problems.map((problem) =>
      problem.type === 'missing' && problem.loc.length === 2 ? { ...problem, input: null } : problem,
    ),
  };
}

/** A field that two parts of a schema speak of is told once. */
function withoutRepetitions(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ type, loc, msg }) => {
    const key = JSON.stringify([type, loc, msg]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function missing(path: readonly string[]): Problem {
  return { type: 'missing', loc: ['body', ...path], msg: 'Field required', input: null };
}

function partsOf(schema: TSchema): Readonly<Record<string, unknown>> {
  return (schema as { readonly properties?: Readonly<Record<string, unknown>> }).properties ?? {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Itself where no part is `null`, as nearly always. */
function withoutNulls(
  sent: Readonly<Record<string, unknown>>,
  parts: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const nulls = Object.keys(parts).filter((name) => Object.hasOwn(sent, name) && sent[name] === null);
  return nulls.length === 0 ? sent : Object.fromEntries(Object.entries(sent).filter(([name]) => !nulls.includes(name)));
}

function problemOf(mismatch: Mismatch, where: string, isLong: boolean): Problem {
  const { type, msg, ctx } = wordsOf(mismatch);
  // A parameter that is missing in an address has no object that it is missing from.
  const input = where === 'query' && type === 'missing' ? null : (mismatch.input ?? null);
  return {
    type,
    loc: [where, ...mismatch.path.map((part) => (typeof part === 'string' ? shortText(part) : part))],
    msg,
    input: shortEcho(input, isLong),
    ...(ctx === undefined ? {} : { ctx }),
  };
}
