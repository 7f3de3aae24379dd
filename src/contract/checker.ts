/** Checks what arrives against a schema, and says what is wrong in the words that Prefect's clients know. */

import Compile, { type Validator } from 'typebox/compile';
import Format from 'typebox/format';
import type { TSchema } from 'typebox';

import { isUuid } from '../core/ids.ts';
import { parseInstant } from '../core/time.ts';
import { convert } from './convert.ts';

Format.Set('any-uuid', isUuid);
Format.Set('lenient-date-time', (text) => parseInstant(text) !== null);

/** One thing that is wrong; the shape is Pydantic's, which clients print. */
export interface Problem {
  readonly type: string;
  /** Where: `body`, `query` or `path`, then keys and positions. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

export type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly Problem[] };

/** A body of many thousand items that are all wrong is not answered with as many sentences. */
const PROBLEMS_MAX = 50;

const validators = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  let found = validators.get(schema);
  if (!found) validators.set(schema, (found = Compile(schema) as Validator));
  return found;
}

/**
 * The value when it fits; else, as Prefect's server does, the value with numbers and booleans converted when that fits (`"5"`
 * for 5); else what is wrong.
 *
 * @param where the first element of each problem's `loc`
 */
export function check(schema: TSchema, value: unknown, where: 'body' | 'query' | 'path'): Checked {
  const validator = validatorOf(schema);
  if (validator.Check(value)) return { ok: true, value };
  const converted = convert(schema, value, (part, item) => validatorOf(part).Check(item));
  if (validator.Check(converted)) return { ok: true, value: converted };
  return { ok: false, problems: problemsOf(validator, value, where) };
}

function problemsOf(validator: Validator, value: unknown, where: string): Problem[] {
  const problems: Problem[] = [];
  for (const error of validator.Errors(value).slice(0, PROBLEMS_MAX)) {
    // The parts of a union and of `additionalProperties` are told by their last sentence.
    if (error.keyword === 'boolean') continue;
    const { instancePath } = error;
    const path = instancePath.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const extra = error.keyword === 'additionalProperties' ? ((error.params as { additionalProperties?: string[] }).additionalProperties ?? []) : [];
    const missing = error.keyword === 'required' ? ((error.params as { requiredProperties?: string[] }).requiredProperties ?? []) : [];
    const named = [...extra, ...missing];
    for (const name of named.length === 0 ? [null] : named) {
      const at = name === null ? path : [...path, name];
      problems.push({
        type: TYPES[error.keyword] ?? error.keyword,
        loc: [where, ...at.map((part) => (/^\d+$/.test(part) ? Number(part) : part))],
        msg: MESSAGES[error.keyword] ?? `Input ${error.message}`,
        input: name !== null && missing.includes(name) ? valueAt(value, path) : valueAt(value, at),
      });
    }
  }
  return problems;
}

const TYPES: Readonly<Record<string, string>> = { additionalProperties: 'extra_forbidden', required: 'missing', format: 'value_error' };
const MESSAGES: Readonly<Record<string, string>> = { additionalProperties: 'Extra inputs are not permitted', required: 'Field required' };

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return null;
    found = (found as Record<string, unknown>)[part];
  }
  return found ?? null;
}
