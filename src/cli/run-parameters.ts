/** Parameters of a flow from the words of a command. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { parseValue } from './arguments.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** `null` when none were given. `bad-input` for what cannot be read; which names and values are right is the flow's own business. */
export function readParameters({ param, params }: { readonly param?: readonly string[]; readonly params?: string }, base: string): Parameters | null {
  if (param === undefined && params === undefined) return null;
  const named = (param ?? []).map(readAssignment);
  return { ...(params === undefined ? {} : readObject(params, base)), ...Object.fromEntries(named) };
}

function readAssignment(word: string): [name: string, value: unknown] {
  const at = word.indexOf('=');
  if (at < 1) throw new OstinatoError('bad-input', `"${word}" is no parameter.`, { remedy: 'Write -p NAME=VALUE, for instance -p limit=100.' });
  return [word.slice(0, at), parseValue(word.slice(at + 1))];
}

function readObject(word: string, base: string): Parameters {
  const source = word.startsWith('@') ? resolve(base, word.slice(1)) : '--params';
  const text = word.startsWith('@') ? readText(source) : word;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new OstinatoError('bad-input', `${source} is not JSON: ${(error as Error).message}`, { cause: error, remedy: `Write one JSON object, for instance --params '{"limit": 100}'.` });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Parameters;
  throw new OstinatoError('bad-input', `${source} is JSON, but not an object.`, { remedy: `Parameters have names: --params '{"limit": 100}'.` });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OstinatoError('not-found', `The parameters cannot be read from ${path}: ${(error as Error).message}`, { cause: error, remedy: 'Check the path after the @.' });
  }
}

/** A sentence for each given name that the flow's schema does not know: schemas often drop those silently. */
export function unknownParameters(given: Parameters, schema: Readonly<Record<string, unknown>> | null): string[] {
  const { properties, additionalProperties } = schema ?? {};
  if (typeof properties !== 'object' || properties === null || (additionalProperties !== undefined && additionalProperties !== false)) return [];
  const known = Object.keys(properties);
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => `The flow has no parameter "${name}".${didYouMean(name, known) || (known.length === 0 ? '' : ` It has: ${known.join(', ')}.`)}`);
}
