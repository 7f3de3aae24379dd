/** What a fan-out iterates: its items, and the further arguments that are iterated along with them. */

import { className } from '../core/codec-kinds.ts';
import { OstinatoError } from '../core/errors.ts';
import { chain, isPromise, isPromiseLike, type MaybePromise } from '../core/maybe-promise.ts';
import { isAnnotated } from './annotations.ts';
import { bare } from './argument-graph.ts';
import { findFutures } from './arguments.ts';
import type { Cancellation } from './cancellation.ts';
import type { TaskDefinition } from './definitions.ts';
import { isFuture, PromiseFuture } from './future.ts';
import { MapFuture } from './map-future.ts';

export type Items = Iterable<unknown> | AsyncIterable<unknown>;

/**
 * Opens something that can be iterated: a list, an iterable, a future or promise of one, or another fan-out. Items of a
 * stream are taken as they appear.
 *
 * @param what how errors name the source
 */
export async function openItems(source: unknown, what: string, cancellation: Cancellation): Promise<Items> {
  if (source instanceof MapFuture) return source.keepsValues ? source.inOrder() : refuseUnkept(source);
  if (isFuture(source) && Symbol.asyncIterator in source) return source as unknown as AsyncIterable<unknown>;
  if (isFuture(source) || isAnnotated(source)) {
    const found = findFutures([source], () => what);
    await found?.whenDone();
    return walkable(found?.values()[0], what, `${isFuture(source) ? source.name : 'the future'} gave `);
  }
  if (isPromiseLike(source) && !isWalkable(source))
    return walkable(await unlessAborted(source, cancellation), what, 'the promise gave ');
  return walkable(source, what, '');
}

function isWalkable(value: unknown): value is Items {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function walkable(value: unknown, what: string, origin: string): Items {
  if (!isWalkable(value))
    throw new OstinatoError(
      'bad-input',
      `${what} needs something to iterate over, but ${origin === '' ? 'was given ' : origin}${kindInWords(value)}.`,
      { remedy: remedyFor(value) },
    );
  // Marks rejections as handled: a failed promise that waits for its turn must not end the program.
  if (Array.isArray(value))
    for (const item of value) if (isPromiseLike(item) && !isFuture(item)) item.then(undefined, () => {});
  return value;
}

function kindInWords(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.getPrototypeOf(value) === Object.prototype ? 'a plain object' : `an instance of ${className(value)}`;
}

function remedyFor(value: unknown): string {
  if (typeof value === 'string') return 'Pass [text] for one item, or [...text] for its characters.';
  if (typeof value === 'object' && value !== null)
    return 'length' in value
      ? 'Pass Array.from(…) of it.'
      : 'Pass Object.entries(…), Object.values(…) or Object.keys(…) of it.';
  return 'Pass an array, an iterable, an async iterable, or a future or promise of one.';
}

function refuseUnkept(source: MapFuture<unknown>): never {
  throw new OstinatoError(
    'bad-input',
    `The values of ${source.name} are not kept (keepValues: false), so nothing can be mapped over them.`,
    { remedy: 'Drop keepValues: false there.' },
  );
}

/** Rejects with the reason when the work is called off: the promise itself may never settle. */
function unlessAborted<T>(promise: PromiseLike<T>, cancellation: Cancellation): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopListening = cancellation.onAbort(reject);
    promise.then(
      (value) => {
        stopListening();
        resolve(value);
      },
      (error: unknown) => {
        stopListening();
        reject(error as Error);
      },
    );
  });
}

/** The number of items; `null` when only iterating can tell. */
export function sizeOf(items: Items): number | null {
  if (Array.isArray(items)) return items.length;
  if (items instanceof Set || items instanceof Map) return items.size;
  return ArrayBuffer.isView(items) && 'length' in items && typeof items.length === 'number' ? items.length : null;
}

/** An item as the task gets it: only this item waits if it is a promise. */
export function asItem(item: unknown, index: number): unknown {
  return typeof item === 'object' && item !== null && isPromiseLike(item) && !isFuture(item)
    ? new PromiseFuture(item, `the promise of item ${index}`)
    : item;
}

/** The arguments after the item. */
export interface FurtherArguments {
  /** The arguments of one item; called in item order. */
  next(index: number): MaybePromise<readonly unknown[]>;
  /** Called after the last item: every iterated argument must be at its end, too. */
  end(count: number): Promise<void>;
  /** The arguments that are the same for all items. */
  readonly same: readonly unknown[];
  close(): void;
}

interface Walk {
  readonly name: string;
  readonly size: number | null;
  readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;
}

/** @param count number of items, where known: then lists of another length are refused before anything starts */
export async function openFurther(
  definition: TaskDefinition,
  more: readonly unknown[],
  count: number | null,
  cancellation: Cancellation,
): Promise<FurtherArguments> {
  const walks = new Map<number, Walk>();
  const constants = more.map((value) => (isAnnotated(value) && value.kind === 'unmapped' ? value.value : value));
  for (const [index, value] of more.entries()) {
    if (!isAnnotated(value) || !bare(value).zipped) continue;
    const name = definition.inputs.at(index + 1);
    const items = await openItems(
      value.value,
      `The zipped(…) argument \`${name}\` of ${definition.name}.map()`,
      cancellation,
    );
    const size = sizeOf(items);
    if (count !== null && size !== null && size !== count)
      throw unequal(definition, name, `${size} ${plural(size)}`, `${count}`);
    walks.set(index, {
      name,
      size,
      iterator: Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator](),
    });
  }
  const next = (at: number): MaybePromise<readonly unknown[]> => {
    if (walks.size === 0) return constants;
    const values = constants.map((value, index): MaybePromise<{ readonly value: unknown }> => {
      const walk = walks.get(index);
      return walk
        ? chain(walk.iterator.next() as MaybePromise<IteratorResult<unknown>>, (result) => {
            if (result.done === true)
              throw unequal(
                definition,
                walk.name,
                `${at} ${plural(at)}`,
                count === null ? `at least ${at + 1}` : `${count}`,
              );
            return { value: asItem(result.value, at) };
          })
        : { value };
    });
    const taken = (given: readonly { readonly value: unknown }[]): readonly unknown[] =>
      given.map(({ value }) => value);
    return values.some(isPromise)
      ? Promise.all(values.map(async (value) => await value)).then(taken)
      : taken(values as { readonly value: unknown }[]);
  };
  const end = async (at: number): Promise<void> => {
    for (const { name, size, iterator } of walks.values()) {
      const result = await iterator.next();
      if (result.done !== true)
        throw unequal(definition, name, size === null ? `more than ${at} ${plural(at)}` : `${size} values`, `${at}`);
    }
  };
  const close = (): void => {
    for (const { iterator } of walks.values())
      void (iterator.return?.() as Promise<unknown> | undefined)?.catch?.(() => {});
  };
  return { next, end, close, same: constants.filter((_, index) => !walks.has(index)) };
}

function plural(count: number): string {
  return count === 1 ? 'value' : 'values';
}

function unequal({ name }: TaskDefinition, input: string, given: string, items: string): OstinatoError {
  return new OstinatoError(
    'bad-input',
    `The zipped(…) argument \`${input}\` of ${name}.map() has ${given}, but there ${items === '1' ? 'is' : 'are'} ${items} ${items === '1' ? 'item' : 'items'}.`,
    { remedy: 'Give it as many values as there are items, or unmapped(…) for one value for all.' },
  );
}
