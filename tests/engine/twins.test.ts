/**
 * Subflows that are called at once with equal parameters, each with a fan-out: killed at any point, nothing that was
 * acknowledged is done again, and each caller gets its own value.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

const CALLS = 2;
const ITEMS = [1, 2, 3];
const NEVER = new Promise<never>(() => {});

/** Runs the flow to its end through these deaths: at the records with these numbers. Answers how many there were. */
async function live(dieAt: readonly number[]): Promise<number> {
  await using world = await createTestWorld();
  const bodies = new Map<number, number>();
  let records = 0;
  const square = task(
    (item: number) => {
      bodies.set(item, (bodies.get(item) ?? 0) + 1);
      return item * item;
    },
    { name: 'square' },
  );
  const sum = flow(
    async ({ items }: { readonly items: readonly number[] }) =>
      (await square.map(items, { concurrency: 2 })).reduce((all, each) => all + each, 0),
    { name: 'sum' },
  );
  const main = flow(
    async () => await Promise.all(Array.from({ length: CALLS }, async () => await sum({ items: ITEMS }))),
    { name: 'main' },
  );
  const promised = new Map<number, number>();
  for (let life = 0; ; life += 1) {
    const { recorder } = world.process.ports;
    const settle = recorder.settle.bind(recorder);
    records = 0;
    recorder.settle = (record, durability) => {
      if (!world.process.alive) return NEVER;
      const settled = settle(record, durability);
      const { taskName, state, item } = record.run;
      if (taskName === 'square' && state.type === 'COMPLETED' && item)
        promised.set(Number(item.input), (promised.get(Number(item.input)) ?? 0) + 1);
      records += 1;
      if (records !== dieAt[life]) return settled;
      world.crash();
      return NEVER;
    };
    const ended = await (life === 0 ? world.run(() => main()) : world.retry(main)).catch((error: unknown) => error);
    if (!(ended instanceof Error)) {
      assert.deepEqual(ended, [14, 14]);
      break;
    }
    assert.ok(!world.process.alive, String(ended.stack));
    world.restart();
    if ((await world.flowRuns({ flowName: 'main' })).length === 0) return live(dieAt.slice(life + 1));
  }
  // A body whose end was not recorded runs again; one that was recorded never does.
  for (const item of ITEMS) {
    assert.equal(promised.get(item), CALLS, `deaths at ${dieAt.join(', ')}: item ${item}`);
    assert.ok((bodies.get(item) ?? 0) <= CALLS + 2 * dieAt.length);
  }
  return records;
}

test('equal subflows at once, each with a fan-out: killed at any record, nothing recorded is done again', async () => {
  const records = await live([]);
  assert.ok(records >= CALLS * ITEMS.length, `${records} records`);
  for (let at = 1; at <= records; at += 1) await live([at]);
  for (let at = 1; at <= records; at += 3) await live([at, 2]);
});
