/** Hooks that a flow's body gives close over what its run is about: whose they are, whatever is killed when. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, task, transaction } from '../../src/index.ts';
import { explainTaskRun } from '../../src/core/why-task-run.ts';
import type { Storage } from '../../src/store/port.ts';
import { createTestWorld, type TestWorld } from '../../src/testing.ts';

interface Order {
  readonly customer: string;
  readonly items: readonly string[];
}

const NEVER = new Promise<never>(() => {});

/** Each item is charged with hooks that close over its order, as flows are written. */
function shop(lines: string[], say: (line: string) => unknown = (line) => lines.push(line)) {
  const state = { failsAfter: Infinity, isDeclined: false };
  const charge = task((item: string) => (lines.push(`charge ${item}`), item), { name: 'charge' });
  const check = task(() => 1, { name: 'check' });
  const order = flow(
    async ({ customer, items }: Order) => {
      await transaction(async () => {
        let calls = 0;
        for (const item of items) {
          if (calls >= state.failsAfter) throw new Error('no more');
          calls += 1;
          await charge.with({
            onRollback: () => say(`refund ${customer} ${item}`),
            onCommit: [() => say(`ship ${customer} ${item}`), () => say(`tell ${customer} ${item}`)],
          })(item);
        }
        if (state.failsAfter === items.length) throw new Error('no more');
        if (customer === 'Ada') await check();
        if (state.isDeclined) throw new Error('declined');
      });
      return customer;
    },
    { name: 'order' },
  );
  return { order, state };
}

/** Ends the process of the world with this line, before or after it is said. */
function dyingAt(world: () => TestWorld, lines: string[], fatal: string, when: 'before' | 'after') {
  let deaths = 1;
  return (line: string): unknown => {
    const dies = line === fatal && deaths > 0;
    if (!dies || when === 'after') lines.push(line);
    if (!dies) return undefined;
    deaths -= 1;
    world().crash();
    return NEVER;
  };
}

async function chargeStates(world: TestWorld): Promise<readonly string[]> {
  const runs = await world.taskRuns();
  return runs.filter(({ taskName }) => taskName === 'charge').map(({ state }) => `${state.type} ${state.name}`);
}

test('a hook that was given in the body of one flow run never runs for another; that it is missing is on the record, and the body that comes again brings it', async () => {
  const lines: string[] = [];
  let store: Storage | undefined;
  await using world = await createTestWorld({
    faults: [{ task: 'check', crash: 'before' }],
    wrapStorage: (storage) => (store = storage),
  });
  const { order, state } = shop(lines);
  await world.run(() => order({ customer: 'Ada', items: ['ring'] })).catch(() => {});
  world.restart();
  const [ada] = await world.flowRuns();
  assert.equal(await world.run(() => order({ customer: 'Bob', items: ['lamp'] })), 'Bob');
  lines.length = 0;
  state.failsAfter = 0;
  await assert.rejects(world.retry(order, ada?.id), /no more/);
  assert.deepEqual(lines, [], 'nothing of this process is known to take it back');
  const [ring] = await world.taskRuns(ada ? { flowRunId: ada.id } : {});
  assert.ok(ring?.state.type === 'FAILED' && ring.state.name === 'RollbackIncomplete');
  assert.equal(ring.state.failure?.code, 'hook-missing');
  assert.match(
    ring.state.message ?? '',
    /rollback hook of charge.* could not be found.*given in the body.*flow-run retry/,
  );
  const why = explainTaskRun({
    run: ring,
    states: [],
    flowRun: null,
    upstream: [],
    now: world.process.ports.clock.now(),
  } as never);
  assert.match(why.headline, /was not taken back/);
  const events = (await store?.readEvents({ afterSeq: 0, limit: 1000 })) ?? [];
  assert.ok(events.some(({ name }) => name === 'prefect.task-run.RollbackIncomplete'));

  state.failsAfter = Infinity;
  assert.equal(await world.retry(order, ada?.id), 'Ada');
  assert.deepEqual(lines, ['refund Ada ring', 'charge ring', 'ship Ada ring', 'tell Ada ring']);
  assert.deepEqual(await chargeStates(world), ['COMPLETED Completed', 'COMPLETED Completed']);
});

