/**
 * Arguments: finds the futures in them, wherever they lie, waits, and puts values in their places.
 *
 * - Searched are arrays, plain objects, maps and sets, however deep, and the fields of class instances. In an instance
 *   no value can be put in a future's place (its class may keep more than its fields), so a future there is refused,
 *   not passed over.
 * - A promise that is no future is a value like others: a body may be given one to wait for (a stop, a latch), and it
 *   may depend on that very body. In `waitFor`, where it can mean one thing only, it is waited for.
 */

import { OstinatoError } from '../core/errors.ts';
import { isPromiseLike } from '../core/maybe-promise.ts';
import type { TaskInput } from '../core/task-run.ts';
import { ArgumentGraph, holdsFutures, type Bare, type KnownValues } from './argument-graph.ts';
import { isFuture, PromiseFuture, type RunFuture } from './future.ts';
import { asReadable } from './stream.ts';

const NO_WAIT: readonly unknown[] = Object.freeze([]);

export class UpstreamFailed extends OstinatoError {
  readonly upstream: RunFuture<unknown>;
  constructor(upstream: RunFuture<unknown>) {
    const outcome = upstream.outcome;
    super(
      'upstream-failed',
      `Upstream ${upstream.name} ended ${upstream.state?.name ?? (outcome?.ok === false ? 'with an error' : 'without a result')}.`,
      {
        cause: outcome && !outcome.ok ? outcome.error : undefined,
        remedy: 'Wrap the argument in allowFailure(…) to run anyway.',
      },
    );
    this.upstream = upstream;
  }
}

/** The name of the argument at this index; called only when a future was found. */
export type NameOfInput = (index: number) => string;

/** Arguments with futures in them, before the body gets values. */
export class FoundFutures {
  readonly #given: ArgumentGraph;
  readonly #needed: ArgumentGraph | null;
  readonly #nameOf: NameOfInput;
  #values: readonly unknown[] | undefined;

  constructor(args: readonly unknown[], nameOf: NameOfInput, waitFor: readonly unknown[], known?: KnownValues) {
    this.#given = new ArgumentGraph(args, undefined, known);
    this.#needed = waitFor.length === 0 ? null : new ArgumentGraph(waitFor, adoptPromise);
    this.#nameOf = nameOf;
  }

  /** A future that was found twice is listed twice. */
  get futures(): readonly RunFuture<unknown>[] {
    return [...this.#given.futures, ...(this.#needed?.futures ?? [])].map(({ future }) => future);
  }

  /** Futures that ended without a value and are not marked `allowFailure`. */
  get failed(): readonly RunFuture<unknown>[] {
    return [...this.#given.futures, ...(this.#needed?.futures ?? [])]
      .filter(({ future, lenient }) => !lenient && future.outcome?.ok !== true)
      .map(({ future }) => future);
  }

  get hasFutures(): boolean {
    return this.#given.futures.length > 0 || (this.#needed?.futures.length ?? 0) > 0;
  }

  get hasOpaque(): boolean {
    return this.#given.hasOpaque;
  }

  /**
   * The edges as they are recorded, by the argument that each is of (`waitFor` for those that carry no value). Taken
   * when the futures are done: only then is it sure which recorded run each stands for.
   */
  edges(): Readonly<Record<string, readonly TaskInput[]>> {
    const edges: Record<string, Map<RunFuture<unknown>, TaskInput>> = {};
    const add = (input: string, future: RunFuture<unknown>): void => {
      const { edge } = future;
      if (edge) (edges[input] ??= new Map()).set(future, edge);
    };
    for (const { root, future } of this.#given.futures) add(this.#nameOf(root), future);
    for (const { future } of this.#needed?.futures ?? []) add('waitFor', future);
    return Object.fromEntries(Object.entries(edges).map(([input, found]) => [input, [...found.values()]]));
  }

  /** Resolves when every future is done, however it ended. */
  whenDone(): Promise<void> {
    return new Promise((resolve) => {
      const { futures } = this;
      let left = futures.length + 1;
      const done = (): void => {
        left -= 1;
        if (left === 0) resolve();
      };
      for (const future of futures) {
        future.observe();
        future.onDone(done);
      }
      done();
    });
  }

  /**
   * The arguments with values in place of (finished) futures and without marks. The same objects every time.
   *
   * @throws `UpstreamFailed` at the first that failed and is not allowed to, `bad-input` where no value can be put
   */
  values(): readonly unknown[] {
    if (this.#values) return this.#values;
    const refusal = this.#given.refusal(this.#nameOf);
    if (refusal) throw refusal;
    // The first in the order of arguments, so that the message does not depend on where the copy begins.
    const [failed] = this.failed;
    if (failed) throw new UpstreamFailed(failed);
    return (this.#values = this.#given.copy(valueInPlace));
  }

  /** As `values()`, for the step's identity: of an `opaque` argument only the mark counts. */
  compared(): readonly unknown[] {
    return this.#given.hasOpaque
      ? this.#given.copy((found) => (found.opaque ? 'opaque' : valueInPlace(found)))
      : this.values();
  }

  /** As `values()`, for what a run returned: futures inside class instances are left as they are. */
  results(): readonly unknown[] {
    return this.#given.copy(valueInPlace);
  }
}

/** The futures and marks in the arguments; `null` when there are none (the common case). */
export function findFutures(
  args: readonly unknown[],
  nameOf: NameOfInput,
  waitFor: readonly unknown[] = NO_WAIT,
  known?: KnownValues,
): FoundFutures | null {
  return waitFor.length > 0 || holdsFutures(args, known) ? new FoundFutures(args, nameOf, waitFor, known) : null;
}

function adoptPromise(value: object): RunFuture<unknown> | null {
  return isPromiseLike(value) ? new PromiseFuture(value, 'a promise in waitFor') : null;
}

function valueOfFuture(future: RunFuture<unknown>): unknown {
  const { outcome } = future;
  if (outcome?.ok) return asReadable(future, outcome.value);
  throw new UpstreamFailed(future);
}

function valueInPlace({ value, lenient, opaque }: Bare): unknown {
  if (opaque || !isFuture(value)) return value;
  if (!lenient || value.outcome?.ok) return valueOfFuture(value);
  if ('settledValues' in value && typeof value.settledValues === 'function')
    return (value.settledValues as () => unknown)();
  return value.outcome?.error;
}
