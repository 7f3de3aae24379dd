/** Parameters as somebody outside wrote them (words, JSON), converted to what the flow takes by its schema. */

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { parameterNames } from './parameters.ts';
import { ANY, isObject, Shape, type JsonSchema } from './schema-kinds.ts';
import { readJson, readWord, refuseRepeatedKeys } from './typed-arguments.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** As typed: their types are known when the flow is loaded. */
export interface GivenParameters {
  readonly named: ReadonlyMap<string, string>;
  /** The JSON text of `--params`, and its source. */
  readonly whole: { readonly text: string; readonly source: string } | null;
}

/**
 * The values, converted by the flow's schema.
 *
 * @param known names of the parameters of a flow without a schema; `null` when it takes any
 * @throws `bad-input` for names that the flow does not have, and numbers that would lose digits
 */
export function typedParameters(
  { named, whole }: GivenParameters,
  schema: JsonSchema | null,
  known: readonly string[] | null,
): Parameters {
  const shape = schema === null ? ANY : new Shape(schema, schema);
  const values = new Map<string, unknown>();
  if (whole !== null) for (const [name, value] of Object.entries(requireObject(whole, shape))) values.set(name, value);
  refuseUnknown([...values.keys(), ...named.keys()], parameterNames(schema) ?? known);
  for (const [name, text] of named) values.set(name, readWord(name, text, shape.at(name)));
  return Object.fromEntries(values);
}

/** @throws `bad-input` for a text that is no JSON object */
export function requireObject({ text, source }: NonNullable<GivenParameters['whole']>, shape?: Shape): Parameters {
  let value: unknown;
  try {
    value = shape === undefined ? JSON.parse(text) : readJson('', text, shape);
    if (shape === undefined) refuseRepeatedKeys(text, source);
  } catch (error) {
    if (OstinatoError.is(error)) throw error;
    throw new OstinatoError('bad-input', `${source} is not JSON: ${(error as Error).message}`, {
      cause: error,
      remedy: `Write one JSON object, for instance --params '{"limit": 100}'.`,
    });
  }
  if (isObject(value)) return value;
  throw new OstinatoError('bad-input', `${source} is JSON, but not an object.`, {
    remedy: `Parameters have names: --params '{"limit": 100}'.`,
  });
}

function refuseUnknown(given: readonly string[], known: readonly string[] | null): void {
  if (known === null) return;
  const slips = [...new Set(given)].filter((name) => !known.includes(name));
  if (slips.length === 0) return;
  throw new OstinatoError(
    'bad-input',
    slips.map((name) => `The flow has no parameter "${name}".${didYouMean(name, known)}`).join(' '),
    { remedy: known.length === 0 ? 'It takes none.' : `It has: ${known.join(', ')}.` },
  );
}