for (const when of ['before', 'after'] as const)
  test(`killed ${when} a hook of the rollback: each charge is refunded by the hook of its own order before it is made again`, async () => {
    const lines: string[] = [];
    await using world = await createTestWorld();
    const { order, state } = shop(
      lines,
      dyingAt(() => world, lines, 'refund Ada ring', when),
    );
    state.isDeclined = true;
    await world.run(() => order({ customer: 'Ada', items: ['ring', 'chain'] })).catch(() => {});
    world.restart();
    state.isDeclined = false;
    await world.run(() => order({ customer: 'Bob', items: ['lamp'] }));
    lines.push('again');
    assert.equal(await world.retry(order, (await world.flowRuns())[0]?.id), 'Ada');
    const after = lines.slice(lines.indexOf('again') + 1);
    assert.deepEqual(after, [
      'refund Ada ring',
      'charge ring',
      'charge chain',
      'ship Ada ring',
      'tell Ada ring',
      'ship Ada chain',
      'tell Ada chain',
    ]);
    assert.deepEqual(lines.slice(0, 3), ['charge ring', 'charge chain', 'refund Ada chain']);
    for (const { id } of await world.taskRuns()) {
      const times = (await world.process.ports.client.listTaskRunStates(id)).map(({ timestamp }) => timestamp);
      assert.deepEqual(
        times,
        [...new Set(times)].toSorted((one, other) => one - other),
        'the times of a run grow',
      );
    }
  });

for (const fatal of ['ship Ada ring', 'tell Ada ring', 'ship Ada chain'])
  test(`killed in a hook of the commit (${fatal}): the rest run once when the body comes again, and nothing is charged twice`, async () => {
    const lines: string[] = [];
    await using world = await createTestWorld();
    const { order } = shop(
      lines,
      dyingAt(() => world, lines, fatal, 'before'),
    );
    await world.run(() => order({ customer: 'Ada', items: ['ring', 'chain'] })).catch(() => {});
    world.restart();
    await world.run(() => order({ customer: 'Bob', items: ['lamp'] }));
    assert.equal(await world.retry(order, (await world.flowRuns())[0]?.id), 'Ada');
    const own = lines.filter((line) => !/Bob|lamp/.test(line));
    assert.deepEqual(own, [
      'charge ring',
      'charge chain',
      'ship Ada ring',
      'tell Ada ring',
      'ship Ada chain',
      'tell Ada chain',
    ]);
  });

test('killed in a hook of the commit, and the body throws when it comes again: what was committed is not taken back, and its hooks run', async () => {
  const lines: string[] = [];
  await using world = await createTestWorld();
  const { order, state } = shop(
    lines,
    dyingAt(() => world, lines, 'tell Ada ring', 'before'),
  );
  await world.run(() => order({ customer: 'Ada', items: ['ring'] })).catch(() => {});
  world.restart();
  state.isDeclined = true;
  await assert.rejects(world.retry(order), /declined/);
  assert.deepEqual(lines, ['charge ring', 'ship Ada ring', 'tell Ada ring']);
});

test('killed in a hook of the commit, and the body does not come to the call again: the result counts, and that the hook is missing is on the record', async () => {
  const lines: string[] = [];
  await using world = await createTestWorld();
  const { order, state } = shop(
    lines,
    dyingAt(() => world, lines, 'tell Ada ring', 'before'),
  );
  await world.run(() => order({ customer: 'Ada', items: ['ring'] })).catch(() => {});
  world.restart();
  state.failsAfter = 0;
  await assert.rejects(world.retry(order), /no more/);
  assert.deepEqual(await chargeStates(world), ['COMPLETED CommitIncomplete']);
  state.failsAfter = Infinity;
  assert.equal(await world.retry(order), 'Ada');
  assert.deepEqual(lines, ['charge ring', 'ship Ada ring', 'tell Ada ring']);
  assert.deepEqual(await chargeStates(world), ['COMPLETED Completed']);
});

test('a charge that the body does not come to again is not refunded by the hook of another charge of the same run', async () => {
  const lines: string[] = [];
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const { order, state } = shop(lines);
  await world.run(() => order({ customer: 'Ada', items: ['ring', 'chain'] })).catch(() => {});
  world.restart();
  state.failsAfter = 1;
  await assert.rejects(world.retry(order), /no more/);
  assert.deepEqual(lines, ['charge ring', 'charge chain', 'refund Ada ring']);
  assert.deepEqual(await chargeStates(world), ['COMPLETED RolledBack', 'FAILED RollbackIncomplete']);
});

