/** Large values that many calls are given: hashed once, and never taken for what they were before. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flow, INPUTS, task } from '../../src/index.ts';
import { LargeParts } from '../../src/core/large-parts.ts';
import { createTestWorld } from '../../src/testing.ts';

const column = (length = 20_000): number[] => Array.from({ length }, (_, index) => index);

const WAYS: Readonly<Record<string, (list: readonly number[]) => () => Promise<unknown>>> = (() => {
  const add = task((list: readonly number[], x: number) => list.length + x, { name: 'add' });
  const addTo = task((x: number, list: readonly number[]) => list.length + x, { name: 'add to' });
  const cached = task((x: number, list: readonly number[]) => list.length + x, { name: 'cached', cache: INPUTS });
  const nested = task(({ list, x }: { list: readonly number[]; x: number }) => list.length + x, { name: 'nested' });
  const items = Array.from({ length: 30 }, (_, index) => index);
  return {
    'one call after the other': (list) => async () => {
      for (const x of items) await add(list, x);
    },
    'calls at once': (list) => async () => {
      await Promise.all(items.map((x) => add(list, x)));
    },
    'inside an object of each call': (list) => async () => {
      for (const x of items) await nested({ list, x });
    },
    'a constant of a map': (list) => async () => {
      await addTo.map(items, { with: [list] });
    },
    'a cached task': (list) => async () => {
      for (const x of items) await cached(x, list);
    },
    'a constant of a map of a cached task': (list) => async () => {
      await cached.map(items, { with: [list] });
    },
  };
})();

for (const [name, way] of Object.entries(WAYS)) {
  test(`a large value is hashed twice at most: ${name}`, async ({ mock }) => {
    await using world = await createTestWorld();
    const shorten = mock.method(LargeParts.prototype, 'shorten');
    const parent = flow(way(column()), { name: 'parent' });
    await world.run(() => parent());
    const hashes = shorten.mock.calls.filter(({ arguments: [text] }) => text.length > 10_000).length;
    assert.ok(hashes >= 1 && hashes <= 2, `${hashes}`);
  });
}

test('a cached result is found by calls of every kind, by this process and by another one', async () => {
  await using world = await createTestWorld();
  let calls = 0;
  const sum = task(
    (x: number, list: readonly number[]) => {
      calls += 1;
      return list.length + x;
    },
    { name: 'sum', cache: INPUTS },
  );
  const list = column();
  const one = flow(
    async () => [await sum(1, list), await sum(1, [...list]), ...(await sum.map([1, 1], { with: [list] }))],
    { name: 'one' },
  );
  assert.deepEqual(await world.run(() => one()), [20_001, 20_001, 20_001, 20_001]);
  world.restart();
  assert.deepEqual(await world.run(() => one()), [20_001, 20_001, 20_001, 20_001]);
  assert.equal(calls, 1);
});

test('values that are changed between calls: a run that goes on gives each call its own result, and makes none twice', async () => {
  const step = fc.record({ at: fc.nat(2999), to: fc.integer({ min: -3, max: 3 }), calls: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.boolean(),
      async (steps, isCached, elsewhere) => {
        await using world = await createTestWorld();
        let attempt = 1;
        let calls = 0;
        const sum = task(
          (list: readonly number[], _call: string) => {
            calls += 1;
            return list.reduce((total, x) => total + x, 0);
          },
          { name: 'sum', ...(isCached ? { cache: INPUTS } : {}) },
        );
        const parent = flow(
          async () => {
            const list = column(3000);
            const sums: number[] = [];
            for (const [index, { at, to, calls: times }] of steps.entries()) {
              list[at] = to;
              for (let call = 0; call < times; call += 1)
                sums.push(await sum(list, isCached ? '' : `${index} ${call}`));
            }
            if (attempt === 1) throw new Error('again');
            return sums;
          },
          { name: 'parent' },
        );
        const expected: number[] = [];
        const list = column(3000);
        for (const { at, to, calls: times } of steps) {
          list[at] = to;
          for (let call = 0; call < times; call += 1) expected.push(list.reduce((total, x) => total + x, 0));
        }
        await world.run(() => parent.state());
        const made = calls;
        attempt = 2;
        if (elsewhere) world.restart();
        assert.deepEqual(await world.retry(parent), expected);
        assert.equal(calls, made);
      },
    ),
    { numRuns: 25 },
  );
});
