/** Checks what arrives against a schema, and says what is wrong in the words that Prefect's clients know. */

import { convert } from './convert.ts';
import { wordsOf } from './problem-words.ts';
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

export type Checked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly Problem[] };

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
 * The value when it fits; else, as Prefect's server does, the value with numbers and booleans converted when that fits (`"5"`
 * for 5); else what is wrong.
 *
 * @param where the first element of each problem's `loc`
 * @param isLong of a body so long that its problems do not repeat its lists and objects
 */
export function check(schema: TSchema, value: unknown, where: 'body' | 'query' | 'path', isLong = false): Checked {
  const validator = validatorOf(schema);
  if (validator.fits(value)) return { ok: true, value };
  const converted = convert(schema, value, (part, item) => validatorOf(part).fits(item));
  if (validator.fits(converted)) return { ok: true, value: converted };
  return { ok: false, problems: validator.mismatches(value, PROBLEMS_MAX).map((mismatch) => problemOf(mismatch, where, isLong)) };
}

function problemOf(mismatch: Mismatch, where: string, isLong: boolean): Problem {
  const { type, msg, ctx } = wordsOf(mismatch);
  // A parameter that is missing in an address has no object that it is missing from.
  const input = where === 'query' && type === 'missing' ? null : (mismatch.input ?? null);
  return {
    type, loc: [where, ...mismatch.path.map((part) => (typeof part === 'string' ? shortText(part) : part))], msg, input: shortEcho(input, isLong), ...(ctx === undefined ? {} : { ctx }),
  };
}
