/** Row RT4: who continues a run that was lost, by itself or by hand, and who may not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, OstinatoError, task } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

function counting(): { readonly work: ReturnType<typeof make>; readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const make = () =>
    task(
      async (name: string) => {
        await new Promise((resolve) => setImmediate(resolve));
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return `${name}!`;
      },
      { name: 'work', runName: 'work {name}' },
    );
  return { work: make(), counts };
}

test('RT4 resume: automatic — the next call with the same parameters becomes the crashed run', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'work', crash: 'before', when: (run) => run.name === 'work b' }],
  });
  const { work, counts } = counting();
  const parent = flow(async ({ day }: { day: string }) => [day, await work('a'), await work('b')], {
    name: 'parent',
    resume: 'automatic',
  });
  await assert.rejects(
    world.run(() => parent({ day: 'monday' })),
    /crashed/,
  );
  world.restart();
  assert.deepEqual(await world.run(() => parent({ day: 'monday' })), ['monday', 'a!', 'b!']);
  assert.equal((await world.flowRuns()).length, 1);
  assert.deepEqual(
    [...counts],
    [
      ['a', 1],
      ['b', 1],
    ],
  );
});

test('RT4 resume: automatic — a call with other parameters is a run of its own, the crashed one goes on beside it', async () => {
  await using world = await createTestWorld({
    faults: [{ task: 'work', crash: 'before', when: (run) => run.name === 'work monday' }],
  });
  const { work } = counting();
  const parent = flow(({ day }: { day: string }) => work(day), { name: 'parent', resume: 'automatic' });
  await assert.rejects(
    world.run(() => parent({ day: 'monday' })),
    /crashed/,
  );
  world.restart();
  assert.equal(await world.run(() => parent({ day: 'tuesday' })), 'tuesday!');
  await world.until(async () => (await world.flowRuns({ stateTypes: ['COMPLETED'] })).length === 2);
});

test('RT4 resume: manual (the default) starts anew', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'work', crash: 'before' }] });
  const { work } = counting();
  const parent = flow(() => work('a'), { name: 'parent' });
  await assert.rejects(
    world.run(() => parent()),
    /crashed/,
  );
  world.restart();
  await world.run(() => parent());
  assert.deepEqual(
    (await world.flowRuns()).map(({ state }) => state.type),
    ['CRASHED', 'COMPLETED'],
  );
});

test('RT4 a process that comes back after its run was taken over is refused: its lease is old', async () => {
  await using world = await createTestWorld({ clock: 'manual' });
  const { promise, resolve } = Promise.withResolvers<void>();
  const parent = flow(
    async () => {
      await promise;
      return 1;
    },
    { name: 'parent' },
  );
  const lost = world.enter(() => parent());
  await world.until(() => lost.state?.type === 'RUNNING');
  const { id } = await world.flowRun('parent');
  const { storage } = world.ports;
  await storage.changeFlowRun(id, {}, (run) =>
    run
      ? { run: { ...run, lease: { processId: run.lease?.processId ?? ('' as never), token: 2 } }, answer: null }
      : { answer: null },
  );
  resolve();
  await assert.rejects(Promise.resolve(lost), (error) => OstinatoError.is(error) && error.code === 'lease-lost');
});

test('two calls of a flow that find one lost run: one continues it, the other is a run of its own', async () => {
  await using world = await createTestWorld();
  const { work, counts } = counting();
  let crashes = true;
  const twice = flow(
    async ({ day }: { day: string }) => {
      const first = await work(day);
      if (crashes) await new Promise(() => {});
      return first;
    },
    { name: 'twice', resume: 'automatic' },
  );
  world.enter(
    () =>
      void twice({ day: 'monday' }).then(
        () => {},
        () => {},
      ),
  );
  await world.until(
    async () => counts.get('monday') === 1 && (await world.taskRuns()).some((run) => run.state.type === 'COMPLETED'),
  );
  crashes = false;
  world.restart();
  assert.deepEqual(await world.run(() => Promise.all([twice({ day: 'monday' }), twice({ day: 'monday' })])), [
    'monday!',
    'monday!',
  ]);
  const runs = await world.flowRuns();
  assert.deepEqual(runs.map((run) => `${run.state.type} ${run.runCount}`).toSorted(), ['COMPLETED 1', 'COMPLETED 2']);
  assert.equal(counts.get('monday'), 2);
});
