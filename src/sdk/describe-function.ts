/** What can be read off a user's function: its name, and its source as a hash. */

import { hashText } from '../platform/hash.ts';
import { createIdSource } from '../platform/ids.ts';

/** Of this process alone: the functions that it has made are known here, and nowhere else. */
export const PROCESS_MARK: string = createIdSource().next();

/** The function's name, else that of the constant it is defined for (`const load = task(async () => …)`). */
export function functionName(fn: (...args: never[]) => unknown, kind: string, definingLine: string): string {
  if (fn.name && fn.name !== 'anonymous') return fn.name.replace(/^bound /, '');
  // An arrow function inside the call has no name of its own; what it is assigned to has.
  const assigned = /(?:^|[\s,{(])([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?::\s*[^=]+)?[=:]\s*(?:\w+\.)?(?:task|flow)\s*(?:<.*>)?\(/u.exec(definingLine)?.[1];
  return assigned ?? `unnamed ${kind}`;
}

export function sourceHash(fn: (...args: never[]) => unknown): string {
  return hashText(Function.prototype.toString.call(fn)).slice(0, 16);
}
