/** Row RC11: when what a transaction did is in the cache. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentTransaction, flow, INPUTS, task, transaction, type CommitMode } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

function recorded(): { readonly log: string[]; readonly step: ReturnType<typeof define> } {
  const log: string[] = [];
  const define = () =>
    task(
      async (name: string) => {
        log.push(`run ${name}`);
        currentTransaction()?.set('last', name);
        return name;
      },
      {
        name: 'step',
        cache: INPUTS,
        runName: '{name}',
        onCommit: (txn) => {
          log.push(`commit ${String(txn.get('last'))}`);
        },
        onRollback: (txn) => {
          log.push(`rollback ${txn.name}`);
        },
      },
    );
  return { log, step: define() };
}

test('RC11 lazy: results are cached at the commit, eager: at once, off: never', async () => {
  for (const [commit, during, afterwards] of [
    ['lazy', 0, 1],
    ['eager', 1, 1],
    ['off', 0, 0],
  ] as [CommitMode, number, number][]) {
    await using world = await createTestWorld();
    const { step } = recorded();
    const cachedNow = async (): Promise<number> => {
      const probe = flow(() => step('a'), { name: `probe ${Math.random()}` });
      await world.run(() => probe());
      return (await world.taskRuns()).at(-1)?.state.name === 'Cached' ? 1 : 0;
    };
    let seen = -1;
    const parent = flow(() =>
      transaction(
        async () => {
          await step('a');
          seen = during === 0 && commit === 'off' ? 0 : await cachedNow();
        },
        { commit },
      ),
    );
    await world.run(() => parent());
    assert.equal(seen, during, `${commit} during`);
    // The probe inside has computed (and kept) it itself where nothing was cached yet.
    if (commit !== 'lazy') assert.equal(await cachedNow(), afterwards, `${commit} afterwards`);
  }
});

test('RC11 what was rolled back is not in the cache', async () => {
  for (const commit of ['lazy', 'eager', 'off'] as const) {
    await using world = await createTestWorld();
    const { log, step } = recorded();
    const parent = flow(() =>
      transaction(
        async () => {
          await step('a');
          throw new Error('x');
        },
        { commit },
      ),
    );
    await world.run(() => parent.state());
    await world.run(() => step('a'));
    assert.equal(log.filter((line) => line === 'run a').length, 2, commit);
  }
});

test('RC11 inside one transaction a result counts before the commit: the same call hits', async () => {
  await using world = await createTestWorld();
  const { log, step } = recorded();
  const parent = flow(() =>
    transaction(async () => {
      await step('a');
      await step('a');
      await Promise.all([step('b'), step('b')]);
    }),
  );
  await world.run(() => parent());
  assert.deepEqual(
    log.filter((line) => line.startsWith('run')),
    ['run a', 'run b'],
  );
  assert.match((await world.taskRuns())[1]?.cache?.reason ?? '', /same transaction/);
});

test('RC11 what came from the cache is not undone', async () => {
  await using world = await createTestWorld();
  const { log, step } = recorded();
  await world.run(() => step('a'));
  const parent = flow(() =>
    transaction(async () => {
      await step('a');
      throw new Error('x');
    }),
  );
  await world.run(() => parent.state());
  assert.deepEqual(log, ['run a']);
  assert.equal((await world.taskRuns()).at(-1)?.state.name, 'Cached');
});
