/** Values in and out of the record: encodes, keeps large ones in the result store, reads them back. */

import { isOutage } from '../client/delivery.ts';
import { decodeValue, encodeValue } from '../core/codec.ts';
import type { Durability } from '../core/durability.ts';
import { OstinatoError } from '../core/errors.ts';
import { NAMED_PREFIX } from '../core/result-name.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { chain } from '../core/maybe-promise.ts';
import { INLINE_VALUE_BYTES_MAX, type ValueRef } from '../core/value.ts';
import type { EnginePorts } from './ports.ts';

export const UNPERSISTED: ValueRef = Object.freeze({ kind: 'unpersisted' });

/** Most tasks of a fan-out answer nothing: their value is encoded and hashed once a process. */
const small = new WeakMap<EnginePorts, Map<unknown, ValueRef>>();

/**
 * Encodes a value and puts it where it belongs by its size.
 *
 * @param what how an error names the value, for instance `result of task "load"`
 * @param name of the result in the store, whatever its size; default: it has none
 */
export function persistValue(ports: EnginePorts, value: unknown, what: string, durability: Durability, name?: string): MaybePromise<ValueRef> {
  if (name === undefined && (value === undefined || value === null || typeof value === 'boolean')) return constantRef(ports, value);
  const text = encodeValue(value, what);
  const hash = ports.hash(text);
  if (name === undefined && text.length <= INLINE_VALUE_BYTES_MAX) return { kind: 'inline', text, hash };
  return chain(ports.client.results.write(hash, text, { sync: durability === 'sync', name }), (key) => ({ kind: 'stored' as const, key, hash, bytes: text.length }));
}

/**
 * As `persistValue` for what a run gives: with a result store that takes nothing now, the run goes on and the value is only
 * handed to its caller. With `sync` that would break the promise, so the failure is thrown.
 *
 * @param tell hears that a value is not kept
 */
export function keepResult(ports: EnginePorts, value: unknown, what: string, durability: Durability, tell: (message: string) => void, name?: string): MaybePromise<ValueRef> {
  const notKept = (error: unknown): ValueRef => {
    if (!isOutage(error) || durability === 'sync') throw error;
    tell(`The ${what} is not kept, so it has to be computed again when the run is continued: ${error instanceof Error ? error.message : String(error)}`);
    return UNPERSISTED;
  };
  try {
    const kept = persistValue(ports, value, what, durability, name);
    return kept instanceof Promise ? kept.catch(notKept) : kept;
  } catch (error) {
    return notKept(error);
  }
}

function constantRef(ports: EnginePorts, value: undefined | null | boolean): ValueRef {
  let refs = small.get(ports);
  if (!refs) small.set(ports, (refs = new Map()));
  let ref = refs.get(value);
  if (!ref) {
    const text = encodeValue(value, 'a value');
    refs.set(value, (ref = { kind: 'inline', text, hash: ports.hash(text) }));
  }
  return ref;
}

/** Reads a kept value. Throws `value-missing` when it was never kept or its file is gone. */
export function loadValue(ports: Pick<EnginePorts, 'client' | 'hash'>, ref: ValueRef | null, what: string): MaybePromise<unknown> {
  if (ref === null || ref.kind === 'unpersisted') {
    throw new OstinatoError('value-missing', `${what} was not kept.`, { remedy: 'Run it again, or drop `persistResult: false`.' });
  }
  if (ref.kind === 'inline') return decodeValue(ref.text);
  if (ref.kind === 'foreign') {
    throw new OstinatoError('unsupported', `${what} was recorded by another client, which alone can read it.`, { remedy: 'Read it with that client.' });
  }
  return chain(ports.client.results.read(ref.key), (text) => {
    if (text === null) throw new OstinatoError('value-missing', `${what} is recorded under ${ref.key}, but the result store does not have it.`, { remedy: 'Was the results folder moved or cleaned? Run it again.' });
    if (ref.key.startsWith(NAMED_PREFIX) && ports.hash(text) !== ref.hash) {
      throw new OstinatoError('value-missing', `${what} was kept as ${ref.key}, where another result has taken its place.`, { remedy: 'Put what tells the results apart into `resultName`, or run it again.' });
    }
    return decodeValue(text);
  });
}
