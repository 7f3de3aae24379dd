/** Options that are functions, given in the body of a flow: each run asks its own, whatever others have made since. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheKey, flow, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

test('retryIf, cache key, run name and hooks of a body are asked for their own run, side by side and after a kill', async () => {
  const lines: string[] = [];
  await using world = await createTestWorld({ faults: [{ task: 'pause', crash: 'before' }] });
  const fails = new Set(['Ada', 'Bob', 'Cleo']);
  const load = task(
    (customer: string) => {
      if (fails.delete(customer)) throw new Error('busy');
      return customer.toLowerCase();
    },
    { name: 'load' },
  );
  const pause = task(() => 1, { name: 'pause' });
  const order = flow(
    async ({ customer }: { readonly customer: string }) => {
      if (customer === 'Ada') await pause();
      return await load.with({
        retries: 1,
        retryDelaySeconds: 0,
        runName: () => `load for ${customer}`,
        retryIf: () => {
          lines.push(`retry ${customer}`);
          return true;
        },
        cache: cacheKey(() => `of ${customer}`),
        onCompletion: () => void lines.push(`loaded ${customer}`),
        onFailure: () => void lines.push(`failed ${customer}`),
      })(customer);
    },
    { name: 'order' },
  );
  await world.run(() => order({ customer: 'Ada' })).catch(() => {});
  world.restart();
  const own = await world.run(async () => await Promise.all(['Bob', 'Cleo'].map((customer) => order({ customer }))));
  assert.deepEqual(own, ['bob', 'cleo']);
  assert.equal(await world.retry(order, (await world.flowRuns())[0]?.id), 'ada');
  assert.deepEqual(
    lines.toSorted(),
    ['Ada', 'Bob', 'Cleo'].flatMap((customer) => [`loaded ${customer}`, `retry ${customer}`]).toSorted(),
  );
  const runs = await world.taskRuns();
  assert.deepEqual(
    runs.flatMap(({ taskName, name, cache }) => (taskName === 'load' ? [`${name}: ${cache?.outcome}`] : [])).toSorted(),
    ['Ada', 'Bob', 'Cleo'].map((customer) => `load for ${customer}: miss`),
  );
});
