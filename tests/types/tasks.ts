/** Types of tasks: what the wrapped function takes and gives survives. Checked by the compiler; never run. */

import {
  allowFailure,
  asCompleted,
  cancelled,
  completed,
  failed,
  INPUTS,
  match,
  task,
  unmapped,
  variables,
  wait,
  zipped,
  type HookArgument,
  type MapFuture,
  type State,
  type Task,
  type TaskFuture,
  type TaskOptions,
  type TransactionHook,
} from '../../src/index.ts';
import { expectAwaited, expectType } from './expect-type.ts';

interface Row {
  readonly id: number;
  readonly name: string;
}

const load = task(
  async (url: string, options?: { readonly limit: number }): Promise<Row[]> => [{ id: options?.limit ?? 0, name: url }],
  { cache: INPUTS },
);
const count = task((rows: readonly Row[]) => rows.length);
const pages = task(async function* (to: number) {
  for (let n = 0; n < to; n += 1) yield { n };
});
const letters = task(function* () {
  yield 'a' as const;
});
const fails = task(() => {
  throw new Error('x');
});
const first = task(<T>(rows: readonly T[]): T | undefined => rows[0]);
const pick = task(async <T, K extends keyof T>(key: K, from: T): Promise<T[K]> => from[key]);
const defaults = task((total: number, size = 100, unit = 'rows') => Math.ceil(total / size) + unit.length);
const skips = task((n: number) => (n === 0 ? completed({ name: 'Skipped' }) : 'done'));
const generic = task(<T>(value: T): T => value);
const charge = task(async (amount: number, to: { readonly id: string }) => ({ receipt: `${amount} ${to.id}` }), {
  onRollback: ({ result, inputs, get }) => {
    expectType(result).is<{ receipt: string }>();
    expectType(inputs[0]).is<number>();
    expectType(inputs[1]).is<{ readonly id: string }>();
    expectType(get('key')).is<unknown>();
    const [amount, to] = inputs;
    expectType(amount).is<number>();
    expectType(to.id).is<string>();
  },
  onCommit: [
    (tx) => tx.get('key'),
    async ({ result }) => {
      expectType(result.receipt).is<string>();
    },
  ],
});
const streamed = task(
  function* (to: number) {
    for (let n = 0; n < to; n += 1) yield { n };
  },
  {
    onCommit: ({ result }) => {
      expectType(result).is<{ n: number }[]>();
    },
  },
);
const undo: TransactionHook = (tx) => {
  expectType(tx.result).is<unknown>();
  tx.set('a', 1);
};
const reusable: TaskOptions = { onRollback: undo };
const optional = task((a?: number, ...rest: string[]) => `${a}${rest.join('')}`);

const states = task((n: number) =>
  n === 0 ? completed({ value: 1 as const }) : n === 1 ? failed({ message: 'x' }) : cancelled(),
);
const mixed = task(async (n: number) =>
  n === 0 ? completed({ value: { a: 1 } }) : n === 1 ? ('text' as const) : failed({}),
);
const either = task((n: number) => (n > 0 ? load('x') : n));
const pair = task((n: number) => [load('x'), n] as const);
const nothing = task((): undefined => undefined);
const nil = task(() => null);
const unit = task(() => {
  /* Gives nothing. */
});
const maybe = task((n: number) => (n > 0 ? { n } : null));
const ends = task(async function* (n: number): AsyncGenerator<number, string, undefined> {
  yield n;
  return 'end';
});
const yieldsFutures = task(function* () {
  yield count([]);
});

const nested = task((n: number) => ({ list: [count([]), n], mapped: count.map([[]]), first: load('x') }));

