/**
 * Values that are one of several kinds, read as Pydantic reads a union of models: each kind is tried, of those that fit
 * the one with the most members that were given is taken, members that are left out get their defaults, others are
 * passed over; and when none fits, what is wrong is told of each kind, by its name.
 */

import { check, type Problem } from '../checker.ts';
import type { TSchema } from '../type.ts';
import { shortEcho, shortText } from '../short-echo.ts';
import { readDuration } from './duration.ts';

export type Path = readonly (string | number)[];

/** Clients are told no more than these. */
const PROBLEMS_MAX = 50;

/** What one reading finds wrong. */
export class Findings {
  readonly problems: Problem[] = [];
  /** What is wrong with a template; `null`: nothing. */
  readonly templateProblem: (template: string) => string | null;

  constructor(templateProblem: (template: string) => string | null) {
    this.templateProblem = templateProblem;
  }

  get isFull(): boolean {
    return this.problems.length >= PROBLEMS_MAX;
  }

  add(path: Path, { type, msg, ctx }: Pick<Problem, 'type' | 'msg' | 'ctx'>, input: unknown): void {
    if (this.isFull) return;
    this.problems.push({
      type,
      loc: ['body', ...path],
      msg,
      input: shortEcho(input ?? null),
      ...(ctx === undefined ? {} : { ctx }),
    });
  }

  /** A rule of Prefect's server, in its words. */
  addRule(path: Path, rule: string, input: unknown): void {
    this.add(path, { type: 'value_error', msg: `Value error, ${shortText(rule)}`, ctx: { error: {} } }, input);
  }
}

/** One value, as it was sent; `exact` has the numbers that JavaScript cannot say. */
export interface Sent {
  readonly plain: unknown;
  readonly exact: unknown;
  readonly path: Path;
}

/** What it answers counts only when it found nothing wrong. */
export type Read = (sent: Sent, findings: Findings) => unknown;

export interface Member {
  readonly read: Read;
  /** Where it is left out; without one, it must be given. */
  readonly unlessSaid?: { readonly value: unknown };
}

export interface Kind {
  /** In places. */
  readonly name: string;
  readonly members: Readonly<Record<string, Member>>;
  /** What is wrong with the whole before its members are looked at, and after. */
  readonly before?: (sent: Readonly<Record<string, unknown>>) => string | null;
  readonly after?: (read: Record<string, unknown>) => string | null;
}

export const needed = (read: Read): Member => ({ read });
export const optional = (read: Read, value: unknown): Member => ({ read, unlessSaid: { value } });

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of a list or an object. */
export function partOf({ plain, exact, path }: Sent, key: string | number): Sent {
  const of = (whole: unknown) => (whole as Readonly<Record<string | number, unknown>> | undefined)?.[key];
  return { plain: of(plain), exact: of(exact), path: [...path, key] };
}

/** @param kindsOf those that the value may be of; it is an object, or has no members */
export function oneOfKinds(kindsOf: (sent: Readonly<Record<string, unknown>>) => readonly Kind[]): Read {
  return (sent, findings) => {
    let best: { readonly value: unknown; readonly given: number } | null = null;
    const wrong: Problem[] = [];
    for (const kind of kindsOf(isObject(sent.plain) ? sent.plain : {})) {
      const tried = new Findings(findings.templateProblem);
      const read = readKind(kind, { ...sent, path: [...sent.path, kind.name] }, tried);
      wrong.push(...tried.problems);
      if (tried.problems.length === 0 && read !== null && (best === null || read.given > best.given)) best = read;
    }
    if (best !== null) return best.value;
    findings.problems.push(...wrong.slice(0, PROBLEMS_MAX - findings.problems.length));
    return null;
  };
}

/** A value that is of this kind and no other. */
export function ofKind(kind: Kind): Read {
  return (sent, findings) => readKind(kind, sent, findings)?.value ?? null;
}

function readKind(
  { members, before, after }: Kind,
  sent: Sent,
  findings: Findings,
): { readonly value: unknown; readonly given: number } | null {
  const { plain, path } = sent;
  if (!isObject(plain)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    findings.add(path, { type: 'model_attributes_type', msg }, plain);
    return null;
  }
  const early = before?.(plain) ?? null;
  if (early !== null) {
    findings.addRule(path, early, plain);
    return null;
  }
  const earlier = findings.problems.length;
  const value: Record<string, unknown> = {};
  let given = 0;
  for (const [name, { read, unlessSaid }] of Object.entries(members)) {
    if (Object.hasOwn(plain, name)) {
      given += 1;
      value[name] = read(partOf(sent, name), findings);
    } else if (unlessSaid !== undefined) value[name] = unlessSaid.value;
    else findings.add([...path, name], { type: 'missing', msg: 'Field required' }, plain);
  }
  if (findings.problems.length > earlier) return null;
  const late = after?.(value) ?? null;
  if (late !== null) findings.addRule(path, late, plain);
  return { value, given };
}

/** @param plain whether numbers of users may be read as JavaScript's */
export function fitting(schema: TSchema, plain = true): Read {
  return (sent, findings) => {
    const checked = check(schema, sent.plain, 'body');
    if (checked.ok) return plain ? checked.value : sent.exact;
    for (const { loc, input, ...words } of checked.problems)
      findings.add([...sent.path, ...loc.slice(1)], words, input);
    return null;
  };
}

/** One of these words. @param type of what is wrong @param named as Python prints the words */
export function word(words: readonly string[], type: 'literal_error' | 'enum' = 'literal_error', named = quoted): Read {
  return ({ plain, path }, findings) => {
    if (typeof plain === 'string' && words.includes(plain)) return plain;
    const names = words.map(named);
    const expected = names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : `${names[0]}`;
    findings.add(path, { type, msg: `Input should be ${expected}`, ctx: { expected } }, plain);
    return null;
  };
}

function quoted(text: string): string {
  return `'${text}'`;
}

export function listOf(item: Read, kind: 'list' | 'set' = 'list'): Read {
  return (sent, findings) => {
    const { plain, path } = sent;
    if (!Array.isArray(plain)) {
      findings.add(path, { type: `${kind}_type`, msg: `Input should be a valid ${kind}` }, plain);
      return null;
    }
    const read: unknown[] = [];
    for (let index = 0; index < plain.length && !findings.isFull; index += 1)
      read.push(item(partOf(sent, index), findings));
    return kind === 'set' ? [...new Set(read)] : read;
  };
}

export const text: Read = ({ plain, path }, findings) => {
  if (typeof plain === 'string') return plain;
  findings.add(path, { type: 'string_type', msg: 'Input should be a valid string' }, plain);
  return null;
};

/** Seconds. */
export const duration: Read = ({ plain, path }, findings) => {
  const seconds = readDuration(plain);
  if (seconds !== null) return seconds;
  if (typeof plain === 'string') {
    const error = /^[+-]?\d/.test(plain)
      ? '"day" identifier in duration not correctly formatted'
      : 'invalid digit in duration';
    const msg = `Input should be a valid timedelta, ${error}`;
    findings.add(path, { type: 'time_delta_parsing', msg, ctx: { error } }, plain);
  } else findings.add(path, { type: 'time_delta_type', msg: 'Input should be a valid timedelta' }, plain);
  return null;
};

export function orNull(read: Read): Read {
  return (sent, findings) => (sent.plain === null ? null : read(sent, findings));
}
