/**
 * Types of flows: parameters from the function or the schema, results with their futures resolved. Checked by the
 * compiler; never run.
 */

import { z } from 'zod';
import { completed, failed, flow, task, type FlowFuture, type State } from '../../src/index.ts';
import { expectAwaited, expectType } from './expect-type.ts';

const step = task((x: number) => `${x}`);
const report = flow(
  ({ day, limit }) => {
    expectType(day).is<Date>();
    expectType(limit).is<number>();
    return `${day.getTime()}${limit}`;
  },
  { parameters: z.object({ day: z.coerce.date<string>(), limit: z.number().default(10) }) },
);
const plain = flow(async ({ x }: { x: number }) => step(x));
const none = flow((): number => 5);
const withDefault = flow((n = 5) => n + 1);
const withDefaults = flow(async ({ a = 1, b = 'x' } = {}) => a + b.length);
const withTypedDefault = flow(({ a = 1 }: { a?: number } = {}) => a);
const tuple = flow(async () => Promise.all([step(1), none()]));
const lists = flow(() => [step(1), step(2)]);
const nested = flow(() => ({ rows: step(1), deep: { list: [step(2)] }, at: new Date() }));
const mapped = flow(() => step.map([1, 2]));
const stream = flow(async function* ({ to }: { to: number }) {
  for (let n = 0; n < to; n += 1) yield n;
});
const easy = flow(({ limit }) => limit, { parameters: z.object({ limit: z.number().default(3) }) });
const fails = flow((): never => {
  throw new Error('x');
});
const either = flow(async ({ day }: { day: number }) => (day === 0 ? completed({ name: 'Skipped' }) : { rows: 3 }));
const valued = flow(() =>
  Date.now() === 0 ? failed({ message: 'x' }) : Date.now() === 1 ? completed({ value: 'early' as const }) : { n: 1 },
);
const state = flow(() => completed({ name: 'Skipped' }));

const generic = flow(<T>({ value }: { value: T }) => value);
const yieldsFutures = flow(function* () {
  yield step(1);
  yield step(2);
});
const returns = flow(async (given: { n: number }) =>
  given.n === 0 ? completed({ value: 1 as const }) : failed({ message: 'x' }),
);
const kinds = flow((given: { kind: 'a'; n: number } | { kind: 'b'; s: string }) => given.kind);
const nothing = flow((): undefined => undefined);
const nil = flow(() => null);
const fixed = flow(() => [step(1), 5, null] as const);

export type Report = { readonly sum: number; readonly at: Date };
const named = flow((): Report => ({ sum: 1, at: new Date() }));

export async function flows(): Promise<void> {
  expectType(report({ day: '2030-01-01' })).is<FlowFuture<string>>();
  expectAwaited(report({ day: '2030-01-01', limit: 3 })).is<string>();
  expectAwaited(plain({ x: 1 })).is<string>();
  expectAwaited(none()).is<number>();
  expectAwaited(withDefault()).is<number>();
  expectAwaited(withDefault(7)).is<number>();
  expectAwaited(withDefaults({ a: 2 })).is<number>();
  expectAwaited(withDefaults()).is<number>();
  expectAwaited(withTypedDefault({ a: 3 })).is<number>();
  // @ts-expect-error the default says what it is
  void withDefault('x');
  // @ts-expect-error and so it does inside a pattern
  void withDefaults({ a: 'x' });
  expectAwaited(tuple()).is<[string, number]>();
  expectAwaited(lists()).is<string[]>();
  expectAwaited(nested()).is<{ rows: string; deep: { list: string[] }; at: Date }>();
  expectAwaited(mapped()).is<string[]>();
  expectAwaited(stream({ to: 3 })).is<number[]>();
  for await (const n of stream({ to: 3 })) expectType(n).is<number>();
  expectAwaited(easy()).is<number>();
  expectAwaited(easy({})).is<number>();
  expectAwaited(named()).is<Report>();
  expectAwaited(state()).is<undefined>();
  expectAwaited(either({ day: 1 })).is<{ rows: number } | undefined>();
  expectAwaited(valued()).is<'early' | { n: number }>();
  expectType(fails()).is<FlowFuture<never>>();
  expectType(await plain.state({ x: 1 })).is<State>();
  expectType(plain.with({ name: 'other' })).is<typeof plain>();
  expectType(plain.fn).is<(parameters: never) => Promise<string>>();
  expectType(report.parameterSchema).is<Readonly<Record<string, unknown>> | null>();

  // Its own signature, of which the lint sees no promise.
  // oxlint-disable-next-line typescript/await-thenable
  expectType(await generic({ value: 'x' as const })).is<'x'>();
  expectAwaited(yieldsFutures()).is<string[]>();
  for await (const text of yieldsFutures()) expectType(text).is<string>();
  expectAwaited(returns({ n: 1 })).is<1>();
  expectAwaited(kinds({ kind: 'b', s: 'x' })).is<'a' | 'b'>();
  expectAwaited(nothing()).is<undefined>();
  expectAwaited(nil()).is<null>();
  expectAwaited(fixed()).is<[string, 5, null]>();
  // @ts-expect-error of the other kind
  kinds({ kind: 'a', s: 'x' });

  // Futures in place of parameters.
  plain({ x: none() });

  // @ts-expect-error the schema asks for a text
  report({ day: 5 });
  // @ts-expect-error a parameter is missing
  plain({});
  // @ts-expect-error all parameters are missing
  plain();
  // @ts-expect-error no such parameter
  plain({ x: 1, y: 2 });
  // @ts-expect-error it takes none
  none({ x: 1 });
  // @ts-expect-error a future of a text is no number
  plain({ x: step(1) });
}
