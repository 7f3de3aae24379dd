/**
 * A mapped run is named by the index of its item, whatever is around the fan-out; who asks for what settled has looked
 * at each of them.
 */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';

import { flow, task, zipped } from '../../src/index.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

const namesOf = async (world: TestWorld, taskName: string): Promise<string[]> =>
  (await world.taskRuns())
    .filter((run) => run.taskName === taskName)
    .map(({ name, item }) => `${name}@${item?.index}`)
    .toSorted();

test('nested fan-outs, each with a window', async () => {
  await using world = await createTestWorld();
  const inner = task(
    async (x: number) => {
      if (x % 2 === 0) await turn();
      return x;
    },
    { name: 'inner' },
  );
  const outer = task(async (x: number) => inner.map([x, x + 1, x + 2], { concurrency: 2 }), { name: 'outer' });
  const around = flow(() => outer.map([2, 1, 0], { concurrency: 2 }));
  assert.deepEqual(await world.run(() => around()), [
    [2, 3, 4],
    [1, 2, 3],
    [0, 1, 2],
  ]);
  assert.deepEqual(await namesOf(world, 'outer'), ['outer-0@0', 'outer-1@1', 'outer-2@2']);
  assert.deepEqual(await namesOf(world, 'inner'), [
    'inner-0@0',
    'inner-0@0',
    'inner-0@0',
    'inner-1@1',
    'inner-1@1',
    'inner-1@1',
    'inner-2@2',
    'inner-2@2',
    'inner-2@2',
  ]);
});

test('a zipped list, and a fan-out over a fan-out', async () => {
  await using world = await createTestWorld();
  const add = task(
    async (x: number, y: number) => {
      if (x === 1) await turn();
      return x + y;
    },
    { name: 'add' },
  );
  const twice = task((x: number) => x * 2, { name: 'twice' });
  assert.deepEqual(
    await world.run(() =>
      flow(() => twice.map(add.map([1, 2, 3], { with: [zipped([10, 20, 30])], concurrency: 2 })))(),
    ),
    [22, 44, 66],
  );
  assert.deepEqual(
    [...(await namesOf(world, 'add')), ...(await namesOf(world, 'twice'))],
    ['add-0@0', 'add-1@1', 'add-2@2', 'twice-0@0', 'twice-1@1', 'twice-2@2'],
  );
});

test('a run that goes on: what is done keeps its name, what is not gets that of its item', async () => {
  await using world = await createTestWorld();
  let healthy = false;
  const load = task(
    (x: number) => {
      if (x >= 2 && !healthy) throw new Error('down');
      return x;
    },
    { name: 'load' },
  );
  const around = flow(() => load.map([0, 1, 2, 3], { concurrency: 1 }), { name: 'around' });
  await assert.rejects(
    world.run(() => around()),
    /2 of 4 items/,
  );
  healthy = true;
  assert.deepEqual(await world.retry(around), [0, 1, 2, 3]);
  assert.deepEqual([...new Set(await namesOf(world, 'load'))], ['load-0@0', 'load-1@1', 'load-2@2', 'load-3@3']);
});

test('settled() has looked at what failed: with a window, inside a task, of a zipped one and of one over another', async () => {
  await using world = await createTestWorld();
  const odd = task(
    (x: number, _more?: number) => {
      if (x % 2 === 0) throw new Error('even');
      return x;
    },
    { name: 'odd' },
  );
  const inside = task(
    async (x: number) => (await odd.map([x, x + 1], { concurrency: 1 }).settled()).filter(({ ok }) => ok).length,
    { name: 'inside' },
  );
  const bodies: Readonly<Record<string, () => Promise<unknown>>> = {
    window: () => odd.map([1, 2, 3, 4], { concurrency: 2 }).settled(),
    unkept: () => odd.map([1, 2, 3, 4], { keepValues: false }).settled(),
    nested: () => inside.map([1, 2]).settled(),
    zipped: () => odd.map([2, 3], { with: [zipped([1, 2])] }).settled(),
    chained: () => odd.map(odd.map([1, 2, 3, 4])).settled(),
  };
  for (const [name, body] of Object.entries(bodies)) {
    const looking = flow(
      async () => {
        await body();
        return 'done';
      },
      { name },
    );
    await world.run(() => looking());
    assert.equal((await world.flowRuns({ flowName: name })).at(-1)?.state.message ?? null, null, name);
  }
});
