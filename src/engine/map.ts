/**
 * Fan-out: one task over many items, lazily, with a window.
 *
 * 1. At most `concurrency` items are in flight, and no item is taken from the source before a place in the window is
 *    free: a million items never stand in memory as runs or futures.
 * 2. Values lie in item order. A failed item leaves a hole that only `settledValues` fills, with its error.
 * 3. The outcome is known when every started item is done: a failure does not stop its siblings.
 * 4. Items may be futures, or come from another fan-out: each waits for its own only, and fails with its own only.
 */

import type { StateId, TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { isPromise } from '../core/maybe-promise.ts';
import { thrownText } from '../core/show-value.ts';
import { stampState } from '../core/state.ts';
import type { TaskInput } from '../core/task-run.ts';
import { secondsBetween } from '../core/time.ts';
import { isAnnotated } from './annotations.ts';
import { findFutures } from './arguments.ts';
import type { Cancellation } from './cancellation.ts';
import type { TaskDefinition } from './definitions.ts';
import { isFuture, TaskFuture } from './future.ts';
import type { MapFuture } from './map-future.ts';
import { asItem, openFurther, openItems, sizeOf, type Items } from './map-source.ts';
import type { CallSite, EnginePorts } from './ports.ts';
import type { Frame } from './run-context.ts';
import { runTask } from './run-task.ts';
import { SharedInputs } from './shared-inputs.ts';

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

type MapEdges = Readonly<Record<string, readonly TaskInput[]>>;

interface Fan {
  readonly definition: TaskDefinition;
  readonly future: MapFuture<unknown>;
  readonly site: CallSite;
  readonly frame: Frame | null;
  readonly ports: EnginePorts;
  readonly options: MapOptions;
  readonly tags: readonly string[];
  /** Calls the fan-out off: the run around it, or the process outside any run. */
  readonly around: Cancellation;
}

/** Runs the fan-out. Never throws: the future carries every failure. */
export async function runMap(fan: Fan, source: unknown): Promise<void> {
  const { future, ports, frame } = fan;
  const flow = frame?.scope.flow ?? null;
  flow?.started();
  let stopped: { readonly error: unknown } | null = null;
  let total: number | null = null;
  try {
    const items = await openItems(source, `${fan.definition.name}.map()`, fan.around);
    total = sizeOf(items);
    await pump(fan, items, edgesOfSource(fan.definition, source), total);
  } catch (error) {
    stopped = { error };
  }
  const failed = future.failedCount > 0 || stopped !== null;
  const state = stampState(
    failed ? { type: 'FAILED', failure: null } : { type: 'COMPLETED', data: null },
    ports.ids.next<StateId>(),
    ports.clock.now(),
  );
  announce(fan, total ?? future.doneCount, true);
  future.finish(state, stopped);
  if (stopped !== null)
    frame?.scope.log(LOG_LEVELS.error, `${future.name} could not walk its items: ${thrownText(stopped.error)}`);
  flow?.ended(future);
}

/** One edge for the fan-out as a whole; items that are futures have edges of their own. */
function edgesOfSource({ inputs }: TaskDefinition, source: unknown): MapEdges | null {
  return isFuture(source) || isAnnotated(source) ? (findFutures([source], inputs.at)?.edges() ?? null) : null;
}

async function pump(fan: Fan, items: Items, mapEdges: MapEdges | null, total: number | null): Promise<void> {
  const { future, options, ports, frame } = fan;
  const flow = frame?.scope.flow ?? null;
  const limit = Math.max(1, Math.min(options.concurrency ?? Infinity, flow?.slots.limit ?? ports.settings.concurrency));
  const further = await openFurther(fan.definition, options.with ?? [], total, fan.around);
  const shared = new SharedInputs(further.same, ports);
  let inFlight = 0;
  let wake: (() => void) | undefined;
  let announcedAt = ports.clock.now();
  let index = 0;
  const start = (item: unknown, at: number, more: readonly unknown[]): void => {
    const args = [asItem(item, at), ...more];
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
    void runTask(
      {
        definition: fan.definition,
        thisArg: undefined,
        args,
        site: fan.site,
        future: one,
        frame,
        tags: fan.tags,
        around: fan.around,
        mapId: future.mapId,
        itemIndex: at,
        mapEdges,
        onYield: null,
        shared,
      },
      ports,
    );
  };
  const untilBelow = async (count: number): Promise<void> => {
    while (inFlight >= count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  const stopped = (): boolean => fan.around.reason !== undefined;
  try {
    if (Symbol.asyncIterator in items) {
      for await (const { item } of untilAborted(items, fan.around)) {
        const more = further.next(index);
        start(item, index++, isPromise(more) ? await more : more);
        if (inFlight >= limit) await untilBelow(limit);
      }
    } else {
      for (const item of items) {
        if (stopped()) break;
        const more = further.next(index);
        start(item, index++, isPromise(more) ? await more : more);
        if (inFlight >= limit) await untilBelow(limit);
      }
    }
    if (!stopped()) await further.end(index);
  } finally {
    further.close();
    await untilBelow(1);
  }
  if (fan.around.reason) throw fan.around.reason;
}

/**
 * The items, wrapped so that a future among them is not awaited, until the work is called off: a source may never give
 * another item.
 */
async function* untilAborted(
  items: AsyncIterable<unknown>,
  cancellation: Cancellation,
): AsyncGenerator<{ readonly item: unknown }, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<unknown> | null>((resolve, reject) => {
        const stopListening = cancellation.onAbort(() => resolve(null));
        Promise.resolve(iterator.next())
          .then(resolve, reject)
          .finally(() => stopListening?.());
      });
      if (next === null || next.done || cancellation.reason) return;
      yield { item: next.value };
    }
  } finally {
    void iterator.return?.()?.catch(() => {});
  }
}

function announce(fan: Fan, total: number | null, finished: boolean): void {
  const { future, ports, frame, definition } = fan;
  const progress = {
    taskName: definition.name,
    flowRunName: frame?.scope.flow?.flowRun.name ?? '',
    mapId: future.mapId,
    done: future.doneCount,
    failed: future.failedCount,
    total,
    finished,
    seconds: secondsBetween(future.createdAt, ports.clock.now()),
  };
  for (const observer of ports.observers) observer.mapProgressed?.(progress);
}
