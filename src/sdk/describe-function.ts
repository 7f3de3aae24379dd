/** What can be read off a user's function: its name, and its source as a hash. */

import { hashText } from '../platform/hash.ts';
import { createIdSource } from '../platform/ids.ts';

/** Identifies this process in the facts of functions that only this process has made. */
export const PROCESS_MARK: string = createIdSource().next();

/**
 * The function's own name, else the name that it is assigned to (`const load = task(async () => …)`): an arrow function
 * inside the call has no name.
 *
 * @param before the line up to the call, with the line above when that is empty
 */
export function functionName(fn: (...args: never[]) => unknown, kind: string, before: string): string {
  if (fn.name && fn.name !== 'anonymous') return fn.name.replace(/^bound /, '');
  return assignedName(before) ?? `unnamed ${kind}`;
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
/** The call is `task(`, or `lib.task(`. */
const CALLED_ON = String.raw`(?:${NAME}\s*\.\s*)*`;
/**
 * A declaration from the beginning of a line: a constant, or a field of a class. A type may contain anything but an
 * assignment.
 */
const DECLARED = new RegExp(
  String.raw`^\s*(?:export\s+)?(?:(?:const|let|var|public|private|protected|static|readonly|override|accessor)\s+)*#?(${NAME})(?:\s*[!?]?\s*:(?:[^=]|=>)*)?\s*=\s*${CALLED_ON}$`,
  'u',
);
/**
 * An assignment anywhere: one of several constants, a parameter, a field of an object. A name in a type annotation does
 * not count.
 */
const ASSIGNED = new RegExp(
  String.raw`(?:^|\b(?:const|let|var|static|readonly|accessor|override)\s|[^:|&>.#\s\p{ID_Continue}$])\s*(?:(?:${NAME}|this)\s*\.\s*)*#?(${NAME})\s*=\s*${CALLED_ON}$`,
  'u',
);
const PROPERTY = new RegExp(String.raw`(^|[{,])\s*(?:(${NAME})|'([^'\\]+)'|"([^"\\]+)")\s*:\s*${CALLED_ON}$`, 'u');

/**
 * The name that the call is assigned to. Text right before the call is code, even after strings and comments on the
 * same line: those would have to end in between. `null` where it cannot be told.
 */
function assignedName(before: string): string | null {
  const breakAt = before.indexOf('\n');
  // The line above may end in a comment: then only a whole declaration counts.
  if (breakAt >= 0) return /\/\/|\/\*/.test(before) ? null : (DECLARED.exec(before)?.[1] ?? null);
  const assigned = (ASSIGNED.exec(before) ?? DECLARED.exec(before))?.[1];
  if (assigned !== undefined) return assigned;
  const [, opening, name, single, double] = PROPERTY.exec(before) ?? [];
  // In `x ? y : task(…)` the question mark comes before; in one broken into lines the colon is first.
  return opening === undefined || name === 'default' ? null : (name ?? single ?? double ?? null);
}

export function sourceHash(fn: (...args: never[]) => unknown): string {
  return hashText(Function.prototype.toString.call(fn)).slice(0, 16);
}
