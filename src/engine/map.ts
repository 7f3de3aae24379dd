/**
 * Fan-out: one task over many items, lazily, with a window.
 *
 * 1. At most `concurrency` items are in flight, and no item is taken from the source before a place in the window is free:
 *    a million items never stand in memory as runs or futures.
 * 2. Values lie in item order. A failed item leaves a hole that only `settledValues` fills, with its error.
 * 3. The outcome is known when every started item is done: a failure does not stop its siblings.
 * 4. Items may be futures, or come from another fan-out: each waits for its own only, and fails with its own only.
 */

import { OstinatoError } from '../core/errors.ts';
import type { TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { thrownText } from '../core/show-value.ts';
import { stampState } from '../core/state.ts';
import type { StateId } from '../core/ids.ts';
import { secondsBetween } from '../core/time.ts';
import { isAnnotated } from './annotations.ts';
import { edgesOf, findFutures, substitute } from './arguments.ts';
import type { Cancellation } from './cancellation.ts';
import type { TaskDefinition } from './definitions.ts';
import { isFuture, TaskFuture, type RunFuture } from './future.ts';
import { MapFuture } from './map-future.ts';
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

/** Progress is announced at most this often. */
const PROGRESS_US = 100_000;

type Items = Iterable<unknown> | AsyncIterable<unknown>;

interface Fan {
  readonly definition: TaskDefinition;
  readonly future: MapFuture<unknown>;
  readonly site: CallSite;
  readonly frame: Frame | null;
  readonly ports: EnginePorts;
  readonly options: MapOptions;
  readonly tags: readonly string[];
  /** What calls it off: the run around it, or the process outside any. */
  readonly around: Cancellation;
}

/** Starts the fan-out; never throws, the future carries every failure. */
export async function runMap(fan: Fan, source: unknown): Promise<void> {
  const { future, ports, frame } = fan;
  const flow = frame?.scope.flow ?? null;
  flow?.started();
  let stopped: { readonly error: unknown } | null = null;
  let total: number | null = null;
  try {
    for (const upstream of neededFirst(source, fan.options.with ?? [])) await upstream.wait();
    const items = await openItems(source);
    total = Array.isArray(items) ? items.length : items instanceof Set || items instanceof Map ? items.size : null;
    await pump(fan, items, edgesOfSource(fan.definition, source), total);
  } catch (error) {
    stopped = { error };
  }
  const failed = future.errors.size > 0 || stopped !== null;
  const state = stampState(failed ? { type: 'FAILED', failure: null } : { type: 'COMPLETED', data: null }, ports.ids.next<StateId>(), ports.clock.now());
  announce(fan, total ?? future.doneCount, true);
  future.finish(state, stopped);
  if (stopped !== null) frame?.scope.log(LOG_LEVELS.error, `${future.name} could not walk its items: ${thrownText(stopped.error)}`);
  flow?.ended(future);
}

/** Futures whose items are taken as they come, not when all are there. */
function comesInPieces(source: unknown): source is MapFuture<unknown> | AsyncIterable<unknown> {
  return source instanceof MapFuture || (isFuture(source) && Symbol.asyncIterator in source);
}

/** The futures without whose values no item can be named. Others are waited for by the items themselves. */
function neededFirst(source: unknown, further: readonly unknown[]): RunFuture<unknown>[] {
  const walked = further.filter((value) => isAnnotated(value) && value.kind === 'zipped');
  const first = comesInPieces(source) || Array.isArray(source) ? walked : [source, ...walked];
  return (findFutures(first, [], []) ?? []).map(({ future }) => future);
}

/** One edge for the fan-out as a whole; items that are futures have edges of their own. */
function edgesOfSource({ inputNames }: TaskDefinition, source: unknown): ReturnType<typeof edgesOf> | null {
  const found = isFuture(source) || isAnnotated(source) ? findFutures([source], [inputNames[0] ?? 'items'], []) : null;
  return found && edgesOf(found);
}

async function openItems(source: unknown): Promise<Items> {
  if (source instanceof MapFuture) return source.keepsValues ? source.inOrder() : refuseUnkept(source);
  if (comesInPieces(source)) return source;
  const value = isFuture(source) || isAnnotated(source) ? substitute(source) : source;
  if (typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)) return value as Items;
  throw new OstinatoError('bad-input', `map() needs something to iterate over, but was given ${value === null ? 'null' : typeof value}.`, { remedy: 'Pass an array, an iterable, an async iterable, or a future of one.' });
}

function refuseUnkept(source: MapFuture<unknown>): never {
  throw new OstinatoError('bad-input', `The values of ${source.name} are not kept (keepValues: false), so nothing can be mapped over them.`, { remedy: 'Drop keepValues: false there.' });
}

async function pump(fan: Fan, items: Items, mapEdges: ReturnType<typeof edgesOf> | null, total: number | null): Promise<void> {
  const { future, options, ports, frame } = fan;
  const flow = frame?.scope.flow ?? null;
  const limit = Math.max(1, Math.min(options.concurrency ?? Infinity, flow?.slots.limit ?? ports.settings.concurrency));
  const further = openFurther(options.with ?? []);
  let inFlight = 0;
  let wake: (() => void) | undefined;
  let announcedAt = ports.clock.now();
  let index = 0;
  const start = (item: unknown, at: number): void => {
    const args = [item, ...further()];
    const one = new TaskFuture<unknown>(ports.ids.next<TaskRunId>(), fan.definition.name, ports.clock);
    inFlight += 1;
    one.onDone(() => {
      future.take(at, one);
      inFlight -= 1;
      if (ports.clock.now() - announcedAt >= PROGRESS_US) {
        announcedAt = ports.clock.now();
        announce(fan, total, false);
      }
      wake?.();
    });
    void runTask({ definition: fan.definition, thisArg: undefined, args, site: fan.site, future: one, frame, tags: fan.tags, around: fan.around, mapId: future.mapId, mapEdges, onYield: null }, ports);
  };
  const untilBelow = async (count: number): Promise<void> => {
    while (inFlight >= count) await new Promise<void>((resolve) => { wake = resolve; });
  };
  const stopped = (): boolean => fan.around.reason !== undefined;
  try {
    if (Symbol.asyncIterator in items) {
      for await (const { item } of untilAborted(items, fan.around)) {
        start(item, index++);
        if (inFlight >= limit) await untilBelow(limit);
      }
    } else {
      for (const item of items) {
        if (stopped()) break;
        start(item, index++);
        if (inFlight >= limit) await untilBelow(limit);
      }
    }
  } finally {
    await untilBelow(1);
  }
  if (fan.around.reason) throw fan.around.reason;
}

/** The items, wrapped (a future among them is not awaited), until the work is asked to stop: a source may be silent for ever. */
async function* untilAborted(items: AsyncIterable<unknown>, cancellation: Cancellation): AsyncGenerator<{ readonly item: unknown }, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<unknown> | null>((resolve, reject) => {
        const stopListening = cancellation.onAbort(() => resolve(null));
        Promise.resolve(iterator.next()).then(resolve, reject).finally(() => stopListening?.());
      });
      if (next === null || next.done || cancellation.reason) return;
      yield { item: next.value };
    }
  } finally {
    void iterator.return?.()?.catch(() => {});
  }
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