export async function tasks(): Promise<void> {
  expectAwaited(nested(1)).is<{ list: number[]; mapped: number[]; first: Row[] }>();
  expectType(load).is<Task<[url: string, options?: { readonly limit: number } | undefined], Promise<Row[]>>>();
  expectType(load('x')).is<TaskFuture<Row[]>>();
  expectAwaited(load('x', { limit: 1 })).is<Row[]>();
  expectAwaited(count([{ id: 1, name: 'a' }])).is<number>();
  expectType(await load.state('x')).is<State>();
  expectType(load.fn).is<(url: string, options?: { readonly limit: number }) => Promise<Row[]>>();
  expectType(load.with({ retries: 1 })).is<typeof load>();
  expectType(fails()).is<TaskFuture<never>>();
  expectType(charge).is<Task<[amount: number, to: { readonly id: string }], Promise<{ receipt: string }>>>();
  expectType(
    charge.with({
      onCommit: ({ result, inputs }) => {
        expectType(result.receipt).is<string>();
        expectType(inputs[0]).is<number>();
      },
    }),
  ).is<typeof charge>();
  expectAwaited(streamed(1)).is<{ n: number }[]>();
  expectAwaited(task((n: number) => `${n}`, reusable)(1)).is<string>();
  // @ts-expect-error Hooks are given what their own task takes.
  task((n: number) => n, { onCommit: ({ inputs }: HookArgument<[string], string>) => inputs[0].length });
  expectAwaited(optional()).is<string>();
  expectAwaited(optional(1, 'a', 'b')).is<string>();

  // Futures in place of values, also inside.
  count(load('x'));
  count([
    load
      .with({})('x')
      .then((rows) => rows[0] as Row) as never,
  ]);
  count(allowFailure(load('x')));
  task((input: { readonly rows: readonly Row[]; readonly deep: { readonly n: number } }) => input)({
    rows: load('x'),
    deep: { n: count([]) },
  });

  // @ts-expect-error a number is no URL
  load(5);
  // @ts-expect-error the argument is missing
  load();
  // @ts-expect-error a future of something else
  count(count([]));
  // @ts-expect-error no such option
  load.with({ retry: 1 });
  // @ts-expect-error one argument too many
  count([], 1);
}

export async function results(): Promise<void> {
  expectAwaited(states(0)).is<1>();
  expectAwaited(mixed(0)).is<{ a: number } | 'text'>();
  expectAwaited(either(1)).is<Row[] | number>();
  expectAwaited(pair(1)).is<[Row[], number]>();
  expectAwaited(nothing()).is<undefined>();
  expectAwaited(nil()).is<null>();
  expectAwaited(unit()).is<void>();
  expectAwaited(maybe(1)).is<{ n: number } | null>();
  const { done } = await wait([count([]), load('x')]);
  expectType(done).is<readonly (TaskFuture<number> | TaskFuture<Row[]>)[]>();
  expectType(await Promise.all([count([]), load('x'), count.map([[]])])).is<[number, Row[], number[]]>();
}

export async function generators(): Promise<void> {
  expectAwaited(ends(1)).is<number[]>();
  expectAwaited(ends.map([1])).is<number[][]>();
  expectAwaited(yieldsFutures()).is<number[]>();
  for await (const n of yieldsFutures()) expectType(n).is<number>();
  expectAwaited(pages(1)).is<{ n: number }[]>();
  for await (const page of pages(1)) expectType(page).is<{ n: number }>();
  expectAwaited(letters()).is<'a'[]>();
  // Its own signature, of which the lint sees no promise.
  // oxlint-disable-next-line typescript/await-thenable
  expectType(await first([1, 2, 3])).is<number | undefined>();
  // oxlint-disable-next-line typescript/await-thenable
  expectType<number>(await generic(5));
  expectType(await pick('a', { a: 1 })).is<number>();
  expectAwaited(defaults(250)).is<number>();
  expectType(defaults.fn).is<(total: number, size?: number, unit?: string) => number>();
  expectAwaited(skips(1)).is<'done' | undefined>();
  for (const one of [first.map([[1]]), first.with({ retries: 1 })]) void one;
  const one: number | undefined = await variables.get<number>('cursor');
  expectType(one).is<number | undefined>();
  expectType(await variables.get('cursor', 5)).is<number>();
  expectType(await variables.get<number>('cursor', null)).is<number | null>();
  // @ts-expect-error the default is a number
  defaults(250, 'x');
}

