/** Which values survive a structured clone, and errors that name those which do not. */

import { fromFailureInfo, toFailureInfo } from '../../core/codec.ts';
import { thrownText } from '../../core/show-value.ts';
import { OstinatoError } from '../../core/errors.ts';
import { readableList } from '../stream.ts';
import type { ErrorAt } from './protocol.ts';

/**
 * Values looked at in search of class instances: beyond it a value is data by the million, and the look would cost more
 * than the clone.
 */
const VALUES_LOOKED_AT_MAX = 10_000;

/**
 * @param what names the value in the error: `argument \`rows\` of task "load"`
 * @throws `cannot-isolate`
 */
export function cannotClone(what: string, why: string, cause?: unknown): OstinatoError {
  return new OstinatoError('cannot-isolate', `The ${what} cannot be sent to another thread or process: ${why}.`, {
    remedy: "Pass plain data (objects, arrays, maps, typed arrays, dates), or run the task with isolation: 'signal'.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Refuses instances of classes: a clone would silently lose their methods. Functions and the like are refused by the
 * clone itself.
 */
export function checkClonable(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) return;
  const seen = new Set<object>();
  const queue: [unknown, string][] = [[value, '']];
  for (let at = 0; at < queue.length && seen.size < VALUES_LOOKED_AT_MAX; at += 1) {
    const [item, path] = queue[at] as [unknown, string];
    if (typeof item !== 'object' || item === null || seen.has(item) || ArrayBuffer.isView(item)) continue;
    seen.add(item);
    const className = lostClass(item);
    if (className !== null)
      throw cannotClone(
        what,
        `${path === '' ? 'it' : `\`${path.replace(/^\./, '')}\``} is a ${className}, and only its fields would arrive`,
      );
    addParts(queue, item, path);
  }
}

function addParts(queue: [unknown, string][], item: object, path: string): void {
  const add = (part: unknown, name: string): void => {
    if (typeof part === 'object' && part !== null && queue.length < VALUES_LOOKED_AT_MAX)
      queue.push([part, path + name]);
  };
  if (Array.isArray(item)) {
    for (let index = 0; index < Math.min(item.length, VALUES_LOOKED_AT_MAX); index += 1) add(item[index], `[${index}]`);
  } else if (item instanceof Map) {
    for (const [key, part] of item) {
      add(key, '.keys()');
      add(part, `.get(${String(typeof key === 'object' ? '…' : key)})`);
    }
  } else if (item instanceof Set) {
    for (const part of item) add(part, '.values()');
  } else if (!(item instanceof Error)) {
    for (const key of Object.keys(item)) add((item as Readonly<Record<string, unknown>>)[key], `.${key}`);
  }
}

/** The class that a clone would lose; `null` for data. */
function lostClass(item: object): string | null {
  const prototype: object | null = Object.getPrototypeOf(item);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return null;
  const tag = Object.prototype.toString.call(item);
  if (tag !== '[object Object]' && tag !== '[object URL]' && tag !== '[object URLSearchParams]') return null;
  return (prototype as { constructor?: { name?: string } }).constructor?.name || 'class instance';
}

/** Takes errors out of the arguments, also out of arrays of them as `allowFailure` gives: they travel as records. */
export function extractErrors(args: readonly unknown[]): {
  readonly args: readonly unknown[];
  readonly errors: readonly ErrorAt[];
} {
  if (!args.some((arg) => arg instanceof Error || (Array.isArray(arg) && arg.some((item) => item instanceof Error))))
    return { args, errors: [] };
  const errors: ErrorAt[] = [];
  const rest = args.map((arg, at) => {
    if (arg instanceof Error) {
      errors.push({ at, item: null, failure: toFailureInfo(arg) });
      return null;
    }
    if (!Array.isArray(arg)) return arg;
    const others = arg.map((item: unknown, index) => {
      if (!(item instanceof Error)) return item;
      errors.push({ at, item: index, failure: toFailureInfo(item) });
      return null;
    });
    return Symbol.asyncIterator in arg ? readableList(others) : others;
  });
  return { args: rest, errors };
}

export function insertErrors(args: readonly unknown[], errors: readonly ErrorAt[]): readonly unknown[] {
  const all = [...args];
  for (const { at, item, failure } of errors) {
    if (item === null) all[at] = fromFailureInfo(failure);
    else (all[at] as unknown[])[item] = fromFailureInfo(failure);
  }
  return all;
}

/** Why the value cannot be cloned by itself; `null` when it can. */
export function whyUnclonable(value: unknown): string | null {
  try {
    structuredClone(value);
    return null;
  } catch (error) {
    return thrownText(error).replace(/\.$/, '');
  }
}
