import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArtifactId, TaskRunId } from '../core/ids.ts';
import { openWorld } from './fixtures/world.ts';

test('variables: names, JSON values, overwriting', async () => {
  const world = openWorld();
  const set = (name: string, value: unknown, overwrite = false) =>
    world.use.setVariable({ name, value, tags: [], overwrite });
  const made = await set('sales_target', { eu: 1 });
  assert.deepEqual((await world.use.readVariable({ name: 'sales_target' }))?.value, { eu: 1 });
  assert.throws(() => set('sales_target', 2), { code: 'conflict' });
  const changed = await set('sales_target', 2, true);
  assert.deepEqual([changed.id, changed.value], [made.id, 2]);
  for (const name of ['Bad Name!', '', 'ä', 'x'.repeat(256)]) assert.throws(() => set(name, 1), { code: 'bad-input' });
  for (const value of [undefined, new Date(), Number.NaN, 'x'.repeat(70_000)])
    assert.throws(() => set('v', value), { code: 'bad-input' });
  assert.equal(await world.use.deleteVariable({ name: 'sales_target' }), true);
  assert.equal(await world.use.deleteVariable({ name: 'sales_target' }), false);
  assert.deepEqual(await world.eventNames(), [
    'prefect.variable.created',
    'prefect.variable.updated',
    'prefect.variable.deleted',
  ]);
});

test('artifacts: keys, types, progress', async () => {
  const world = openWorld();
  const base = {
    key: 'sales-summary',
    type: 'markdown',
    description: null,
    data: '# Sales',
    flowRunId: null,
    taskRunId: null,
  } as const;
  const id = world.ids.next<ArtifactId>();
  const made = await world.use.createArtifact({ ...base, id });
  assert.equal(made.createdAt, world.now());
  world.advance(1);
  const updated = await world.use.updateArtifact(id, { data: '# More' });
  assert.deepEqual([updated.data, updated.updatedAt], ['# More', world.now()]);
  assert.throws(() => world.use.createArtifact({ ...base, id: world.ids.next(), key: 'Bad Key' }), {
    code: 'bad-input',
  });
  assert.throws(() => world.use.createArtifact({ ...base, id: world.ids.next(), type: 'progress', data: 101 }), {
    code: 'bad-input',
  });
  assert.throws(() => world.use.updateArtifact(world.ids.next(), { data: 1 }), { code: 'not-found' });
  assert.deepEqual(await world.eventNames(), ['prefect.artifact.created', 'prefect.artifact.updated']);
});

test('a cache key is computed by one at a time; the claim of a dead process is free again', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const claim = (processId: typeof first) =>
    world.use.claimCacheKey({
      key: 'k',
      taskKey: 't',
      taskRunId: world.ids.next<TaskRunId>(),
      processId,
      refresh: false,
    });
  assert.equal((await claim(first)).status, 'claimed');
  assert.equal((await claim(second)).status, 'busy');
  world.kill(first);
  assert.equal((await claim(second)).status, 'claimed');
});

test('explaining gathers the recorded facts of flow runs and task runs', async () => {
  const world = openWorld();
  const process = await world.start();
  const { id } = await world.use.createFlowRun(world.request({ processId: process }));
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } });
  const task = await world.addTask(id, 'load', { type: 'FAILED', failure: { name: 'Error', message: 'no disk' } });
  const busy = await world.addTask(id, 'train', { type: 'RUNNING' });
  world.advance(60);
  assert.equal((await world.use.explainRun(id))?.headline, 'Has been running for 1 min: task "train" is running.');
  assert.equal((await world.use.explainRun(busy.id))?.headline, 'Has been running for 1 min.');
  await world.use.setFlowRunState({ id, state: { type: 'FAILED', failure: null } });
  assert.equal((await world.use.explainRun(id))?.headline, 'Failed because task "load" failed: Error: no disk.');
  assert.match((await world.use.explainRun(task.id))?.headline ?? '', /Error: no disk/);
  assert.equal(await world.use.explainRun(world.ids.next()), null);
});
