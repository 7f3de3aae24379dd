/** Values in and out of the record: encodes, keeps large ones in the result store, reads them back. */

import { isOutage } from '../client/delivery.ts';
import { decodeValue, encodeValue } from '../core/codec.ts';
import type { Durability } from '../core/durability.ts';
import { OstinatoError } from '../core/errors.ts';
import { thrownText } from '../core/show-value.ts';
import { NAMED_PREFIX } from '../core/result-name.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { chain } from '../core/maybe-promise.ts';
import { INLINE_VALUE_BYTES_MAX, type ValueRef } from '../core/value.ts';
import type { EnginePorts } from './ports.ts';

export const UNPERSISTED: ValueRef = Object.freeze({ kind: 'unpersisted' });

/**
 * Encodes a run's parameters or arguments, and stores them by their size. Keeps their hash, because they are compared.
 *
 * @param what how an error names the value, for instance `parameters of flow "etl"`
 */
export function persistValue(
  ports: EnginePorts,
  value: unknown,
  what: string,
  durability: Durability,
): MaybePromise<ValueRef> {
  const text = encodeValue(value, what);
  return text.length <= INLINE_VALUE_BYTES_MAX
    ? { kind: 'inline', text, hash: ports.hash(text) }
    : store(ports, text, durability, undefined);
}

function store(
  ports: EnginePorts,
  text: string,
  durability: Durability,
  name: string | undefined,
): MaybePromise<ValueRef> {
  const hash = ports.hash(text);
  return chain(ports.client.results.write(hash, text, { sync: durability === 'sync', name }), (key) => ({
    kind: 'stored' as const,
    key,
    hash,
    bytes: text.length,
  }));
}

/** Most tasks of a fan-out return nothing: that is encoded once. */
const CONSTANTS: ReadonlyMap<unknown, ValueRef> = new Map(
  [undefined, null, true, false].map((value) => [
    value,
    Object.freeze({ kind: 'inline' as const, text: encodeValue(value, 'a value'), hash: null }),
  ]),
);

function persistResult(
  ports: EnginePorts,
  value: unknown,
  what: string,
  durability: Durability,
  name: string | undefined,
): MaybePromise<ValueRef> {
  if (name !== undefined) return store(ports, encodeValue(value, what), durability, name);
  const constant = CONSTANTS.get(value);
  if (constant) return constant;
  const text = encodeValue(value, what);
  return text.length <= INLINE_VALUE_BYTES_MAX
    ? { kind: 'inline', text, hash: null }
    : store(ports, text, durability, undefined);
}

/**
 * Stores a run's result. When the result store fails, the run goes on and only its caller gets the value; with `sync`
 * durability the failure is thrown instead.
 *
 * @param tell called with a message when the value is not stored
 * @param name of the result in the store, whatever its size; default: it has none
 */
export function keepResult(
  ports: EnginePorts,
  value: unknown,
  what: string,
  durability: Durability,
  tell: (message: string) => void,
  name?: string,
): MaybePromise<ValueRef> {
  const notKept = (error: unknown): ValueRef => {
    if (!isOutage(error) || durability === 'sync') throw error;
    tell(`The ${what} is not kept, so it has to be computed again when the run is continued: ${thrownText(error)}`);
    return UNPERSISTED;
  };
  try {
    const kept = persistResult(ports, value, what, durability, name);
    return kept instanceof Promise ? kept.catch(notKept) : kept;
  } catch (error) {
    return notKept(error);
  }
}

/** Reads a kept value. Throws `value-missing` when it was never kept or its file is gone. */
export function loadValue(
  ports: Pick<EnginePorts, 'client' | 'hash'>,
  ref: ValueRef | null,
  what: string,
): MaybePromise<unknown> {
  if (ref === null || ref.kind === 'unpersisted') {
    throw new OstinatoError('value-missing', `${what} was not kept.`, {
      remedy: 'Run it again, or drop `persistResult: false`.',
    });
  }
  if (ref.kind === 'inline') return decodeValue(ref.text);
  if (ref.kind === 'foreign') {
    throw new OstinatoError('unsupported', `${what} was recorded by another client, which alone can read it.`, {
      remedy: 'Read it with that client.',
    });
  }
  return chain(ports.client.results.read(ref.key), (text) => {
    if (text === null)
      throw new OstinatoError(
        'value-missing',
        `${what} is recorded under ${ref.key}, but the result store does not have it.`,
        { remedy: 'Was the results folder moved or cleaned? Run it again.' },
      );
    if (ref.key.startsWith(NAMED_PREFIX) && ports.hash(text) !== ref.hash) {
      throw new OstinatoError(
        'value-missing',
        `${what} was kept as ${ref.key}, where another result has taken its place.`,
        { remedy: 'Put what tells the results apart into `resultName`, or run it again.' },
      );
    }
    return decodeValue(text);
  });
}