export async function maps(): Promise<void> {
  expectType(load.map(['a', 'b'])).is<MapFuture<Row[]>>();
  expectAwaited(load.map(['a'])).is<Row[][]>();
  expectAwaited(pages.map([1, 2])).is<{ n: number }[][]>();
  count.map(load.map(['a']));
  load.map(new Set(['a']));
  load.map(Promise.resolve(['a']));
  load.map([Promise.resolve('a'), 'b']);
  load.map(['a'], { with: [zipped(Promise.resolve([{ limit: 1 }]))] });
  load.map(task(() => ['a'])());
  count.map([load('a'), load('b')]);
  load.map(['a'], { with: [{ limit: 1 }] });
  load.map(['a'], { with: [unmapped({ limit: 1 })] });
  load.map(['a'], { with: [zipped([{ limit: 1 }])], concurrency: 3, keepValues: false });
  expectType(await load.map(['a']).settled()).is<
    ({ readonly ok: true; readonly value: Row[] } | { readonly ok: false; readonly error: unknown })[]
  >();

  expectAwaited(load.map(['a', 'b'] as const)).is<Row[][]>();
  expectAwaited(load.map(['a'] as const, { with: [undefined] })).is<Row[][]>();
  expectAwaited(load.map(new Map([['a', 1]]).keys(), { with: [zipped([{ limit: 1 }, undefined])] })).is<Row[][]>();
  expectAwaited(optional.map([1, undefined])).is<string[]>();
  // Values that are not kept are not there.
  expectType(load.map(['a'], { keepValues: false })).is<MapFuture<undefined>>();
  expectType(load.map(['a'], { keepValues: true })).is<MapFuture<Row[]>>();

  // @ts-expect-error items of another type
  load.map([1, 2]);
  // @ts-expect-error a text is no list
  load.map('abc');
  // @ts-expect-error a promise of nothing to walk
  load.map(Promise.resolve(5));
  // @ts-expect-error nothing to walk
  load.map(5);
}

export async function futures(): Promise<void> {
  const both = await Promise.all([load('x'), count([])]);
  expectType(both).is<[Row[], number]>();
  const { done } = await wait([load('x'), load('y')]);
  expectType(done).is<readonly TaskFuture<Row[]>[]>();
  for await (const { future, index } of asCompleted([load('x'), load('y')])) {
    expectType(future).is<TaskFuture<Row[]>>();
    expectType(index).is<number>();
  }
  const future = load('x');
  if (future.outcome?.ok) expectType(future.outcome.value).is<Row[]>();
  // Whatever asks for a promise may be given a future.
  const promise: Promise<Row[]> = future;
  expectAwaited(promise.finally(() => {})).is<Row[]>();
  expectAwaited(future.catch(() => null)).is<Row[] | null>();
}

/** What a failure leaves of the types. */
export async function failures(): Promise<void> {
  const cached = task((url: string) => url.length);
  const withTask = task(async (url: string) => url.length + 1, { fallback: cached });
  const withValue = task((url: string) => ({ url }), { fallback: (failure, url) => ({ url: url + failure.message }) });
  const optional = task((n: number) => n * 2, { optional: true });
  // @ts-expect-error a fallback gives what the task gives
  task((n: number) => n * 2, { fallback: () => 'two' });
  // @ts-expect-error a task as fallback takes what the task takes
  task((n: number) => n * 2, { fallback: cached });
  expectType(await withTask('x')).is<number>();
  expectType(await withValue('x')).is<{ url: string }>();
  expectType(await optional(1)).is<number | undefined>();
  expectType(await cached.with({ optional: true })('x')).is<number | undefined>();
  expectType(await cached('x').onFailure(async ({ message }) => message)).is<number | string>();
  expectType(await cached('x').onFailure(() => cached('y'))).is<number>();
  const state = await cached.state('x');
  expectType(match(state, { HttpError: () => 1, else: (failure) => failure.message })).is<number | string>();
  match(state, { Failed: () => 1, Crashed: () => 2, Cancelled: () => 3, Completed: () => 4 });
  // @ts-expect-error without `else` all ends must have a case
  match(state, { Failed: () => 1, Crashed: () => 2, Cancelled: () => 3 });
  match(new Error('x'), { Failed: () => 1, Crashed: () => 2, Cancelled: () => 3 });
  // @ts-expect-error an error may be of another class
  match(new Error('x'), { HttpError: () => 1 });
}
