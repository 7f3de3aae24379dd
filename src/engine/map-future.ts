/** The future of a fan-out: values in item order, errors by item, progress. */

import { OstinatoError } from '../core/errors.ts';
import { thrownText } from '../core/show-value.ts';
import type { State } from '../core/state.ts';
import type { TaskInput } from '../core/task-run.ts';
import type { Clock, Instant } from '../core/time.ts';
import { RunFuture, type TaskFuture } from './future.ts';

/** Errors that the outcome names; the others are only counted. */
const ERRORS_NAMED_MAX = 5;
export class MapFuture<R> extends RunFuture<R[]> {
  readonly mapId: string;
  readonly createdAt: Instant;
  readonly #values: R[] = [];
  readonly #errors = new Map<number, unknown>();
  readonly #failed = new Map<number, TaskFuture<unknown>>();
  /** The error that the source of the items threw. */
  #stopped: { readonly error: unknown } | null = null;
  #done = 0;
  /** @internal Wakes readers that take values in order as they arrive. */
  #wake: (() => void)[] = [];
  /** Whether the values are kept in memory. */
  readonly keepsValues: boolean;

  constructor(name: string, mapId: string, clock: Clock, keepsValues = true) {
    super(name, clock);
    this.keepsValues = keepsValues;
    this.mapId = mapId;
    this.createdAt = clock.now();
  }

  get edge(): TaskInput {
    return { kind: 'map', id: this.mapId, count: this.#done };
  }

  /** Items done so far. */
  get doneCount(): number {
    return this.#done;
  }

  /** Failures by item index, so far. Reading them marks the outcome as observed. */
  get errors(): ReadonlyMap<number, unknown> {
    this.observe();
    return this.#errors;
  }

  /** @internal Items that failed so far. */
  get failedCount(): number {
    return this.#errors.size;
  }

  /** @internal Names of the first of them, in item order. */
  failedNames(count: number): readonly string[] {
    return [...this.#failed]
      .sort(([a], [b]) => a - b)
      .slice(0, count)
      .map(([, { name }]) => name);
  }

  /** @internal */
  take(index: number, item: TaskFuture<unknown>): void {
    this.#done += 1;
    const { outcome } = item;
    if (outcome && !outcome.ok) {
      this.#errors.set(index, outcome.error);
      this.#failed.set(index, item);
    } else if (this.keepsValues) {
      this.#values[index] = outcome?.value as R;
    }
    if (this.#wake.length > 0) for (const wake of this.#wake.splice(0)) wake();
  }

  /** Every item's value, or the error in its place. Waits for all; never throws. */
  async settled(): Promise<
    ({ readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown })[]
  > {
    await this.wait();
    return Array.from({ length: this.#done }, (_, index) =>
      this.#errors.has(index)
        ? { ok: false as const, error: this.#errors.get(index) }
        : { ok: true as const, value: this.#values[index] as R },
    );
  }

  /** @internal What `allowFailure(map)` gives as an argument: the values, with errors in place of failed items. */
  settledValues(): unknown[] {
    return Array.from({ length: this.#done }, (_, index) =>
      this.#errors.has(index) ? this.#errors.get(index) : this.#values[index],
    );
  }

  /** @internal */
  finish(state: State, stopped: { readonly error: unknown } | null): void {
    this.#stopped = stopped;
    if (stopped !== null) this.settle({ ok: false, error: stopped.error }, state);
    else if (this.#errors.size > 0) this.settle({ ok: false, error: this.#summary() }, state);
    else this.settle({ ok: true, value: this.#values }, state);
    for (const wake of this.#wake.splice(0)) wake();
  }

  #summary(): Error {
    const named = [...this.#errors]
      .sort(([a], [b]) => a - b)
      .slice(0, ERRORS_NAMED_MAX)
      .map(([index, error]) => `item ${index}: ${thrownText(error)}`);
    const more = this.#errors.size > ERRORS_NAMED_MAX ? ` … and ${this.#errors.size - ERRORS_NAMED_MAX} more` : '';
    const message = `${this.#errors.size} of ${this.#done} items of ${this.name} failed: ${named.join('; ')}${more}.`;
    return new OstinatoError('run-failed', message, {
      cause: this.#errors.values().next().value,
      remedy: 'Use allowFailure(…) or .settled() to go on with the items that did not fail.',
    });
  }

  /**
   * What `second.map(first.map(…))` iterates: the values in item order, each as soon as it and all before it are there.
   * A failed item gives its future, so that only the item made of it fails.
   */
  inOrder(): AsyncIterable<R | TaskFuture<unknown>> {
    this.observe();
    let index = 0;
    const next = async (): Promise<IteratorResult<R | TaskFuture<unknown>, undefined>> => {
      for (;;) {
        const failed = this.#failed.get(index);
        if (failed || index in this.#values) {
          index += 1;
          return { done: false, value: failed ?? (this.#values[index - 1] as R) };
        }
        if (this.done) {
          if (this.#stopped !== null) throw this.#stopped.error;
          return { done: true, value: undefined };
        }
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }
}
