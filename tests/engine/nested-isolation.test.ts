/**
 * Row TK7 where the calling task has a thread or process of its own: what it calls is recorded as it would be anywhere.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { flow, withTags } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';
import {
  asksTheCache,
  cached,
  callsFlow,
  counts,
  givesFutures,
  inner,
  leavesRunning,
  outer,
  readsStreams,
  seesBroken,
  twoEffects,
  waitsForDeaf,
} from './fixtures/nesting-tasks.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-nesting-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const isolation of ['thread', 'process'] as const) {
  describe(`in a ${isolation}`, { concurrency: false }, () => {
    test('TK7 TK4 tasks and maps run where they are called, as runs of their own', async () => {
      await using world = await createTestWorld({ clock: 'real' });
      const parent = flow(
        async () => {
          await inner(100);
          return withTags(['nightly'], () => outer.with({ isolation })(1));
        },
        { name: 'parent' },
      );
      const { sum, places } = await world.run(() => parent());
      assert.deepEqual([sum, places.size], [12, 1]);
      assert.ok(!places.has(`${process.pid}/0`));
      const runs = await world.taskRuns();
      const [caller] = runs.filter(({ taskName }) => taskName === 'outer');
      const nested = runs.filter(
        ({ taskName, parentTaskRunId }) => taskName === 'inner' && parentTaskRunId === caller?.id,
      );
      assert.equal(nested.length, 3);
      assert.equal(
        new Set(runs.map(({ taskKey, dynamicKey }) => `${taskKey} ${dynamicKey}`)).size,
        runs.length,
        'numbers do not repeat',
      );
      for (const run of nested) {
        assert.deepEqual(
          [run.state.type, run.isolation, run.tags, run.flowRunId],
          ['COMPLETED', 'signal', ['nightly'], caller?.flowRunId],
        );
        assert.deepEqual(await world.states(run.id), ['Pending', 'Running', 'Completed']);
      }
    });

    test('a stream as an argument, wherever it lies, reads as one there too', async () => {
      await using world = await createTestWorld({ clock: 'real' });
      const parent = flow(
        async () => {
          const shared = counts(3);
          return await readsStreams.with({ isolation })(
            shared,
            { one: shared, more: [counts(4), counts(0)], named: new Map([['five', counts(5)]]) },
            [1, 2],
          );
        },
        { name: 'parent' },
      );
      const { place, ...seen } = await world.run(() => parent());
      assert.deepEqual(seen, { sums: [6, 6, 6, 10, 0, 15], same: true, plain: false });
      assert.notEqual(place, `${process.pid}/0`);
    });

    test('futures in what a body gives back are done, and their values come out', async () => {
      await using world = await createTestWorld({ clock: 'real' });
      const parent = flow(
        async () => {
          const { list, mapped } = await givesFutures.with({ isolation })(1);
          return [...list, ...mapped].map(({ n }) => n);
        },
        { name: 'parent' },
      );
      assert.deepEqual(await world.run(() => parent()), [2, 4, 2]);
    });

    test('TK7 RT4 a retried flow does not run finished nested steps again', async () => {
      await using world = await createTestWorld({ clock: 'real' });
      const path = join(folder, `effects-${isolation}`);
      const parent = flow(() => twoEffects.with({ isolation })(path, true), { name: 'parent', retries: 1 });
      assert.equal(await world.run(() => parent()), 'done');
      assert.equal(readFileSync(path, 'utf8'), 'first\nsecond\n');
    });
  });
}

test('TK7 RT1 a nested failure is the error that it was, after its retries', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(() => seesBroken.with({ isolation: 'thread' })(), { name: 'parent' });
  const error = await world.run(() => parent());
  assert.ok(error instanceof RangeError);
  assert.equal((await world.taskRun('broken')).runCount, 2);
});

test('TK7 CX3 what a body leaves running is waited for, its lines are its own, and what fails unseen is told', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(
    async () => {
      await leavesRunning.with({ isolation: 'thread' })();
    },
    { name: 'parent' },
  );
  await world.run(() => parent());
  const later = await world.taskRun('later');
  assert.equal(later.state.type, 'COMPLETED');
  const logs = await world.logs();
  assert.equal(logs.find(({ message }) => message === 'late words')?.taskRunId, later.id);
  assert.ok(
    logs.some(({ message }) =>
      /1 run that this task started failed and nothing looked at the outcome: broken/.test(message),
    ),
  );
});

test('TK7 RC10 RC2 the cache and the result store are those of the program, with one computation a key', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const path = join(folder, 'computed');
  const parent = flow(
    async () =>
      Promise.all([
        asksTheCache.with({ isolation: 'thread' })(1, path),
        asksTheCache.with({ isolation: 'thread' })(1, path),
        cached(1, path).then(({ padding }) => padding.length),
      ]),
    { name: 'parent' },
  );
  assert.deepEqual(await world.run(() => parent()), [100_000, 100_000, 100_000]);
  assert.equal(readFileSync(path, 'utf8'), 'computed 1\n');
});

test('TK7 AS2 a flow that an isolated task calls is a subflow', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(() => callsFlow.with({ isolation: 'thread' })(4), { name: 'parent' });
  assert.equal(await world.run(() => parent()), 8);
  const runs = await world.flowRuns();
  const child = runs.find(({ flowName }) => flowName === 'subflow');
  assert.deepEqual(
    [child?.state.type, child?.parentFlowRunId],
    ['COMPLETED', runs.find(({ flowName }) => flowName === 'parent')?.id],
  );
});

test('TK7 RT5 what is open in a thread that is ended by force ends with it', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const parent = flow(() => waitsForDeaf.with({ isolation: 'thread', timeoutSeconds: 0.3 })(), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    /worker thread was ended by force/,
  );
  const run = await world.taskRun('never gives back');
  assert.deepEqual([run.state.type, run.isolation], ['CRASHED', 'signal']);
  assert.match(run.state.message ?? '', /^The worker thread that it ran in was ended/);
  assert.ok(
    (await world.logs()).some(
      ({ taskRunId, message }) =>
        taskRunId === run.id && message.startsWith('Runs in the thread or process of the task that called it'),
    ),
  );
});

test('TK7 a task outside any flow calls tasks in its thread, too', async () => {
  await using world = await createTestWorld({ clock: 'real' });
  const { sum } = await world.run(() => outer.with({ isolation: 'thread' })(1));
  assert.equal(sum, 12);
  assert.ok(
    (await world.taskRuns()).every(
      ({ processId, flowRunId, state }) => processId !== null && flowRunId === null && state.type === 'COMPLETED',
    ),
  );
});
