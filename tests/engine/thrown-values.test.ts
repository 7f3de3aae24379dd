/**
 * Whatever is thrown, and by whom: the run fails with it, its caller gets the same value, and the record says what it
 * was.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import {
  allowFailure,
  cacheKey,
  completed,
  exponential,
  flow,
  OstinatoError,
  task,
  type TaskOptions,
} from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';
import { throwsAsAsked } from './fixtures/isolated-tasks.ts';

class Refusal {
  readonly code = 'E_REFUSED';
  readonly why = 'closed';
}
const frozen = Object.freeze(new Error('frozen'));
const knot: Error = new Error('knot');
knot.cause = new Error('middle', { cause: knot });
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

const VALUES: readonly (readonly [value: unknown, says: RegExp])[] = [
  ['text', /^NonErrorThrown: text$/],
  ['', /^NonErrorThrown: $/],
  [undefined, /^NonErrorThrown: undefined$/],
  [null, /^NonErrorThrown: null$/],
  [0, /: 0$/],
  [5n, /: 5n$/],
  [Number.NaN, /: NaN$/],
  [false, /: false$/],
  [Symbol('mark'), /a symbol \(mark\) was thrown/],
  [() => 1, /a function/],
  [{ code: 'E1', detail: [1] }, /\{"code":"E1","detail":\[1\]\}/],
  [new Refusal(), /Refusal \{"code":"E_REFUSED","why":"closed"\}/],
  [new Map([['a', 1]]), /Map\(1\) \{"a" => 1\}/],
  [new Date(0), /1970-01-01/],
  [Object.create(null), /\{\}/],
  [[undefined], /\[undefined\]/],
  [revoked, /cannot be read/],
  [
    new Proxy(
      {},
      {
        get() {
          throw new Error('no');
        },
        getPrototypeOf() {
          throw new Error('no');
        },
      },
    ),
    /cannot be read/,
  ],
  [new Proxy(new Error('behind'), {}), /behind/],
  [frozen, /^Error: frozen/],
  [knot, /^Error: knot/],
  [runInNewContext('new TypeError("elsewhere")'), /^TypeError: elsewhere/],
  [new DOMException('gone', 'AbortError'), /^AbortError: gone/],
  [new AggregateError([1, new Error('b')], 'both'), /^AggregateError: both/],
  [new SuppressedError(new Error('a'), 'b', 'while closing'), /^SuppressedError: while closing/],
  [Object.assign(new Error('odd'), { name: 5, code: {} }), /odd/],
  [Object.assign(new Error('x'), { message: { nested: true } }), /\{"nested":true\}/],
  [Object.assign(new Error('x'), { stack: 7 }), /^Error: x/],
  [
    Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no');
      },
    }),
    /cannot be read/,
  ],
  [new Error('m'.repeat(1_000_000)), /^Error: m+…$/],
  [Object.assign(new Error('user code'), { code: 'unsupported' }), /user code/],
];

for (const [value, says] of VALUES) {
  test(`thrown: ${says.source}`, async () => {
    await using world = await createTestWorld();
    const caught: unknown[] = [];
    const bare = task(
      (..._items: unknown[]) => {
        throw value;
      },
      { name: 'bare', retries: 1 },
    );
    const outer = flow(
      async () => {
        await bare().then(
          () => caught.push('completed'),
          (error: unknown) => caught.push(error),
        );
        await bare
          .map([1])
          .settled()
          .then(([one]) => caught.push(one?.ok === false ? one.error : 'completed'));
        await flow(
          () => {
            throw value;
          },
          { name: 'inner' },
        )().catch((error: unknown) => caught.push(error));
        await task(
          (given: unknown) => {
            caught.push(given);
          },
          { name: 'next' },
        )(allowFailure(bare()));
        throw value;
      },
      { name: 'outer' },
    );
    await world
      .run(() => outer())
      .then(
        () => caught.push('completed'),
        (error: unknown) => caught.push(error),
      );
    assert.equal(caught.length, 5);
    for (const each of caught) assert.ok(Object.is(each, value));
    const runs = await world.taskRuns();
    for (const run of runs.filter(({ taskName }) => taskName === 'bare')) {
      assert.deepEqual([run.state.type, run.runCount], ['FAILED', 2]);
      assert.match(String(run.state.message), says);
    }
    const run = await world.flowRun('outer');
    assert.equal(run.state.type, 'FAILED');
    assert.match(String(run.state.message), says);
    assert.ok(!String(run.state.message).includes('"$"'));
  });
}

test('whatever random programs throw reaches their callers, through tasks, maps, generators and subflows', async () => {
  await using world = await createTestWorld();
  await fc.assert(
    fc.asyncProperty(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withNullPrototype: true,
        withSparseArray: true,
        withTypedArray: true,
        withBoxedValues: true,
      }),
      fc.constantFrom('task', 'source', 'stream', 'flow', 'returned'),
      async (value, way) => {
        const caught: unknown[] = [];
        const bare = task(
          () => {
            throw value;
          },
          { name: 'bare' },
        );
        const parent = flow(
          async () => {
            if (way === 'task') await bare();
            else if (way === 'source')
              await task((item: unknown) => item, { name: 'item' }).map(
                (function* () {
                  yield 1;
                  throw value;
                })(),
              );
            else if (way === 'stream')
              for await (const item of task(
                function* () {
                  yield 1;
                  throw value;
                },
                { name: 'stream' },
              )())
                void item;
            else if (way === 'flow')
              await flow(
                () => {
                  throw value;
                },
                { name: 'child' },
              )();
            else return bare();
            return 'completed';
          },
          { name: 'parent' },
        );
        await world
          .run(() => parent())
          .then(
            () => caught.push('completed'),
            (error: unknown) => caught.push(error),
          );
        assert.equal(caught.length, 1);
        assert.ok(Object.is(caught[0], value));
      },
    ),
    { numRuns: 60 },
  );
});

test('what hooks, retryIf, keys and names throw is said, and does not change the run', async () => {
  for (const value of [undefined, null, 'text', Symbol('mark'), Object.create(null), revoked]) {
    await using world = await createTestWorld();
    const thrower = (): never => {
      throw value;
    };
    const options: TaskOptions = {
      name: 'work',
      onRunning: thrower,
      onCompletion: thrower,
      cache: cacheKey(thrower),
      runName: thrower,
    };
    const parent = flow(
      async () => {
        const done = await task(() => 1, options)();
        await task(
          () => {
            throw new Error('real');
          },
          { name: 'fails', retries: 1, retryIf: thrower, onFailure: thrower },
        )().catch((error: unknown) => assert.equal((error as Error).message, 'real'));
        return done;
      },
      { name: 'parent', onRunning: thrower, onCompletion: thrower, runName: thrower },
    );
    assert.equal(await world.run(() => parent()), 1);
    const messages = (await world.messages()).join('\n');
    for (const words of [
      'running hook',
      'completion hook',
      'failure hook',
      'retryIf threw',
      'cache policy threw',
      'runName failed',
    ])
      assert.ok(messages.includes(words), words);
    await assert.rejects(
      world
        .run(() => task(() => 1, { name: 'named', resultName: thrower })())
        .then(
          () => {
            throw new Error('completed');
          },
          (error: unknown) => {
            assert.ok(Object.is(error, value));
            throw new Error('threw it');
          },
        ),
      /threw it/,
    );
  }
});

test('functions that give delays are asked where the task is defined, and what they throw is told there', () => {
  for (const value of [undefined, null, 'text', new Error('no')]) {
    assert.throws(
      () =>
        task(() => 1, {
          retries: 2,
          retryDelaySeconds: () => {
            throw value;
          },
        }),
      (error) =>
        OstinatoError.is(error) && error.code === 'bad-input' && /retryDelaySeconds|retry delay/i.test(error.message),
    );
  }
  assert.ok(task(() => completed(), { retries: 2, retryDelaySeconds: exponential(1) }));
});

for (const isolation of ['thread', 'process'] as const) {
  test(`out of a ${isolation}: an equal value`, async () => {
    await using world = await createTestWorld({ clock: 'real' });
    const parent = flow(
      async () => {
        const all: unknown[] = [];
        for (const what of ['text', 'undefined', 'null', 'object', 'map', 'number'] as const)
          all.push(
            await throwsAsAsked
              .with({ isolation })(what)
              .then(
                () => 'completed',
                (error: unknown) => error,
              ),
          );
        return all;
      },
      { name: 'parent' },
    );
    assert.deepEqual(await world.run(() => parent()), [
      'thrown',
      undefined,
      null,
      { code: 'E1', at: new Date(0) },
      new Map([['a', 1n]]),
      -0,
    ]);
  });
}
