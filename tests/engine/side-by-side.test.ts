/** Transactions that are open at the same time, and equal calls in them; subflows whose transaction was rolled back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, task, transaction } from '../../src/index.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

/** Orders side by side: each notes the same thing, which tells nothing of whose it is. */
function orders(world: TestWorld, isNotedFirst: boolean) {
  const lines: string[] = [];
  const state = { life: 1, declined: '' };
  const noted = Promise.withResolvers<void>();
  const reserve = task(
    async (order: string) => {
      lines.push(`reserve ${order}`);
      // In the first life the second order overtakes the first one.
      if (state.life === 1 && order === 'A' && !isNotedFirst) await noted.promise;
      return order;
    },
    { name: 'reserve', onRollback: ({ result }) => void lines.push(`release ${result}`) },
  );
  const note = task((where: string) => where, { name: 'note', onRollback: () => void lines.push('take a note back') });
  const order = (name: string) =>
    transaction(
      async () => {
        if (state.life === 1 && name === 'A' && isNotedFirst) await noted.promise;
        if (isNotedFirst) await note('warehouse');
        await reserve(name);
        if (!isNotedFirst) await note('warehouse');
        if (state.life === 1) {
          if (name === 'B') noted.resolve();
          else world.crash();
          await new Promise(() => {});
        }
        if (name === state.declined) throw new Error('declined');
      },
      { name: 'order' },
    );
  const main = flow(
    async () => {
      const ends = await Promise.allSettled([order('A'), order('B')]);
      return ends.map(({ status }) => status);
    },
    { name: 'main' },
  );
  return { lines, state, main };
}

for (const isNotedFirst of [false, true])
  for (const declined of ['A', 'B'])
    test(`two transactions side by side, equal calls ${isNotedFirst ? 'before' : 'after'} what tells them apart, ${declined} is declined: what the other one did stays`, async () => {
      await using world = await createTestWorld();
      const { lines, state, main } = orders(world, isNotedFirst);
      await world.run(() => main()).catch(() => {});
      world.restart();
      state.life = 2;
      state.declined = declined;
      lines.length = 0;
      const ends = await world.retry(main);
      assert.deepEqual(ends, declined === 'A' ? ['rejected', 'fulfilled'] : ['fulfilled', 'rejected']);
      assert.deepEqual(lines.toSorted(), [`release ${declined}`, 'take a note back']);
      const states = (await world.taskRuns()).map(({ state: { name } }) => name).toSorted();
      assert.deepEqual(states, ['Completed', 'Completed', 'RolledBack', 'RolledBack']);
    });

for (const how of ['in one process', 'in another process'] as const)
  for (const depth of [1, 2])
    test(`a subflow (${depth} deep) whose transaction was rolled back is done again when its flow is, ${how}`, async () => {
      await using world = await createTestWorld();
      const lines: string[] = [];
      let isDeclined = true;
      const charge = task((order: string) => (lines.push(`charge ${order}`), order), {
        name: 'charge',
        onRollback: ({ result }) => void lines.push(`refund ${result}`),
        onCommit: ({ result }) => void lines.push(`ship ${result}`),
      });
      const pay = flow(async ({ order }: { readonly order: string }) => await charge(order), { name: 'pay' });
      const buy = flow(async ({ order }: { readonly order: string }) => await pay({ order }), { name: 'buy' });
      const shop = flow(
        () =>
          transaction(async () => {
            await (depth === 1 ? pay : buy)({ order: 'x' });
            if (isDeclined) {
              isDeclined = false;
              throw new Error('declined');
            }
          }),
        { name: 'shop', retries: how === 'in one process' ? 1 : 0 },
      );
      await world.run(() => shop()).catch(() => {});
      if (how === 'in another process') {
        world.restart();
        await world.retry(shop);
      }
      assert.deepEqual(lines, ['charge x', 'refund x', 'charge x', 'ship x']);
    });

test('an attempt after that takes the subflow over that was done again', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const lines: string[] = [];
  let attempts = 0;
  const charge = task((order: string) => (lines.push(`charge ${order}`), order), {
    name: 'charge',
    onRollback: ({ result }) => void lines.push(`refund ${result}`),
  });
  const check = task(() => 1, { name: 'check' });
  const pay = flow(async ({ order }: { readonly order: string }) => await charge(order), { name: 'pay' });
  const shop = flow(
    () =>
      transaction(async () => {
        await pay({ order: 'x' });
        attempts += 1;
        if (attempts === 1) throw new Error('declined');
        await check();
      }),
    { name: 'shop' },
  );
  await world.run(() => shop()).catch(() => {});
  for (let life = 2; life <= 3; life += 1) {
    world.restart();
    await world.retry(shop).catch(() => {});
  }
  assert.deepEqual(lines, ['charge x', 'refund x', 'charge x']);
});

test('a subflow that finished and is done again, since its source changed, is taken back first', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const lines: string[] = [];
  const charge = task((order: string) => (lines.push(`charge ${order}`), order), {
    name: 'charge',
    onRollback: ({ result }) => void lines.push(`refund ${result}`),
    onCommit: ({ result }) => void lines.push(`ship ${result}`),
  });
  const check = task(() => 1, { name: 'check' });
  const old = flow(async () => await charge('old'), { name: 'pay' });
  const edited = flow(async () => await charge('new'), { name: 'pay' });
  let pay = old;
  const shop = flow(
    () =>
      transaction(async () => {
        await pay();
        await check();
      }),
    { name: 'shop' },
  );
  await world.run(() => shop()).catch(() => {});
  world.restart();
  pay = edited;
  await world.retry(shop);
  assert.deepEqual(lines, ['charge old', 'refund old', 'charge new', 'ship new']);
});
