/**
 * What was kept with `set` inside a transaction, as it is recorded: a list of names and values, in the codec that
 * results have.
 */

import { OstinatoError } from '../core/errors.ts';
import type { Durability } from '../core/durability.ts';
import { chain, type MaybePromise } from '../core/maybe-promise.ts';
import type { ValueRef } from '../core/value.ts';
import type { EnginePorts } from './ports.ts';
import { loadValue, persistValue } from './results.ts';

export type Kept = ReadonlyMap<string, unknown>;

export interface PersistedValues {
  readonly ref: ValueRef | null;
  /** Names whose values cannot be recorded (functions, open connections); only this process has them. */
  readonly unkept: readonly string[];
}

const NOTHING: PersistedValues = Object.freeze({ ref: null, unkept: Object.freeze([]) });
export const NO_VALUES: Kept = new Map();

export function persistValues(
  ports: EnginePorts,
  values: Kept,
  what: string,
  durability: Durability,
): MaybePromise<PersistedValues> {
  if (values.size === 0) return NOTHING;
  try {
    return chain(persistValue(ports, [...values], what, durability), (ref) => ({ ref, unkept: [] }));
  } catch (error) {
    if (!OstinatoError.is(error) || error.code !== 'unserialisable-value') throw error;
    return persistSome(ports, values, what, durability);
  }
}

/** Encodes values one by one, so that one which cannot be recorded does not take the others along. */
async function persistSome(
  ports: EnginePorts,
  values: Kept,
  what: string,
  durability: Durability,
): Promise<PersistedValues> {
  const good = new Map<string, unknown>();
  const unkept: string[] = [];
  for (const [name, value] of values) {
    try {
      await persistValue(ports, value, what, 'none');
      good.set(name, value);
    } catch {
      unkept.push(name);
    }
  }
  return { ref: good.size === 0 ? null : await persistValue(ports, [...good], what, durability), unkept };
}

export async function loadValues(ports: EnginePorts, ref: ValueRef | null, what: string): Promise<Kept> {
  if (ref === null) return NO_VALUES;
  return new Map((await loadValue(ports, ref, what)) as [string, unknown][]);
}
