/**
 * `task(fn, options)`: any function becomes a recorded unit of work. Importing this loads no database and no server.
 */

import { delayList } from '../core/retry.ts';
import { alikeTo } from '../engine/alike.ts';
import { callTask } from '../engine/call-task.ts';
import type { Annotated } from '../engine/annotations.ts';
import { mapTask } from '../engine/call-map.ts';
import type { TaskDefinition, TaskOptions } from '../engine/definitions.ts';
import { rememberHooks } from '../engine/hook-book.ts';
import type { MapOptions } from '../engine/map.ts';
import type { MapFuture } from '../engine/map-future.ts';
import type { RunFuture, TaskFuture } from '../engine/future.ts';
import type { StreamFuture } from '../engine/call-task.ts';
import { inputNames } from '../engine/input-names.ts';
import { registerTask } from '../engine/registry.ts';
import { isGeneratorFunction } from '../engine/stream.ts';
import type { State } from '../core/state.ts';
import { captureCallSite, isByModule } from '../platform/call-sites.ts';
import { functionParameters } from '../platform/function-parameters.ts';
import { hashText } from '../platform/hash.ts';
import type { Resolved } from './resolved.ts';
import { ensureDoor } from './runtime.ts';
import { functionName, PROCESS_MARK, sourceHash } from './describe-function.ts';
import { checkFunction, checkStreamOptions, checkTaskOptions } from './check-options.ts';

/** An argument, or a future of it, also nested in arrays, plain objects, maps and sets. */
export type Input<T> =
  | T
  | TaskFuture<T>
  | (PromiseLike<T> & { readonly state: State | undefined })
  | Annotated<'allowFailure', RunFuture<T>>
  | Annotated<'opaque' | 'unmapped', T>
  | (T extends readonly (infer Item)[] ? readonly Input<Item>[] | MapFuture<Item> : never)
  | (T extends ReadonlyMap<infer Key, infer Item>
      ? ReadonlyMap<Input<Key>, Input<Item>>
      : T extends ReadonlySet<infer Item>
        ? ReadonlySet<Input<Item>>
        : never)
  | (T extends Plain ? { readonly [Key in keyof T]: Input<T[Key]> } : never);

type Plain = { readonly [key: string]: unknown };
type Inputs<Args extends readonly unknown[]> = { [Index in keyof Args]: Input<Args[Index]> };

/**
 * What awaiting gives: a generator's result is the list of what it yields; futures inside what was returned are
 * resolved.
 */
type Output<R> = [R] extends [never]
  ? never
  : R extends AsyncGenerator<infer T, unknown, unknown> | Generator<infer T, unknown, unknown>
    ? Resolved<T>[]
    : Resolved<Awaited<R>>;
/** Not distributive: a union as result gives one future of the union, not a union of futures. */
type Future<R> = [R] extends [never]
  ? TaskFuture<never>
  : 0 extends 1 & R
    ? TaskFuture<R>
    : [R] extends [AsyncGenerator<infer T, unknown, unknown> | Generator<infer T, unknown, unknown>]
      ? StreamFuture<Resolved<T>>
      : TaskFuture<Resolved<Awaited<R>>>;

/** The arguments after the item, each the same for all items or iterated along with them. */
type Further<Args extends readonly unknown[]> = Args extends readonly [unknown?, ...infer Rest]
  ? {
      [Index in keyof Rest]:
        | Input<Rest[Index]>
        | Annotated<'zipped', Iterable<Input<Rest[Index]> | PromiseLike<Rest[Index]>>>;
    }
  : never;

/** A text is not iterated by its characters: it is nearly always one item that should have been in a list. */
type Items<T> =
  | (Iterable<Input<T> | PromiseLike<T>> & object)
  | AsyncIterable<T>
  | PromiseLike<(Iterable<T> & object) | AsyncIterable<T>>
  | MapFuture<T>;

