/** Futures in what a task gives back: awaited, and their values are the result, as with a flow. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completed, flow, INPUTS, task, transaction, type TaskOptions } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const one = task(
  async (n: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (n < 0) throw new RangeError(`${n} is too small`);
    return n + 1;
  },
  { name: 'one' },
);

const SHAPES: Readonly<Record<string, { readonly body: () => unknown; readonly value: unknown }>> = {
  'one future': { body: () => one(1), value: 2 },
  list: { body: () => [one(1), 'x', one(2)], value: [2, 'x', 3] },
  'of a promise': { body: async () => [one(1)], value: [2] },
  'deep in objects': {
    body: () => ({ a: { b: [{ c: one(1) }] }, d: new Map([['e', one(2)]]), f: new Set([one(3)]) }),
    value: { a: { b: [{ c: 2 }] }, d: new Map([['e', 3]]), f: new Set([4]) },
  },
  'a fan-out among others': { body: () => ({ all: one.map([1, 2]), n: one(0) }), value: { all: [2, 3], n: 1 } },
  'in a state': { body: () => completed({ name: 'Fine', value: [one(1)] }), value: [2] },
  'no future at all': { body: () => [1, { a: 2 }], value: [1, { a: 2 }] },
};

const OPTIONS: Readonly<Record<string, TaskOptions>> = {
  plain: {},
  'with a timeout': { timeoutSeconds: 60 },
  'not kept': { persistResult: false },
  cached: { cache: INPUTS },
};

for (const [how, options] of Object.entries(OPTIONS)) {
  for (const [what, { body, value }] of Object.entries(SHAPES)) {
    test(`${what}, ${how}: values come out, inside a flow and outside any`, async () => {
      await using world = await createTestWorld();
      const gives = task(body, { name: 'gives', ...options });
      const parent = flow(async () => ({ value: await gives() }), { name: 'parent' });
      assert.deepEqual(await world.run(() => parent()), { value });
      assert.deepEqual(await world.run(async () => await gives()), value);
      const run = (await world.taskRuns()).find(({ taskName }) => taskName === 'gives');
      assert.equal(run?.state.name, what === 'in a state' ? 'Fine' : 'Completed');
    });
  }
}

test('one that fails fails the task that gave it back, which may try again', async () => {
  await using world = await createTestWorld();
  let attempts = 0;
  const gives = task(() => [one((attempts += 1) < 3 ? -1 : 1), one(5)], { name: 'gives', retries: 2 });
  const never = task(() => [one(-1), one(5)], { name: 'never' });
  assert.deepEqual(await world.run(async () => await gives()), [2, 6]);
  assert.equal(attempts, 3);
  await assert.rejects(
    world.run(async () => await never()),
    (error: Error) =>
      /1 of 2 returned futures did not complete: one-/.test(error.message) &&
      (error.cause as Error).message === '-1 is too small',
  );
});

test('a recorded result is found again with its values; a timeout counts the wait; a cancellation ends it', async () => {
  await using world = await createTestWorld();
  let attempt = 1;
  let bodies = 0;
  const gives = task(
    () => {
      bodies += 1;
      return [one(1), one(2)];
    },
    { name: 'gives' },
  );
  const parent = flow(
    async () => {
      const got = await gives();
      if (attempt === 1) throw new Error('again');
      return got;
    },
    { name: 'parent' },
  );
  await world.run(() => parent.state());
  attempt = 2;
  assert.deepEqual(await world.retry(parent), [2, 3]);
  assert.equal(bodies, 1);

  const silent = task(() => new Promise<never>(() => {}), { name: 'silent' });
  const late = task(() => [silent()], { name: 'late', timeoutSeconds: 5 });
  const state = await world.run(() => late.state());
  assert.equal(state.name, 'TimedOut');

  const waits = flow(
    async () => {
      await task(() => [silent()], { name: 'waits' })();
    },
    { name: 'waiting' },
  );
  const future = world.enter(() => waits());
  await world.until(async () =>
    (await world.taskRuns()).some(({ taskName, flowRunId }) => taskName === 'silent' && flowRunId === future.flowRunId),
  );
  await world.ports.client.cancelFlowRun(future.flowRunId);
  await world.clock.advance(30);
  assert.equal((await future.wait()).type, 'CANCELLED');
});

test('in a transaction, what the hooks are given is the values', async () => {
  await using world = await createTestWorld();
  const seen: unknown[] = [];
  const gives = task(() => ({ parts: [one(1), one(2)] }), {
    name: 'gives',
    onCommit: ({ result }) => {
      seen.push(result);
    },
  });
  const parent = flow(
    () =>
      transaction(async () => {
        await gives();
      }),
    { name: 'parent' },
  );
  await world.run(() => parent());
  assert.deepEqual(seen, [{ parts: [2, 3] }]);
});
