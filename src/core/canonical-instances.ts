/** What can be told of instances whose content nobody can list: whether their class says it, or hides it. */

import { isKnownPrototype } from './codec-kinds.ts';
import { ownCount } from './value-copy.ts';

export const WELL_KNOWN_SYMBOLS: ReadonlySet<unknown> = new Set(
  Reflect.ownKeys(Symbol)
    .map((key) => (Symbol as unknown as Readonly<Record<PropertyKey, unknown>>)[key])
    .filter((value) => typeof value === 'symbol'),
);

/**
 * The `toJSON` by which a class defines the content of its instances; `null` when there is none. One inherited from a
 * platform class does not know what the user's subclass adds.
 */
export function ownWord(object: object): ((key: string) => unknown) | null {
  for (
    let at = Object.getPrototypeOf(object) as object | null;
    at !== null && !isKnownPrototype(at);
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const toJson: unknown = Object.getOwnPropertyDescriptor(at, 'toJSON')?.value;
    if (typeof toJson === 'function')
      return Object.hasOwn(object, 'toJSON') || isNative(toJson) ? null : (toJson as (key: string) => unknown);
  }
  return null;
}

/**
 * Whether it is a proxy of `{}` that answers any key, as clients of many libraries are: its content cannot be listed.
 * No proxy can be cloned, and cloning an empty object takes a microsecond.
 */
export function isHollowProxy(value: object): boolean {
  if (ownCount(value) > 0) return false;
  try {
    structuredClone(value);
    return false;
  } catch {
    return true;
  }
}

function isNative(fn: object): boolean {
  return Function.prototype.toString.call(fn).includes('[native code]');
}

const PRIVATE_NAME = /#[\p{ID_Start}$_]/u;

/** Whether the error's class may have private fields; other content of errors is readable. */
export function hasPrivateParts(error: object): boolean {
  for (
    let at: object | null = Object.getPrototypeOf(error) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const made: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof made !== 'function' || made === globalThis.DOMException || isNative(made)) return false;
    if (PRIVATE_NAME.test(Function.prototype.toString.call(made))) return true;
  }
  return false;
}
