/** What can be read off a user's function: its name, and its source as a hash. */

import { hashText } from '../platform/hash.ts';
import { createIdSource } from '../platform/ids.ts';

/** Of this process alone: the functions that it has made are known here, and nowhere else. */
export const PROCESS_MARK: string = createIdSource().next();

/**
 * The function's name, else that of what it is defined for (`const load = task(async () => …)`): an arrow function inside the call has
 * no name of its own.
 *
 * @param before the call: its line up to there, with the line above when that is empty
 */
export function functionName(fn: (...args: never[]) => unknown, kind: string, before: string): string {
  if (fn.name && fn.name !== 'anonymous') return fn.name.replace(/^bound /, '');
  return assignedName(before) ?? `unnamed ${kind}`;
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
/** The call is `task(`, or `lib.task(`. */
const CALLED_ON = String.raw`(?:${NAME}\s*\.\s*)*`;
/** From the beginning of a line: a constant, or a field of a class. A type may hold anything but an assignment. */
const DECLARED = new RegExp(String.raw`^\s*(?:export\s+)?(?:(?:const|let|var|public|private|protected|static|readonly|override|accessor)\s+)*#?(${NAME})(?:\s*[!?]?\s*:(?:[^=]|=>)*)?\s*=\s*${CALLED_ON}$`, 'u');
/** Also of one of several constants, of a parameter, of a field of some object. A name in a type before it is none. */
const ASSIGNED = new RegExp(String.raw`(?:^|\b(?:const|let|var|static|readonly|accessor|override)\s|[^:|&>.#\s\p{ID_Continue}$])\s*(?:(?:${NAME}|this)\s*\.\s*)*#?(${NAME})\s*=\s*${CALLED_ON}$`, 'u');
const PROPERTY = new RegExp(String.raw`(^|[{,])\s*(?:(${NAME})|'([^'\\]+)'|"([^"\\]+)")\s*:\s*${CALLED_ON}$`, 'u');

/**
 * What ends right before the call is code, whatever strings and comments stand further left: a comment or a string would have to end
 * in between. `null` where it cannot be told.
 */
function assignedName(before: string): string | null {
  const breakAt = before.indexOf('\n');
  // The line above may end in a comment: then only a whole declaration counts.
  if (breakAt >= 0) return /\/\/|\/\*/.test(before) ? null : (DECLARED.exec(before)?.[1] ?? null);
  const assigned = (ASSIGNED.exec(before) ?? DECLARED.exec(before))?.[1];
  if (assigned !== undefined) return assigned;
  const [, opening, name, single, double] = PROPERTY.exec(before) ?? [];
  // `x ? y : task(…)` has its question mark in front; one that is broken into lines begins with the colon.
  return opening === undefined || name === 'default' ? null : (name ?? single ?? double ?? null);
}

export function sourceHash(fn: (...args: never[]) => unknown): string {
  return hashText(Function.prototype.toString.call(fn)).slice(0, 16);
}
