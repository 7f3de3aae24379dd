/**
 * What an argument is made of, as far as futures may lie in it.
 *
 * Getters are never asked: they may cost, fail, answer something new each time. Objects that defend themselves (a
 * revoked proxy, a throwing trap) have no parts.
 */

import { kindOf } from '../core/codec-kinds.ts';
import type { PathSegment } from '../core/codec-path.ts';
import { isAnnotated } from './annotations.ts';
import { isFuture } from './future.ts';

/**
 * `future` and `mark` get a value in their place; the next four hold parts and can be copied; `instance` holds parts
 * and cannot.
 */
export type Shape = 'future' | 'mark' | 'list' | 'record' | 'map' | 'set' | 'instance';
export type ContainerShape = Exclude<Shape, 'future' | 'mark'>;

/** A longer list is looked at by its keys: it may have a length without elements, and to count to 2³² takes seconds. */
const LIST_LENGTH_MAX = 10_000_000;

/** How to look for futures in a value; `null` for values that hold none: a date, bytes, an error. */
export function shapeOf(value: object): Shape | null {
  try {
    switch (kindOf(value)) {
      case 'Array':
        return 'list';
      case 'Object':
      case 'NullObject':
        return 'record';
      case 'Map':
        return 'map';
      case 'Set':
        return 'set';
      case null:
        return isFuture(value) ? 'future' : isAnnotated(value) ? 'mark' : 'instance';
      default:
        return null;
    }
  } catch {
    return null;
  }
}

/** @param key the index in a list, map or set, the name in anything else */
type Visit = (part: object, key: PropertyKey) => void;

/** Those of its parts that are objects. `visit` must not throw. */
export function eachPart(container: object, shape: ContainerShape, visit: Visit): void {
  try {
    if (shape === 'list') return eachElement(container as readonly unknown[], visit);
    if (shape === 'map' || container instanceof Map) eachEntry(container as ReadonlyMap<unknown, unknown>, visit);
    else if (shape === 'set' || container instanceof Set) eachMember(container as ReadonlySet<unknown>, visit);
    if (shape === 'record' || shape === 'instance') eachField(container, visit);
  } catch {
    /* A proxy that throws has no parts. */
  }
}

/** The path segment of a part that `eachPart` visited, written as in the program. */
export function segmentOf(shape: ContainerShape, key: PropertyKey): PathSegment {
  if (typeof key === 'symbol') return { text: `[${String(key)}]` };
  return shape === 'map' ? { text: `.entries[${key}]` } : shape === 'set' ? { text: `.values[${key}]` } : key;
}

function isPart(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function eachElement(list: readonly unknown[], visit: Visit): void {
  if (list.length > LIST_LENGTH_MAX) return eachField(list, visit);
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index];
    if (isPart(item)) visit(item, index);
  }
}

function eachEntry(map: ReadonlyMap<unknown, unknown>, visit: Visit): void {
  let index = 0;
  for (const [key, item] of Map.prototype.entries.call(map)) {
    if (isPart(key)) visit(key, index);
    if (isPart(item)) visit(item, index);
    index += 1;
  }
}

function eachMember(set: ReadonlySet<unknown>, visit: Visit): void {
  let index = 0;
  for (const item of Set.prototype.values.call(set)) {
    if (isPart(item)) visit(item, index);
    index += 1;
  }
}

function eachField(record: object, visit: Visit): void {
  for (const key of Object.keys(record)) eachOwn(record, key, visit);
  const symbols = Object.getOwnPropertySymbols(record);
  if (symbols.length > 0) for (const key of symbols) eachOwn(record, key, visit);
}

function eachOwn(record: object, key: PropertyKey, visit: Visit): void {
  const found = Object.getOwnPropertyDescriptor(record, key);
  if (found?.enumerable === true && isPart(found.value)) visit(found.value, key);
}
