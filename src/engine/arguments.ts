/**
 * Arguments: finds futures in them, records the edges, waits, and puts values in their place.
 *
 * Only arrays and plain objects are searched: everything else (a Date, a class instance, a stream) is a value.
 */

import { OstinatoError } from '../core/errors.ts';
import type { TaskInput } from '../core/task-run.ts';
import { Annotated, isAnnotated } from './annotations.ts';
import { isFuture, type RunFuture } from './future.ts';

/** Nested deeper than this is not searched for futures: data, not a hand-written argument. */
const SEARCH_DEPTH_MAX = 16;
/** Parts of one argument looked at before the search takes it for bulk data that holds no futures. */
const SEARCH_PARTS_MAX = 10_000;

/** A future inside the arguments, and the argument that it is in (`waitFor` for those that carry no value). */
export interface FoundFuture {
  readonly input: string;
  readonly future: RunFuture<unknown>;
}

/** The futures inside the arguments; `null` when there are none (the common case). */
export function findFutures(args: readonly unknown[], names: readonly string[], waitFor: readonly unknown[]): readonly FoundFuture[] | null {
  let found: FoundFuture[] | null = null;
  const budget = { parts: SEARCH_PARTS_MAX };
  const add = (input: string) => (future: RunFuture<unknown>): void => {
    (found ??= []).push({ input, future });
  };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (typeof arg === 'object' && arg !== null) visit(arg, 0, budget, add(names[index] ?? `arg${index}`));
  }
  for (const value of waitFor) visit(value, 0, budget, add('waitFor'));
  return found;
}

/** The edges as they are recorded. Taken when the futures are done: only then is it sure which recorded run each stands for. */
export function edgesOf(found: readonly FoundFuture[]): Readonly<Record<string, readonly TaskInput[]>> {
  const edges: Record<string, TaskInput[]> = {};
  for (const { input, future } of found) (edges[input] ??= []).push(future.edge);
  return edges;
}

function visit(value: unknown, depth: number, budget: { parts: number }, add: (future: RunFuture<unknown>) => void): void {
  if (typeof value !== 'object' || value === null || (budget.parts -= 1) < 0) return;
  if (isFuture(value)) return add(value);
  if (isAnnotated(value)) return value.kind === 'opaque' ? undefined : visit(value.value, depth, budget, add);
  if (depth >= SEARCH_DEPTH_MAX) return;
  if (Array.isArray(value)) {
    for (const item of value) visit(item, depth + 1, budget, add);
  } else if (isPlainObject(value)) {
    for (const key in value) visit(value[key], depth + 1, budget, add);
  }
}

export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Waits until every future is done. */
export function allDone(found: readonly FoundFuture[]): Promise<void> {
  return new Promise((resolve) => {
    let left = found.length;
    for (const { future } of found) {
      future.observe();
      future.onDone(() => {
        left -= 1;
        if (left === 0) resolve();
      });
    }
  });
}

export class UpstreamFailed extends OstinatoError {
  readonly upstream: RunFuture<unknown>;
  constructor(upstream: RunFuture<unknown>) {
    const outcome = upstream.outcome;
    super('upstream-failed', `Upstream ${upstream.name} ended ${upstream.state?.name ?? 'without a result'}.`, {
      cause: outcome && !outcome.ok ? outcome.error : undefined,
      remedy: 'Wrap the argument in allowFailure(…) to run anyway.',
    });
    this.upstream = upstream;
  }
}

/** The argument with values in place of (finished) futures. Throws `UpstreamFailed` at the first that failed and is not allowed to. */
export function substitute(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isFuture(value)) {
    const { outcome } = value;
    if (outcome?.ok) return outcome.value;
    throw new UpstreamFailed(value);
  }
  if (isAnnotated(value)) return value.kind === 'allowFailure' ? substituteAllowed(value) : value.kind === 'opaque' ? value.value : substitute(value.value);
  if (Array.isArray(value)) {
    const items = value.map(substitute);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isPlainObject(value)) return value;
  let copy: Record<string, unknown> | null = null;
  for (const key in value) {
    const item = value[key];
    const replaced = substitute(item);
    if (replaced !== item) (copy ??= { ...value })[key] = replaced;
  }
  return copy ?? value;
}

function substituteAllowed(mark: Annotated<string, unknown>): unknown {
  const future = mark.value;
  if (!isFuture(future)) return substitute(future);
  if (future.outcome?.ok) return future.outcome.value;
  if ('settledValues' in future && typeof future.settledValues === 'function') return (future.settledValues as () => unknown)();
  return future.outcome?.error;
}

/** Takes the marks off arguments that hold no futures. */
export function unwrapAnnotations(args: readonly unknown[]): readonly unknown[] {
  return args.some(isAnnotated) ? args.map((arg) => (isAnnotated(arg) ? substitute(arg) : arg)) : args;
}
