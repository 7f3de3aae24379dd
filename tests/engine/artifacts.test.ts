/** Rows AR1 and AR3: artifacts and variables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifacts, flow, OstinatoError, task, variables } from '../../src/index.ts';
import { createTestWorld } from '../../src/testing.ts';

test('AR1 every kind of artifact, linked to the run that made it', async () => {
  await using world = await createTestWorld();
  const report = task(
    async () => {
      await artifacts.markdown('# Sales', { key: 'sales', description: 'of May' });
      await artifacts.table([
        { month: 'May', sum: 5 },
        { month: 'June', sum: Number.NaN },
      ]);
      await artifacts.link('https://example.com', { text: 'the site' });
      await artifacts.image('https://example.com/a.png');
      await artifacts.image({ bytes: new Uint8Array([1, 2, 3]), type: 'image/png' });
      await artifacts.image({ svg: '<svg/>' });
      const progress = await artifacts.progress(0, { key: 'load' });
      await progress.update(40);
    },
    { name: 'report' },
  );
  const parent = flow(
    async () => {
      await report();
      await artifacts.markdown('by the flow');
    },
    { name: 'parent' },
  );
  await world.run(() => parent());
  const made = await world.artifacts();
  assert.deepEqual(
    made.map(({ type }) => type),
    ['markdown', 'table', 'link', 'image', 'image', 'image', 'progress', 'markdown'],
  );
  assert.deepEqual(
    made.slice(0, 5).map(({ data }) => data),
    [
      '# Sales',
      '[{"month":"May","sum":5},{"month":"June","sum":null}]',
      '[the site](https://example.com)',
      'https://example.com/a.png',
      'data:image/png;base64,AQID',
    ],
  );
  assert.equal(made[6]?.data, 40);
  assert.deepEqual([made[0]?.key, made[0]?.description], ['sales', 'of May']);
  const [flowRun, taskRun] = [await world.flowRun('parent'), await world.taskRun('report')];
  assert.deepEqual([made[0]?.flowRunId, made[0]?.taskRunId], [flowRun.id, taskRun.id]);
  assert.deepEqual([made[7]?.flowRunId, made[7]?.taskRunId], [flowRun.id, null]);
});

test('AR1 versions of one key belong together; the newest counts', async () => {
  await using world = await createTestWorld();
  await world.run(async () => {
    for (const n of [1, 2, 3]) await artifacts.markdown(`v${n}`, { key: 'doc' });
  });
  assert.equal((await world.artifacts()).length, 3);
  assert.deepEqual(
    (await world.ports.client.control.artifacts.list({ key: 'doc', latest: true })).map(({ data }) => data),
    ['v3'],
  );
});

test('AR1 tables as rows, lists, or columns', async () => {
  await using world = await createTestWorld();
  await world.run(async () => {
    await artifacts.table([
      [1, 2],
      [3, 4],
    ]);
    await artifacts.table({ a: [1, 2], b: [3n, 4n] });
  });
  assert.deepEqual(
    (await world.artifacts()).map(({ data }) => data),
    ['[[1,2],[3,4]]', '{"a":[1,2],"b":["3","4"]}'],
  );
});

test('AR1 what is wrong is refused, with the reason', async () => {
  await using world = await createTestWorld();
  const refused = (call: () => Promise<unknown>, words: RegExp): Promise<void> =>
    assert.rejects(
      world.run(call),
      (error) => OstinatoError.is(error) && error.code === 'bad-input' && words.test(error.message),
    );
  await refused(() => artifacts.markdown('x', { key: 'Sales Summary' }), /lower-case letters, digits and dashes/);
  await refused(() => artifacts.progress(101), /0 to 100/);
  await refused(() => artifacts.progress(Number.NaN), /0 to 100/);
  await refused(() => artifacts.image({ bytes: new Uint8Array(3 * 1024 * 1024), type: 'image/png' }), /at most/);
});

test('AR3 variables: set, get with a default, overwrite, unset', async () => {
  await using world = await createTestWorld();
  const parent = flow(async () => {
    assert.equal(await variables.get('limit', 5), 5);
    await variables.set('limit', { rows: [1, 2] }, { tags: ['etl'] });
    await assert.rejects(variables.set('limit', 7), (error) => OstinatoError.is(error) && error.code === 'conflict');
    await variables.set('limit', 7, { overwrite: true });
    return await variables.get<number>('limit');
  });
  assert.equal(await world.run(() => parent()), 7);
  assert.deepEqual(
    (await world.variables()).map(({ name, value }) => [name, value]),
    [['limit', 7]],
  );
  assert.deepEqual(
    await world.run(async () => [
      await variables.unset('limit'),
      await variables.unset('limit'),
      await variables.get('limit'),
    ]),
    [true, false, undefined],
  );
});

test('AR3 names and values that cannot be are refused', async () => {
  await using world = await createTestWorld();
  await assert.rejects(
    world.run(() => variables.set('No Spaces', 1)),
    (error) => OstinatoError.is(error) && error.code === 'bad-input',
  );
  await assert.rejects(
    world.run(() => variables.set('fn', () => 1)),
    (error) => OstinatoError.is(error) && error.code === 'bad-input',
  );
});
