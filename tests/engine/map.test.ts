/** Row TK4: what fan-outs walk, and what their items are given. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, opaque, task, unmapped, zipped } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const double = task((x: number) => x * 2, { name: 'double' });
const odd = task(
  (x: number) => {
    if (x % 2 === 0) throw new Error(`${x} is even`);
    return x;
  },
  { name: 'odd' },
);

test('TK4 values lie in item order, whoever finishes first', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'double-0', delaySeconds: 60 }] });
  const parent = flow(() => double.map([1, 2, 3]));
  assert.deepEqual(await world.run(() => parent()), [2, 4, 6]);
  const runs = await world.taskRuns();
  assert.equal(new Set(runs.map(({ mapId }) => mapId)).size, 1);
  assert.ok(runs[0]?.mapId);
});

test('TK4 at most `concurrency` are in flight, and the source is read no further ahead', async () => {
  await using world = await createTestWorld();
  let [running, most, pulled, done] = [0, 0, 0, 0];
  const work = task(
    async (x: number) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done += 1;
      return x;
    },
    { name: 'work' },
  );
  const ahead: number[] = [];
  function* source(): Generator<number> {
    for (let n = 0; n < 50; n += 1) {
      pulled += 1;
      ahead.push(pulled - done);
      yield n;
    }
  }
  const parent = flow(() => work.map(source(), { concurrency: 4 }));
  assert.equal((await world.run(() => parent())).length, 50);
  assert.equal(most, 4);
  assert.ok(Math.max(...ahead) <= 5, `read ${Math.max(...ahead)} ahead`);
});

test('TK4 arrays, sets, maps, generators, async iterables, and futures of them', async () => {
  await using world = await createTestWorld();
  const list = task(() => [1, 2], { name: 'list' });
  async function* slowly(): AsyncGenerator<number> {
    yield 1;
    await new Promise((resolve) => setImmediate(resolve));
    yield 2;
  }
  const streamed = task(
    async function* () {
      yield 1;
      yield 2;
    },
    { name: 'streamed' },
  );
  const name = task((pair: readonly [string, number]) => pair[0], { name: 'name' });
  const parent = flow(async () => [
    await double.map(new Set([1, 2])),
    await double.map(slowly()),
    await double.map(list()),
    await double.map(streamed()),
    await name.map(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ),
    await double.map(
      (function* () {
        yield 1;
        yield 2;
      })(),
    ),
  ]);
  assert.deepEqual(await world.run(() => parent()), [
    [2, 4],
    [2, 4],
    [2, 4],
    [2, 4],
    ['a', 'b'],
    [2, 4],
  ]);
});

test('TK4 names and order are the index, with a window and without, in the first fan-out and in later ones', async () => {
  await using world = await createTestWorld();
  const noop = task(
    async (x: { readonly n: number }) => {
      if (x.n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      return x.n;
    },
    { name: 'noop' },
  );
  const items = Array.from({ length: 150 }, (_, n) => ({ n: n * 10 }));
  const parent = flow(async () => {
    await noop.map(items);
    await noop.map(items, { concurrency: 7 });
    await noop(items[5] as { n: number });
  });
  await world.run(() => parent());
  const runs = (await world.taskRuns()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const maps = [...new Set(runs.map(({ mapId }) => mapId))];
  assert.equal(maps.length, 3);
  for (const map of maps.filter((id) => id !== null)) {
    const own = runs.filter(({ mapId }) => mapId === map);
    assert.deepEqual(
      own.map(({ name, item }) => [name, item]),
      items.map(({ n }, index) => [`noop-${index}`, { index, input: `{n: ${n}}` }]),
    );
  }
  assert.equal(runs.find(({ mapId }) => mapId === null)?.item, undefined);
  assert.equal(new Set(runs.map(({ dynamicKey }) => dynamicKey)).size, 301, 'what the wire tells them apart by');
});

test('TK4 the preview of an item: bounded, nothing of what is opaque or has no upstream, a name of its own beside it', async () => {
  await using world = await createTestWorld();
  const first = task(
    (n: number) => {
      if (n === 1) throw new Error('no');
      return n;
    },
    { name: 'first' },
  );
  const size = task((x: unknown) => String(x).length, { name: 'size', runName: 'size of {x}' });
  const secret = { token: 'of nobody else' };
  const parent = flow(async () => {
    await size.map([opaque(secret), 'x'.repeat(10_000)]);
    await double.map(first.map([0, 1, 2])).settled();
  });
  await world.run(() => parent());
  const items = async (name: string) =>
    (await world.taskRuns()).filter(({ taskName }) => taskName === name).map(({ item }) => item);
  const [hidden, long] = await items('size');
  assert.deepEqual(hidden, { index: 0, input: 'opaque' });
  assert.match(long?.input ?? '', /^"x{119}…$/);
  assert.deepEqual(await items('double'), [
    { index: 0, input: '0' },
    { index: 1, input: null },
    { index: 2, input: '2' },
  ]);
  assert.deepEqual(
    (await world.taskRuns())
      .filter(({ taskName }) => taskName === 'size')
      .map(({ name }) => name)[1]
      ?.slice(0, 10),
    'size of xx',
  );
});

test('TK4 an empty source gives an empty list', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => [await double.map([]), await double.map(double.map([]))]);
  assert.deepEqual(await world.run(() => parent()), [[], []]);
  assert.equal((await world.taskRuns()).length, 0);
});

test('TK4 further arguments: constants, unmapped arrays, zipped lists, futures', async () => {
  await using world = await createTestWorld();
  const join = task((a: number, b: readonly string[], c: string, d: number) => `${a}${b.join('')}${c}${d}`, {
    name: 'join',
  });
  const parent = flow(() => join.map([1, 2], { with: [unmapped(['x', 'y']), zipped(['p', 'q']), double(5)] }));
  assert.deepEqual(await world.run(() => parent()), ['1xyp10', '2xyq10']);
  const [first] = await world
    .taskRuns({ stateTypes: ['COMPLETED'] })
    .then((runs) => runs.filter(({ taskName }) => taskName === 'join'));
  assert.deepEqual(Object.keys(first?.inputs ?? {}), ['d']);
});

test('TK4 a zipped list of another length than the items is refused before anything starts, with both lengths', async () => {
  await using world = await createTestWorld();
  const add = task((a: number, b: number) => a + b, { name: 'add' });
  const cases: readonly [Iterable<number>, Iterable<number>, RegExp][] = [
    [[1, 2, 3], [10, 20], /zipped\(…\) argument `b` of add\.map\(\) has 2 values, but there are 3 items/],
    [[1, 2], [10, 20, 30], /has 3 values, but there are 2 items/],
    [[1], new Set([10, 20]), /has 2 values, but there is 1 item/],
    [[1], Float64Array.of(), /has 0 values, but there is 1 item/],
    [[], [1], /has 1 value, but there are 0 items/],
  ];
  for (const [items, values, message] of cases) {
    const parent = flow(() => add.map(items, { with: [zipped(values)] }));
    await assert.rejects(
      world.run(() => parent()),
      message,
    );
  }
  assert.equal((await world.taskRuns()).length, 0);
});

test('TK4 a zipped stream is found too short or too long when it or the items end', async () => {
  await using world = await createTestWorld();
  const add = task((a: number, b: number) => a + b, { name: 'add' });
  let closed = 0;
  function* upTo(count: number): Generator<number> {
    try {
      for (let n = 1; n <= count; n += 1) yield n;
    } finally {
      closed += 1;
    }
  }
  async function* slowly(count: number): AsyncGenerator<number> {
    yield* upTo(count);
  }
  const cases: readonly [Iterable<number> | AsyncIterable<number>, Iterable<number> | AsyncIterable<number>, RegExp][] =
    [
      [[1, 2, 3], upTo(2), /has 2 values, but there are 3 items/],
      [[1, 2, 3], upTo(Infinity), /has more than 3 values, but there are 3 items/],
      [upTo(3), [1, 2], /has 2 values, but there are at least 3 items/],
      [upTo(1), [1, 2], /has 2 values, but there is 1 item/],
      [slowly(2), slowly(1), /has 1 value, but there are at least 2 items/],
      [upTo(1), slowly(5), /has more than 1 value, but there is 1 item/],
    ];
  for (const [items, values, message] of cases) {
    await assert.rejects(
      world.run(() => flow(() => add.map(items, { with: [zipped(values)] }))()),
      message,
    );
  }
  assert.equal(closed, 8);
  const streamed = task(
    async function* () {
      yield 10;
      yield 20;
    },
    { name: 'streamed' },
  );
  const equal = flow(async () => [
    await add.map([1, 2], { with: [zipped(slowly(2))] }),
    await add.map(slowly(2), { with: [zipped(streamed())] }),
    await add.map([1, 2], { with: [zipped(Promise.resolve([5, 6]))] }),
    await add.map([1, 2], { with: [zipped(add.map([1, 2], { with: [0] }))] }),
    await add.map([1, 2], { with: [zipped([add(1, 1), Promise.resolve(2)])] }),
  ]);
  assert.deepEqual(await world.run(() => equal()), [
    [2, 4],
    [11, 22],
    [6, 8],
    [2, 4],
    [3, 4],
  ]);
});

test('TK4 zipped(…) anywhere else is refused: nothing would walk it', async () => {
  await using world = await createTestWorld();
  const look = task((input: unknown) => input, { name: 'look' });
  for (const call of [() => look({ rows: zipped([1]) }), () => look(zipped([1]) as never)]) {
    await assert.rejects(
      world.run(() => flow(async () => await call())()),
      /zipped\(…\) has a meaning only as a further argument of map\(\)/,
    );
  }
});

test('TK4 a promise of something that can be walked, and items that are promises', async () => {
  await using world = await createTestWorld();
  const later = async <T>(value: T): Promise<T> => await new Promise((resolve) => setImmediate(() => resolve(value)));
  const parent = flow(async () => [
    await double.map(later([1, 2])),
    await double.map(later(new Set([3]))),
    await double.map(
      later(
        (function* () {
          yield 4;
        })(),
      ),
    ),
    await double.map(
      later(
        (async function* () {
          yield 5;
        })(),
      ),
    ),
    await double.map(later(Uint8Array.of(6, 7))),
    await double.map(later([])),
    await double.map(double.map([1]).then((values) => values)),
    await double.map([later(1), 2, later(3)]),
    await double.map({ then: (done: (value: number[]) => void) => done([9]) } as PromiseLike<number[]>),
  ]);
  assert.deepEqual(await world.run(() => parent()), [[2, 4], [6], [8], [10], [12, 14], [], [4], [2, 4, 6], [18]]);
});

test('TK4 a promise that fails fails the fan-out; one among the items fails its item', async () => {
  await using world = await createTestWorld();
  const failing = (): Promise<never> => Promise.reject(new Error('no pages'));
  await assert.rejects(
    world.run(() => flow(() => double.map(failing()))()),
    /no pages/,
  );
  const parent = flow(async () =>
    (await double.map([Promise.resolve(1), failing(), 3, failing()], { concurrency: 1 }).settled()).map((item) =>
      item.ok ? item.value : (item.error as Error).message,
    ),
  );
  const [one, two, three] = await world.run(() => parent());
  assert.deepEqual([one, three], [2, 6]);
  assert.match(String(two), /the promise of item 1 ended with an error/);
});

test('TK4 items that are futures are waited for each by itself, with an edge of its own', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'odd-0', delaySeconds: 60 }] });
  const parent = flow(async () => {
    const ups = [odd(1), odd(3)];
    const downs = double.map(ups);
    await world.until(() => downs.doneCount === 1);
    assert.equal(ups[0]?.done, false);
    return await downs;
  });
  assert.deepEqual(await world.run(() => parent()), [2, 6]);
  const runs = await world.taskRuns();
  const ids = runs.filter(({ taskName }) => taskName === 'odd').map(({ id }) => id);
  const edges = runs
    .filter(({ taskName }) => taskName === 'double')
    .map(({ inputs }) => inputs['x']?.map((edge) => (edge.kind === 'task_run' ? edge.id : '')));
  assert.deepEqual(new Set(edges.flat()), new Set(ids));
});
