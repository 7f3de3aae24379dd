/** Transactions around bodies that run in threads and processes. */

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { flow, transaction } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';
import { calls, callsHooked, keeps } from './fixtures/saga-tasks.ts';

for (const isolation of ['thread', 'process'] as const) {
  test(`${isolation}: what a body keeps there is there for the task's hooks, and it sees what is kept around it`, async () => {
    await using world = await createTestWorld();
    const hooks: unknown[] = [];
    const put = keeps.with({
      isolation,
      onRollback: ({ get, result }) => {
        hooks.push([get('kept'), result]);
      },
    });
    const saga = flow(
      () =>
        transaction(
          async (tx) => {
            tx.set('order', new Date(5));
            await put({ sku: 'a' });
            await put({ sku: 'b' });
            throw new Error('no');
          },
          { name: 'around' },
        ),
      { name: 'saga' },
    );
    await assert.rejects(
      world.run(() => saga()),
      /no/,
    );
    assert.deepEqual(
      hooks,
      ['b', 'a'].map((sku) => [{ sku }, ['around', new Date(5)]]),
    );
  });

  test(`${isolation}: tasks that a body calls there are rolled back with it, and done again`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'ostinato-sagas-'));
    t.after(() => rm(folder, { recursive: true }));
    await using world = await createTestWorld();
    const path = join(folder, 'words');
    let fails = true;
    const saga = flow(
      () =>
        transaction(async () => {
          await calls.with({ isolation })(path);
          if (fails) throw new Error('no');
        }),
      { name: 'saga' },
    );
    await assert.rejects(
      world.run(() => saga()),
      /no/,
    );
    assert.deepEqual((await world.taskRuns()).map(({ taskName, state }) => `${taskName} ${state.name}`).sort(), [
      'calls RolledBack',
      'nested RolledBack',
      'nested RolledBack',
    ]);
    fails = false;
    await world.retry(saga);
    assert.equal(await readFile(path, 'utf8'), 'one\ntwo\none\ntwo\n');
    assert.deepEqual([...new Set((await world.taskRuns()).map(({ state }) => state.name))], ['Completed']);
  });

  test(`${isolation}: a task with hooks of its own is refused there, not left out in silence`, async () => {
    await using world = await createTestWorld();
    const saga = flow(() => transaction(() => callsHooked.with({ isolation })().result()), { name: 'saga' });
    await assert.rejects(
      world.run(() => saga()),
      /Task "with hook" has hooks of transactions, and is called in a thread or process of its own inside transaction "transaction"/,
    );
    const calm = flow(() => callsHooked.with({ isolation })(), { name: 'calm' });
    assert.equal(await world.run(() => calm()), 'x', 'outside a transaction its hooks have nothing to do');
  });
}
