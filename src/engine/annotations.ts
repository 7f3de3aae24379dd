/** Marks that a caller puts on an argument: what the engine does with it differs from plain values. */

import { hasMark } from '../core/mark.ts';
import type { RunFuture } from './future.ts';

const ANNOTATION = Symbol.for('ostinato.annotation');

export class Annotated<Kind extends string, T> {
  readonly kind: Kind;
  readonly value: T;
  constructor(kind: Kind, value: T) {
    this.kind = kind;
    this.value = value;
  }
  get [ANNOTATION](): true {
    return true;
  }
}

export function isAnnotated(value: unknown): value is Annotated<string, unknown> {
  return hasMark(value, ANNOTATION);
}

/** In `map`: the same value for every item, even if it could be iterated. */
export function unmapped<T>(value: T): Annotated<'unmapped', T> {
  return new Annotated('unmapped', value);
}

/** In `map`'s `with`: walked along with the items, one value an item. More or fewer values than items are refused. */
export function zipped<T>(
  values: Iterable<T> | AsyncIterable<T> | PromiseLike<Iterable<T>>,
): Annotated<'zipped', Iterable<T>> {
  // The values are iterated by the fan-out; the type only says what they are.
  return new Annotated('zipped', values as Iterable<T>);
}

/** Run even if this upstream failed: the task receives what it threw (an `Error`) in place of its value. */
export function allowFailure<T>(future: RunFuture<T>): Annotated<'allowFailure', RunFuture<T>> {
  return new Annotated('allowFailure', future);
}

/**
 * Pass as it is (a stream stays one that is read as it comes): not searched for futures, and no part of what names the
 * step. Of equal calls with such arguments, a continued run takes the n-th for the n-th: say it of what does not matter
 * to the result, or of calls that come in the same order each time.
 */
export function opaque<T>(value: T): Annotated<'opaque', T> {
  return new Annotated('opaque', value);
}
