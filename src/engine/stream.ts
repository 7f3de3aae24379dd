/**
 * Generators as tasks and flows: what they yield reaches the caller as it comes, and is the result as a list.
 *
 * 1. While somebody reads, the generator goes on when the next value is asked for, as it would without us: an endless
 *    one does not run ahead of a slow reader.
 * 2. A reader that stops (`break`) stops the generator: its `finally` runs, and what it gave until then is its result.
 * 3. Nobody waits for a reader that has gone away: one that is awaited as a whole, or whose flow is over, runs to its
 *    end.
 */

import { isPromiseLike } from '../core/maybe-promise.ts';
import { eachPart, shapeOf } from './argument-parts.ts';
import { ReturnedState } from './returned-state.ts';

/**
 * Takes a yielded value. The generator continues when the returned promise resolves, and ends when it resolves to
 * `false`.
 */
export type OnYield = (value: unknown) => unknown;

export function isGeneratorFunction(fn: unknown): boolean {
  const kind = (fn as { constructor?: { name?: string } }).constructor?.name;
  return kind === 'AsyncGeneratorFunction' || kind === 'GeneratorFunction';
}

/** Returns the result itself; for a generator the list of what it yields. */
export function collectStream(
  definition: { readonly streams: boolean },
  result: unknown,
  onYield: OnYield | null,
): unknown {
  if (!definition.streams) return result;
  return drain(result as AsyncIterable<unknown> | Iterable<unknown>, onYield);
}

async function drain(items: AsyncIterable<unknown> | Iterable<unknown>, onYield: OnYield | null): Promise<unknown> {
  const all: unknown[] = [];
  for await (const item of items) {
    all.push(item);
    const answer = onYield?.(item);
    if ((isPromiseLike(answer) ? await answer : answer) === false) {
      return new ReturnedState('COMPLETED', {
        value: all,
        message: `Its reader stopped after ${all.length} ${all.length === 1 ? 'value' : 'values'}.`,
        partial: true,
      });
    }
  }
  return all;
}

const NO_LISTS: readonly unknown[][] = Object.freeze([]) as never;
const readAsync = { configurable: true, enumerable: false, writable: true, value: readList };

async function* readList(this: readonly unknown[]): AsyncGenerator<unknown, void, undefined> {
  for (const item of this) yield item;
}

/**
 * A stream as an argument: the list of its values, which can also be read as an async iterable, any number of times.
 */
export function asReadable(stream: object, value: unknown): unknown {
  return Array.isArray(value) && Symbol.asyncIterator in stream ? readableList(value) : value;
}

let areThereReadable = false;

/** Lists among the arguments that are readable as streams; a clone loses that. */
export function readableLists(args: readonly unknown[]): readonly unknown[][] {
  if (!areThereReadable) return NO_LISTS;
  const found: unknown[][] = [];
  const seen = new Set<object>();
  const pending: object[] = [args];
  for (let part = pending.pop(); part; part = pending.pop()) {
    const shape = shapeOf(part);
    if (shape === null || shape === 'future' || shape === 'mark' || seen.has(part)) continue;
    seen.add(part);
    if (shape === 'list' && Object.hasOwn(part, Symbol.asyncIterator)) found.push(part as unknown[]);
    eachPart(part, shape, (inner) => pending.push(inner));
  }
  return found;
}

export function readableList(list: unknown[]): unknown[] {
  if (Symbol.asyncIterator in list) return list;
  areThereReadable = true;
  return Object.defineProperty(Object.isExtensible(list) ? list : list.slice(), Symbol.asyncIterator, readAsync);
}

/** Hands values from the generator to whoever reads them. */
export class Channel {
  #values: unknown[] = [];
  #ended: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  #demand: ((more: boolean) => void) | undefined;
  #reading = false;
  #released = false;
  #abandoned = false;

  readonly push: OnYield = (value) => {
    if (this.#abandoned) return false;
    this.#values.push(value);
    this.#wake?.();
    if (!this.#reading || this.#released) return true;
    return new Promise((resolve) => {
      this.#demand = resolve;
    });
  };

  /** @param failure what the reader gets after the last value, `undefined` included where that was thrown */
  end(failure?: { readonly error: unknown }): void {
    this.#ended ??= failure ?? {};
    this.#wake?.();
  }

  /** The generator no longer waits for its reader. */
  release(): void {
    this.#released = true;
    this.#ask(true);
  }

  [Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    this.#reading = true;
    return this.#read();
  }

  async *#read(): AsyncGenerator<unknown, void, undefined> {
    try {
      for (;;) {
        const values = this.#values;
        this.#values = [];
        yield* values;
        if (this.#values.length > 0) continue;
        if (this.#ended) {
          if ('error' in this.#ended) throw this.#ended.error;
          return;
        }
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#ask(true);
        await woken;
      }
    } finally {
      this.#abandoned = true;
      this.#ask(false);
    }
  }

  #ask(more: boolean): void {
    const demand = this.#demand;
    this.#demand = undefined;
    demand?.(more);
  }
}
