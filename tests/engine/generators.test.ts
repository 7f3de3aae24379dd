/** Row TK13: generators as tasks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, opaque, runContext, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const count = task(
  async function* (to: number) {
    for (let n = 1; n <= to; n += 1) yield n;
  },
  { name: 'count' },
);

test('TK13 values come as they are made; the result is their list', async () => {
  await using world = await createTestWorld();
  const order: string[] = [];
  const made = task(
    async function* () {
      for (const n of [1, 2]) {
        order.push(`made ${n}`);
        yield n;
      }
    },
    { name: 'made' },
  );
  const parent = flow(async () => {
    for await (const n of made()) order.push(`got ${n}`);
    return await made();
  });
  assert.deepEqual(await world.run(() => parent()), [1, 2]);
  assert.deepEqual(order.slice(0, 4), ['made 1', 'got 1', 'made 2', 'got 2']);
  assert.deepEqual(
    (await world.taskRuns()).map(({ state }) => state.type),
    ['COMPLETED', 'COMPLETED'],
  );
});

test('TK13 sync generators, empty ones, and ones passed on as an argument', async () => {
  await using world = await createTestWorld();
  const letters = task(
    function* () {
      yield 'a';
      yield 'b';
    },
    { name: 'letters' },
  );
  const none = task(function* (): Generator<string> {}, { name: 'none' });
  const join = task((list: readonly string[]) => list.join(''), { name: 'join' });
  const parent = flow(async () => [await join(letters()), await join(none()), await none()]);
  assert.deepEqual(await world.run(() => parent()), ['ab', '', []]);
});

test('TK13 breaking off an endless generator: it stops, cleans up, and its run completes with what it gave', async () => {
  await using world = await createTestWorld();
  let cleaned = 0;
  const endless = task(
    function* () {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        cleaned += 1;
      }
    },
    { name: 'endless' },
  );
  const parent = flow(async () => {
    const got: number[] = [];
    for await (const n of endless()) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      got.push(n);
      if (n === 2) break;
    }
    return got;
  });
  assert.deepEqual(await world.run(() => parent()), [0, 1, 2]);
  assert.equal(cleaned, 1);
  const { state } = await world.taskRun('endless');
  assert.deepEqual([state.type, state.message], ['COMPLETED', 'Its reader stopped after 3 values.']);
  assert.deepEqual(state.type === 'COMPLETED' ? await world.value(state.data) : null, [0, 1, 2]);
});

test('TK13 an error inside the loop stops the generator, too', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    for await (const n of count(1_000_000)) if (n === 3) throw new Error('enough');
  });
  await assert.rejects(
    world.run(() => parent()),
    /enough/,
  );
  assert.match((await world.taskRun('count')).state.message ?? '', /stopped after 3 values/);
});

test('TK13 a generator that throws: the reader gets what came before, then the error; with retries it starts again', async () => {
  await using world = await createTestWorld();
  let attempts = 0;
  const shaky = task(
    async function* () {
      attempts += 1;
      yield `${attempts}a`;
      if (attempts < 2) throw new Error('cut off');
      yield `${attempts}b`;
    },
    { name: 'shaky' },
  );
  const got: string[] = [];
  const parent = flow(async () => {
    for await (const text of shaky()) got.push(text);
  });
  await assert.rejects(
    world.run(() => parent()),
    /cut off/,
  );
  assert.deepEqual(got, ['1a']);
  attempts = 0;
  assert.deepEqual(await world.run(() => shaky.with({ retries: 1 })()), ['2a', '2b']);
});

test('TK13 a reader that never comes back does not hold the flow up', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    const iterator = count(5)[Symbol.asyncIterator]();
    return (await iterator.next()).value;
  });
  assert.equal(await world.run(() => parent()), 1);
  const { state } = await world.taskRun('count');
  assert.deepEqual(state.type === 'COMPLETED' ? await world.value(state.data) : null, [1, 2, 3, 4, 5]);
});

test('TK13 cancellation and timeouts reach a generator', async () => {
  await using world = await createTestWorld();
  const slow = task(
    async function* () {
      yield 1;
      await new Promise((_, reject) =>
        runContext().signal.addEventListener('abort', () => reject(runContext().signal.reason as Error)),
      );
    },
    { name: 'slow', timeoutSeconds: 5 },
  );
  const got: number[] = [];
  const parent = flow(async () => {
    for await (const n of slow()) got.push(n);
  });
  await assert.rejects(
    world.run(() => parent()),
    /timeout of 5 s/,
  );
  assert.deepEqual(got, [1]);
});

test('TK13 tasks called inside a generator are its children', async () => {
  await using world = await createTestWorld();
  const page = task((n: number) => [n, n * 10], { name: 'page' });
  const pages = task(
    async function* () {
      for (const n of [1, 2]) yield* await page(n);
    },
    { name: 'pages' },
  );
  const parent = flow(() => pages());
  assert.deepEqual(await world.run(() => parent()), [1, 10, 2, 20]);
  const outer = await world.taskRun('pages');
  assert.ok(
    (await world.taskRuns())
      .filter(({ taskName }) => taskName === 'page')
      .every(({ parentTaskRunId }) => parentTaskRunId === outer.id),
  );
});

test('TK13 mapping a generator task gives a list an item', async () => {
  await using world = await createTestWorld();
  const parent = flow(() => count.map([1, 3]));
  assert.deepEqual(await world.run(() => parent()), [[1], [1, 2, 3]]);
});

test('TK13 a stream as an argument is a list that reads as an async iterable, too: as often as attempts want, wherever it lies', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'total', attempt: [1], throw: new Error('again') }] });
  const total = task(
    async (source: AsyncIterable<number>) => {
      const iterator = source[Symbol.asyncIterator]();
      let sum = 0;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) sum += next.value;
      for await (const n of source) sum += n;
      return sum;
    },
    { name: 'total', retries: 1 },
  );
  const deep = task(
    ({ sources }: { sources: readonly AsyncIterable<number>[] }) =>
      sources.map((source) => typeof source[Symbol.asyncIterator]),
    { name: 'deep' },
  );
  const each = task(
    async (n: number, source: AsyncIterable<number>) => {
      for await (const add of source) n += add;
      return n;
    },
    { name: 'each' },
  );
  const child = flow(
    async function* () {
      yield 1;
      yield 2;
    },
    { name: 'child' },
  );
  const parent = flow(async () => [
    await total(count(4)),
    await total(child()),
    await deep({ sources: [count(1), child()] }),
    await each.map([10, 20], { with: [count(2)] }),
  ]);
  assert.deepEqual(await world.run(() => parent()), [20, 6, ['function', 'function'], [13, 23]]);
});

test('TK13 an opaque stream is read as it comes: an endless one, too', async () => {
  await using world = await createTestWorld();
  const endless = task(
    async function* () {
      for (let n = 1; ; n += 1) yield n;
    },
    { name: 'endless' },
  );
  const first = task(
    async (source: AsyncIterable<number>, howMany: number) => {
      const got: number[] = [];
      for await (const n of source) if (got.push(n) === howMany) break;
      return got;
    },
    { name: 'first' },
  );
  const parent = flow(() => first(opaque(endless()), 3));
  assert.deepEqual(await world.run(() => parent()), [1, 2, 3]);
});
