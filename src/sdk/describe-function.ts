/** What can be read off a user's function: its name, the names of its inputs, and its source as a hash. */

import { hashText } from '../platform/hash.ts';

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

/** `(repo, { api }, ...rest) =>` gives `repo`, `arg1`, `rest`: names where there are names. */
export function inputNames(fn: (...args: never[]) => unknown): readonly string[] {
  const source = Function.prototype.toString.call(fn);
  const list = parameterList(source);
  if (list === null) return [];
  return splitTopLevel(list).map((part, index) => /^(?:\.\.\.)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(part.trim())?.[1] ?? `arg${index}`);
}

function parameterList(source: string): string | null {
  const arrow = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source);
  if (arrow) return arrow[1] ?? null;
  const open = source.indexOf('(');
  if (open < 0) return null;
  let depth = 0;
  for (let index = open; index < source.length; index += 1) {
    const char = source[index];
    if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (char === ')' || char === ']' || char === '}') {
      depth -= 1;
      if (depth === 0) return source.slice(open + 1, index);
    }
  }
  return null;
}

function splitTopLevel(list: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < list.length; index += 1) {
    const char = list[index] as string;
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(list.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(list.slice(start));
  return parts.filter((part) => part.trim() !== '');
}
