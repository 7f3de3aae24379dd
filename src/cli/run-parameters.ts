/** Parses parameters of a flow from the command line. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { shellWord } from '../core/shell-word.ts';
import { requireObject, type GivenParameters } from '../sdk/typed-parameters.ts';

/** `null` when none were given. `bad-input` for invalid syntax; names and values are checked by the flow. */
export function readParameters(
  { param, params }: { readonly param?: readonly string[]; readonly params?: string },
  base: string,
): GivenParameters | null {
  if (param === undefined && params === undefined) return null;
  const named = readNamedWords(param ?? [], { noun: 'parameter', flag: '-p', example: 'limit=100' });
  const whole = params === undefined ? null : readWhole(params, base);
  // A value that is no object is reported before any user code is loaded.
  if (whole !== null) requireObject(whole);
  return { named, whole };
}

export interface NamedWords {
  /** What one of them is called. */
  readonly noun: string;
  readonly flag: string;
  /** One that could be given here: NAME=VALUE. */
  readonly example: string;
}

/** Words of the form NAME=VALUE. @throws `bad-input` for others, and for a name that comes twice */
export function readNamedWords(
  words: readonly string[],
  { noun, flag, example }: NamedWords,
): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1)
      throw new OstinatoError('bad-input', `"${word}" is no ${noun}.`, {
        remedy: `Write ${flag} NAME=VALUE, for instance ${flag} ${shellWord(example)}`,
      });
    const name = word.slice(0, at);
    if (named.has(name))
      throw new OstinatoError('bad-input', `The ${noun} "${name}" is given twice.`, {
        remedy: `Give it once; a list is written ${flag} ${shellWord(`${name}=["a", "b"]`)}.`,
      });
    named.set(name, word.slice(at + 1));
  }
  return named;
}

function readWhole(word: string, base: string): NonNullable<GivenParameters['whole']> {
  if (!word.startsWith('@')) return { text: word, source: '--params' };
  const source = resolve(base, word.slice(1));
  try {
    return { text: readFileSync(source, 'utf8').replace(/^\uFEFF/, ''), source };
  } catch (error) {
    throw new OstinatoError('not-found', `The parameters cannot be read from ${source}: ${(error as Error).message}`, {
      cause: error,
      remedy: 'Check the path after the @.',
    });
  }
}
