/** `concurrencyKey`: a function of the parameters, as the text that a server settles for each run. */

import { isKeyText } from '../core/concurrency/concurrency-key.ts';
import { OstinatoError } from '../core/errors.ts';

/** Also where less is known of the parameters than by whoever wrote it. */
export type KeyFunction<P> = { of(parameters: P): unknown }['of'];

const PATH = Symbol('path of the parameters');

/**
 * The function is called once, with parameters that only know their names: what it takes of them is what the key is
 * made of. A text with some of them in it is a key, too.
 *
 * @throws `bad-input` for what only real parameters could tell
 */
export function keyTextOf(what: string, key: string | KeyFunction<unknown>): string {
  const text = typeof key === 'string' ? key : taken(what, key);
  if (isKeyText(text)) return text;
  throw new OstinatoError('bad-input', `The concurrencyKey of ${what} names no parameter: ${JSON.stringify(text)}.`, {
    remedy: "Write, for instance: concurrencyKey: (parameters) => parameters.customer, or 'parameters.customer'",
  });
}

function taken(what: string, key: KeyFunction<unknown>): unknown {
  let answer: unknown;
  try {
    answer = key(named('parameters'));
  } catch (error) {
    throw new OstinatoError('bad-input', `The concurrencyKey of ${what} needs the values of parameters.`, {
      remedy: 'Let it name parameters only: (parameters) => `${parameters.region}-${parameters.customer}`',
      cause: error,
    });
  }
  const isNamed = typeof answer === 'object' && answer !== null && PATH in answer;
  return isNamed ? (answer as { readonly [PATH]: string })[PATH] : answer;
}

function named(path: string): object {
  return new Proxy(Object.freeze({}), {
    has: (_, name) => name === PATH,
    get: (_, name) => {
      if (name === PATH) return path;
      if (name === Symbol.toPrimitive || name === 'toString') return () => `{{ ${path} }}`;
      return typeof name === 'string' ? named(`${path}.${name}`) : undefined;
    },
  });
}