test('hooks that stand outside of bodies are found, also through other options in a body; two of one text are not taken for each other', async () => {
  const lines: string[] = [];
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  const state = { isShort: false };
  const charge = task((item: string) => item, { name: 'charge' });
  const by = (bank: string) =>
    charge.with({ onRollback: ({ result }) => void lines.push(`${bank} refunds ${result}`) });
  const [north, south] = [by('north'), by('south')];
  const note = task((item: string) => item, {
    name: 'note',
    onRollback: ({ result }) => void lines.push(`no note of ${result}`),
  });
  const check = task(() => 1, { name: 'check' });
  const pay = flow(
    () =>
      transaction(async () => {
        if (state.isShort) throw new Error('short');
        await north('ring');
        await south('lamp');
        await note.with({ retries: 2 })('all');
        await check();
      }),
    { name: 'pay' },
  );
  await world.run(() => pay()).catch(() => {});
  world.restart();
  state.isShort = true;
  await assert.rejects(world.retry(pay), /short/);
  assert.deepEqual(lines, ['no note of all', 'south refunds lamp', 'north refunds ring']);
});

test('a task that has fewer hooks now than have ended before is done with', async () => {
  const lines: string[] = [];
  await using world = await createTestWorld();
  const hooks = [
    () => void lines.push('one'),
    () => {
      world.crash();
      return NEVER;
    },
  ];
  let count = 2;
  const put = task((name: string) => name, { name: 'put' });
  const saga = flow(() => transaction(() => put.with({ onCommit: hooks.slice(0, count) })('x')), { name: 'saga' });
  await world.run(() => saga()).catch(() => {});
  world.restart();
  count = 1;
  assert.equal(await world.retry(saga), 'x');
  assert.deepEqual(lines, ['one']);
});

for (const depth of [1, 2])
  test(`hooks that the body of a subflow (${depth} deep) gave: killed while they take back, the subflow that is done again brings its own`, async () => {
    const lines: string[] = [];
    await using world = await createTestWorld();
    const say = dyingAt(() => world, lines, 'refund Ada x', 'before');
    let isDeclined = true;
    const charge = task((item: string) => (lines.push(`charge ${item}`), item), { name: 'charge' });
    const pay = flow(
      async ({ customer, item }: { readonly customer: string; readonly item: string }) =>
        await charge.with({ onRollback: () => say(`refund ${customer} ${item}`) })(item),
      { name: 'pay' },
    );
    const buy = flow(async (order: { readonly customer: string; readonly item: string }) => await pay(order), {
      name: 'buy',
    });
    const shop = flow(
      async ({ customer }: { readonly customer: string }) => {
        await transaction(async () => {
          for (const item of ['x', 'y']) await (depth === 1 ? pay : buy)({ customer, item });
          if (isDeclined) throw new Error('declined');
        });
        return customer;
      },
      { name: 'shop' },
    );
    await world.run(() => shop({ customer: 'Ada' })).catch(() => {});
    world.restart();
    isDeclined = false;
    await world.run(() => shop({ customer: 'Bob' }));
    lines.length = 0;
    assert.equal(await world.retry(shop, (await world.flowRuns({ flowName: 'shop' }))[0]?.id), 'Ada');
    assert.deepEqual(lines, ['refund Ada x', 'charge x', 'charge y']);
    const states = await chargeStates(world);
    assert.deepEqual(
      ['COMPLETED Completed', 'COMPLETED RolledBack'].map((name) => states.filter((each) => each === name).length),
      [4, 2],
    );
  });

test('a subflow that is taken over and then taken back: that its hook is missing is on the record, and no other run is asked', async () => {
  const lines: string[] = [];
  await using world = await createTestWorld({ faults: [{ task: 'check', crash: 'before' }] });
  let isDeclined = false;
  const charge = task((item: string) => item, { name: 'charge' });
  const check = task(() => 1, { name: 'check' });
  const pay = flow(
    async ({ customer }: { readonly customer: string }) =>
      await charge.with({ onRollback: () => void lines.push(`refund ${customer}`) })('x'),
    { name: 'pay' },
  );
  const shop = flow(
    async ({ customer }: { readonly customer: string }) =>
      await transaction(async () => {
        await pay({ customer });
        if (customer === 'Ada') await check();
        if (isDeclined) throw new Error('declined');
      }),
    { name: 'shop' },
  );
  await world.run(() => shop({ customer: 'Ada' })).catch(() => {});
  world.restart();
  await world.run(() => shop({ customer: 'Bob' }));
  isDeclined = true;
  const ada = (await world.flowRuns({ flowName: 'shop' }))[0]?.id;
  await assert.rejects(world.retry(shop, ada), /declined/);
  assert.deepEqual(lines, []);
  assert.deepEqual((await chargeStates(world)).toSorted(), ['COMPLETED Completed', 'FAILED RollbackIncomplete']);
  isDeclined = false;
  await world.retry(shop, ada);
  assert.deepEqual(lines, ['refund Ada'], 'the subflow is done again, and brings it');
});