export interface Task<Args extends readonly unknown[], R> {
  /** Runs the task. The future can be awaited, or passed on as (or inside) an argument of another task. */
  (...args: Inputs<Args>): Future<R>;
  /** One run for each item, started lazily, at most `concurrency` at once. Awaiting gives the values in item order. */
  map(items: Items<Args[0]>, options: MapOptions<Further<Args>> & { readonly keepValues: false }): MapFuture<undefined>;
  map(items: Items<Args[0]>, options?: MapOptions<Further<Args>>): MapFuture<Output<R>>;
  /** Runs the task and returns its final state; never throws the task's failure. */
  state(...args: Inputs<Args>): Promise<State>;
  /** The same task with other options: `load.with({ key: 'eu', waitFor: [ready] })(url)`. */
  with(options: TaskOptions<Args, Output<R>, Output<R>> & { readonly optional: true }): Task<Args, R | undefined>;
  with(options: TaskOptions<Args, Output<R>, Output<R>>): Task<Args, R>;
  /** The wrapped function, for unit tests. */
  readonly fn: (...args: Args) => R;
  readonly taskName: string;
}

type ArgsOf<F> = F extends (...args: infer Args) => unknown ? Args : never;
type ResultOf<F> = F extends (...args: never[]) => infer R ? R : never;
/**
 * A function with type parameters (or overloads) keeps its own signature, which no other type can express: the result
 * of a call must be awaited, as with any task, whatever the signature says.
 */
type TaskOf<F> = [(...args: ArgsOf<F>) => ResultOf<F>] extends [F]
  ? Task<ArgsOf<F>, ResultOf<F>>
  : F & Task<ArgsOf<F>, ResultOf<F>>;

/** Options of the task that wraps the function. */
type OptionsOf<F> = TaskOptions<ArgsOf<F>, Output<ResultOf<F>>, Output<ResultOf<F>>>;

/** The name that `functionName` gives to a task without one: such tasks are told apart by their source. */
const UNNAMED = 'unnamed task';

/**
 * Wraps a function; its argument and result types stay.
 *
 * @example
 * const getStars = task(async (repo: string) => …, { retries: 3, retryDelaySeconds: exponential(2) });
 */
// Not `(...args) => R`: a parameter with a default would get its type from there (`unknown`), instead of from its
// default.
export function task<F extends CallableFunction>(
  fn: F,
  options: OptionsOf<NoInfer<F>> & { readonly optional: true },
): Task<ArgsOf<F>, ResultOf<F> | undefined>;
export function task<F extends CallableFunction>(fn: F, options?: OptionsOf<NoInfer<F>>): TaskOf<F>;
export function task(given: CallableFunction, settings: object = {}): unknown {
  checkFunction(given, 'task');
  const fn = given as (...args: never[]) => unknown;
  const options = settings as TaskOptions;
  const { file, before } = captureCallSite(task);
  const name = options.name ?? functionName(fn, 'task', before);
  const source = sourceHash(fn);
  const taskKey = `${name}-${hashText(`${file.split(/[\\/]/).at(-1)}|${name === UNNAMED ? source : name}`).slice(0, 8)}`;
  return wrap(
    {
      fn: fn as never,
      name,
      file,
      taskKey,
      sourceHash: source,
      alike: alikeTo(fn, { file, key: taskKey, sourceHash: source, process: PROCESS_MARK, isByModule }),
      inputs: inputNames(() => functionParameters(fn)),
      streams: isGeneratorFunction(fn),
      options,
      retryDelays: [],
    },
    true,
  );
}

function wrap<Args extends readonly unknown[], R>(given: TaskDefinition, register: boolean): Task<Args, R> {
  checkTaskOptions(given.name, given.options);
  if (given.streams) checkStreamOptions(given.name, 'task', given.options);
  const definition: TaskDefinition = {
    ...given,
    retryDelays: delayList(given.options.retryDelaySeconds ?? 0, given.options.retries ?? 0),
  };
  if (register) registerTask(definition);
  rememberHooks(definition, isByModule);
  ensureDoor();
  const call = function (this: unknown, ...args: unknown[]): unknown {
    return callTask(definition, this, args, call);
  };
  const state = (...args: unknown[]): Promise<State> => callTask(definition, undefined, args, state).wait();
  const map = (items: unknown, options: MapOptions = {}): unknown => mapTask(definition, items, options, map);
  const withOptions = (options: TaskOptions<Args, Output<R>, Output<R>>): Task<Args, R> =>
    wrap<Args, R>(
      {
        ...definition,
        name: options.name ?? definition.name,
        options: { ...definition.options, ...(options as TaskOptions) },
      },
      false,
    );
  Object.defineProperty(call, 'name', { value: definition.name, configurable: true });
  return Object.assign(call, {
    map,
    state,
    with: withOptions,
    fn: definition.fn,
    taskName: definition.name,
  }) as unknown as Task<Args, R>;
}
