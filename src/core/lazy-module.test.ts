import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lazyModule } from './lazy-module.ts';

test('the first call loads the module, once; later calls return in the same turn', async () => {
  let loads = 0;
  const doubling = lazyModule(async () => ((loads += 1), { double: (n: number) => 2 * n }));
  assert.equal(loads, 0);
  assert.deepEqual(
    await Promise.all([doubling(({ double }) => double(1)), doubling(({ double }) => double(2))]),
    [2, 4],
  );
  assert.equal(
    doubling(({ double }) => double(3)),
    6,
  );
  assert.equal(loads, 1);
});

test('calls keep their order, also those that come while others wait', async () => {
  const order: number[] = [];
  const noting = lazyModule(async () => ({ note: (n: number) => void order.push(n) }));
  const first = noting(({ note }) => {
    note(1);
    void noting((module) => module.note(3));
  });
  const second = noting(({ note }) => note(2));
  await Promise.all([first, second]);
  await Promise.resolve();
  assert.deepEqual(order, [1, 2, 3]);
  void noting(({ note }) => note(4));
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test('a module that is provided is not loaded, and no call waits', () => {
  const adding = lazyModule<{ add: (n: number) => number }>(async () => assert.fail('it was loaded'));
  adding.provide({ add: (n) => n + 1 });
  assert.equal(
    adding(({ add }) => add(1)),
    2,
  );
});

test('a module that could not be loaded is tried again', async () => {
  let isThere = false;
  const late = lazyModule(async () => {
    if (!isThere) throw new Error('not there yet');
    return { answer: 42 };
  });
  await assert.rejects(async () => await late(({ answer }) => answer), /not there yet/);
  isThere = true;
  assert.equal(await late(({ answer }) => answer), 42);
});
