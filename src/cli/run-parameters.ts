/** Parameters of a flow from the words of a command. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { parameterNames } from '../sdk/parameters.ts';
import { ANY, isObject, Shape, type JsonSchema } from './schema-kinds.ts';
import { readJson, readWord, refuseRepeatedKeys } from './typed-words.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** As they were typed: what they are is known with the flow. */
export interface GivenParameters {
  readonly named: ReadonlyMap<string, string>;
  /** `--params`: the JSON text and where it came from. */
  readonly whole: { readonly text: string; readonly source: string } | null;
}

/** `null` when none were given. `bad-input` for what cannot be read; which names and values are right is the flow's own business. */
export function readParameters({ param, params }: { readonly param?: readonly string[]; readonly params?: string }, base: string): GivenParameters | null {
  if (param === undefined && params === undefined) return null;
  const named = new Map<string, string>();
  for (const word of param ?? []) {
    const at = word.indexOf('=');
    if (at < 1) throw new OstinatoError('bad-input', `"${word}" is no parameter.`, { remedy: 'Write -p NAME=VALUE, for instance -p limit=100.' });
    const name = word.slice(0, at);
    if (named.has(name)) throw new OstinatoError('bad-input', `The parameter "${name}" is given twice.`, { remedy: `Give it once; a list is written -p ${name}='["a", "b"]'.` });
    named.set(name, word.slice(at + 1));
  }
  const whole = params === undefined ? null : readWhole(params, base);
  // What is no object is told before anything of the user's is loaded.
  if (whole !== null) requireObject(whole);
  return { named, whole };
}

/**
 * The values, by what the flow's schema wants.
 *
 * @param known names of the parameters of a flow without a schema; `null` when it takes any
 * @throws `bad-input` for names that the flow does not have, and numbers that would lose digits
 */
export function typedParameters({ named, whole }: GivenParameters, schema: JsonSchema | null, known: readonly string[] | null): Parameters {
  const shape = schema === null ? ANY : new Shape(schema, schema);
  const values = new Map<string, unknown>();
  if (whole !== null) for (const [name, value] of Object.entries(requireObject(whole, shape))) values.set(name, value);
  refuseUnknown([...values.keys(), ...named.keys()], parameterNames(schema) ?? known);
  for (const [name, text] of named) values.set(name, readWord(name, text, shape.at(name)));
  return Object.fromEntries(values);
}

function readWhole(word: string, base: string): NonNullable<GivenParameters['whole']> {
  if (!word.startsWith('@')) return { text: word, source: '--params' };
  const source = resolve(base, word.slice(1));
  try {
    return { text: readFileSync(source, 'utf8').replace(/^\uFEFF/, ''), source };
  } catch (error) {
    throw new OstinatoError('not-found', `The parameters cannot be read from ${source}: ${(error as Error).message}`, { cause: error, remedy: 'Check the path after the @.' });
  }
}

function requireObject({ text, source }: NonNullable<GivenParameters['whole']>, shape?: Shape): Parameters {
  let value: unknown;
  try {
    value = shape === undefined ? JSON.parse(text) : readJson('', text, shape);
    if (shape === undefined) refuseRepeatedKeys(text, source);
  } catch (error) {
    if (OstinatoError.is(error)) throw error;
    throw new OstinatoError('bad-input', `${source} is not JSON: ${(error as Error).message}`, { cause: error, remedy: `Write one JSON object, for instance --params '{"limit": 100}'.` });
  }
  if (isObject(value)) return value;
  throw new OstinatoError('bad-input', `${source} is JSON, but not an object.`, { remedy: `Parameters have names: --params '{"limit": 100}'.` });
}

function refuseUnknown(given: readonly string[], known: readonly string[] | null): void {
  if (known === null) return;
  const slips = [...new Set(given)].filter((name) => !known.includes(name));
  if (slips.length === 0) return;
  throw new OstinatoError('bad-input', slips.map((name) => `The flow has no parameter "${name}".${didYouMean(name, known)}`).join(' '), {
    remedy: known.length === 0 ? 'It takes none.' : `It has: ${known.join(', ')}.`,
  });
}
