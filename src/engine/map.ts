/**
 * Fan-out: one task over many items, lazily, with a window.
 *
 * 1. At most `concurrency` items are in flight, and no item is taken from the source before a place in the window is free:
 *    a million items never stand in memory as runs or futures.
 * 2. Values lie in item order. A failed item leaves a hole that only `settledValues` fills, with its error.
 * 3. The outcome is known when every started item is done: a failure does not stop its siblings.
 */

import { OstinatoError } from '../core/errors.ts';
import type { TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { stampState, type State } from '../core/state.ts';
import type { StateId } from '../core/ids.ts';
import type { TaskInput } from '../core/task-run.ts';
import { secondsBetween, type Clock, type Instant } from '../core/time.ts';
import { isAnnotated } from './annotations.ts';
import { edgesOf, findFutures, substitute, type FoundFuture } from './arguments.ts';
import type { TaskDefinition } from './definitions.ts';
import { isFuture, RunFuture, TaskFuture } from './future.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import type { Frame } from './run-context.ts';
import { runTask } from './run-task.ts';

export interface MapOptions<Further extends readonly unknown[] = readonly unknown[]> {
  /** Further arguments after the item: the same for all, unless wrapped in `zipped(…)`. */
  readonly with?: Further;
  /** Items in flight; default: what the task runner allows. */
  readonly concurrency?: number;
  /** `false` drops each value once it is recorded: for fan-outs whose values nobody reads here. Default true. */
  readonly keepValues?: boolean;
}

/** Errors that the outcome names; the rest is counted. */
const ERRORS_NAMED_MAX = 5;
/** Progress is announced at most this often. */
const PROGRESS_US = 100_000;

export class MapFuture<R> extends RunFuture<R[]> {
  readonly mapId: string;
  readonly createdAt: Instant;
  readonly #values: R[] = [];
  readonly #errors = new Map<number, unknown>();
  #done = 0;
  /** @internal Wakes whoever reads values in order as they come. */
  #wake: (() => void)[] = [];
  readonly #ready = new Set<number>();

  constructor(name: string, mapId: string, clock: Clock) {
    super(name, clock);
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

  /** Failures by item index, so far. */
  get errors(): ReadonlyMap<number, unknown> {
    return this.#errors;
  }

  /** @internal */
  take(index: number, item: TaskFuture<unknown>, keep: boolean): void {
    this.#done += 1;
    const { outcome } = item;
    if (outcome && !outcome.ok) this.#errors.set(index, outcome.error);
    else if (keep) this.#values[index] = outcome?.value as R;
    if (this.#wake.length > 0 || this.#ready.size > 0) {
      this.#ready.add(index);
      for (const wake of this.#wake.splice(0)) wake();
    }
  }

  /** Every item's value, or the error in its place. Waits for all; never throws. */
  async settled(): Promise<({ readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown })[]> {
    await this.wait();
    return Array.from({ length: this.#done }, (_, index) => (this.#errors.has(index) ? { ok: false as const, error: this.#errors.get(index) } : { ok: true as const, value: this.#values[index] as R }));
  }

  /** @internal What `allowFailure(map)` puts into an argument: values, with errors in the places of failed items. */
  settledValues(): unknown[] {
    return Array.from({ length: this.#done }, (_, index) => this.#errors.get(index) ?? this.#values[index]);
  }

  /** @internal */
  finish(state: State, sourceError: unknown): void {
    if (sourceError !== undefined) this.settle({ ok: false, error: sourceError }, state);
    else if (this.#errors.size > 0) this.settle({ ok: false, error: this.#summary() }, state);
    else this.settle({ ok: true, value: this.#values }, state);
    for (const wake of this.#wake.splice(0)) wake();
  }

  #summary(): Error {
    const named = [...this.#errors].slice(0, ERRORS_NAMED_MAX).map(([index, error]) => `item ${index}: ${error instanceof Error ? error.message : String(error)}`);
    const more = this.#errors.size > ERRORS_NAMED_MAX ? ` … and ${this.#errors.size - ERRORS_NAMED_MAX} more` : '';
    const message = `${this.#errors.size} of ${this.#done} items of ${this.name} failed: ${named.join('; ')}${more}.`;
    return new OstinatoError('run-failed', message, { cause: this.#errors.values().next().value, remedy: 'Use allowFailure(…) or .settled() to go on with the items that did not fail.' });
  }

  /** Values in item order, each as soon as it and all before it are there: what `second.map(first.map(…))` walks. Throws at the first failed item. */
  async *inOrder(): AsyncGenerator<R, void, undefined> {
    this.observe();
    for (let index = 0; ; index += 1) {
      while (!(index in this.#values) && !this.#errors.has(index)) {
        if (this.done) return;
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
      if (this.#errors.has(index)) throw this.#errors.get(index);
      yield this.#values[index] as R;
    }
  }
}

type Items = Iterable<unknown> | AsyncIterable<unknown>;

interface Fan {
  readonly definition: TaskDefinition;
  readonly future: MapFuture<unknown>;
  readonly site: CallSite;
  readonly frame: Frame | null;
  readonly ports: EnginePorts;
  readonly options: MapOptions;
  readonly tags: readonly string[];
}

/** Starts the fan-out; never throws, the future carries every failure. */
export async function runMap(fan: Fan, source: unknown): Promise<void> {
  const { future, ports, frame } = fan;
  const flow = frame?.scope.flow ?? null;
  flow?.started();
  let sourceError: unknown;
  let total: number | null = null;
  try {
    const found = findFutures([source, ...(fan.options.with ?? [])], ['items'], fan.definition.options.waitFor ?? []);
    const waits = found?.filter(({ future: upstream }) => upstream !== source || !comesInPieces(source)) ?? [];
    for (const { future: upstream } of waits) await upstream.wait();
    const items = await openItems(source);
    total = Array.isArray(items) ? items.length : items instanceof Set || items instanceof Map ? items.size : null;
    await pump(fan, items, found, total);
  } catch (error) {
    sourceError = error;
  }
  const failed = future.errors.size > 0 || sourceError !== undefined;
  const state = stampState(failed ? { type: 'FAILED', failure: null } : { type: 'COMPLETED', data: null }, ports.ids.next<StateId>(), ports.clock.now());
  announce(fan, total ?? future.doneCount, true);
  future.finish(state, sourceError);
  if (sourceError !== undefined) frame?.scope.log(LOG_LEVELS.error, `${future.name} could not walk its items: ${String(sourceError)}`);
  flow?.ended(future);
}

/** Futures whose items are taken as they come, not when all are there. */
function comesInPieces(source: unknown): source is MapFuture<unknown> | AsyncIterable<unknown> {
  return source instanceof MapFuture || (isFuture(source) && Symbol.asyncIterator in source);
}

async function openItems(source: unknown): Promise<Items> {
  if (source instanceof MapFuture) return source.inOrder();
  if (comesInPieces(source)) return source;
  const value = isFuture(source) || isAnnotated(source) ? substitute(source) : source;
  if (Array.isArray(value)) return value.some((item) => isFuture(item)) ? settleInOrder(value) : value;
  if (typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)) return value as Items;
  throw new OstinatoError('bad-input', `map() needs something to iterate over, but was given ${value === null ? 'null' : typeof value}.`, { remedy: 'Pass an array, an iterable, an async iterable, or a future of one.' });
}

async function* settleInOrder(items: readonly unknown[]): AsyncGenerator<unknown, void, undefined> {
  for (const item of items) yield item;
}

async function pump(fan: Fan, items: Items, found: readonly FoundFuture[] | null, total: number | null): Promise<void> {
  const { future, options, ports, frame } = fan;
  const flow = frame?.scope.flow ?? null;
  const limit = Math.max(1, Math.min(options.concurrency ?? Infinity, flow?.slots.limit ?? ports.settings.concurrency));
  const mapEdges = found ? edgesOf(found) : null;
  const further = openFurther(options.with ?? []);
  let inFlight = 0;
  let wake: (() => void) | undefined;
  let announcedAt = ports.clock.now();
  let index = 0;
  const start = (item: unknown, at: number): void => {
    const one = new TaskFuture<unknown>(ports.ids.next<TaskRunId>(), fan.definition.name, ports.clock);
    inFlight += 1;
    one.onDone(() => {
      future.take(at, one, options.keepValues !== false);
      inFlight -= 1;
      if (ports.clock.now() - announcedAt >= PROGRESS_US) {
        announcedAt = ports.clock.now();
        announce(fan, total, false);
      }
      wake?.();
    });
    void runTask({ definition: fan.definition, thisArg: undefined, args: [item, ...further()], site: fan.site, future: one, frame, tags: fan.tags, mapId: future.mapId, mapEdges, onYield: null }, ports);
  };
  const untilBelow = async (count: number): Promise<void> => {
    while (inFlight >= count) await new Promise<void>((resolve) => { wake = resolve; });
  };
  const iterate = Symbol.asyncIterator in items ? (items as AsyncIterable<unknown>) : null;
  try {
    if (iterate) {
      for await (const item of iterate) {
        if (frame?.scope.cancellation.reason) break;
        start(item, index++);
        if (inFlight >= limit) await untilBelow(limit);
      }
    } else {
      for (const item of items as Iterable<unknown>) {
        if (frame?.scope.cancellation.reason) break;
        start(item, index++);
        if (inFlight >= limit) await untilBelow(limit);
      }
    }
  } finally {
    await untilBelow(1);
  }
  if (frame?.scope.cancellation.reason) throw frame.scope.cancellation.reason;
}

/** The arguments after the item, one set an item. */
function openFurther(more: readonly unknown[]): () => unknown[] {
  const walks = more.map((value) => {
    if (isAnnotated(value) && value.kind === 'zipped') {
      const iterator = (substitute(value.value) as Iterable<unknown>)[Symbol.iterator]();
      return (): unknown => {
        const next = iterator.next();
        if (next.done) throw new OstinatoError('bad-input', 'A zipped(…) argument of map() ended before the items did.', { remedy: 'Give it as many values as there are items, or unmapped(…) for one value for all.' });
        return next.value;
      };
    }
    const same = isAnnotated(value) && value.kind === 'unmapped' ? value.value : value;
    return (): unknown => same;
  });
  return () => walks.map((walk) => walk());
}

function announce(fan: Fan, total: number | null, finished: boolean): void {
  const { future, ports, frame, definition } = fan;
  const progress = { taskName: definition.name, flowRunName: frame?.scope.flow?.flowRun.name ?? '', mapId: future.mapId, done: future.doneCount, failed: future.errors.size, total, finished, seconds: secondsBetween(future.createdAt, ports.clock.now()) };
  for (const observer of ports.observers) observer.mapProgressed?.(progress);
}

