import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { collectionIdOf } from '../core/artifact.ts';
import type { Query } from '../core/query.ts';
import { openApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

let api: ApiUnderTest;
beforeEach(() => {
  api = openApi();
});
afterEach(async () => {
  assert.deepEqual(api.failures, []);
  await api.close();
});

type Fields = Record<string, unknown>;
const RUN = '11111111-1111-4111-8111-111111111111';

async function make(fields: Fields): Promise<Fields> {
  const { status, body } = await api.post('/artifacts/', fields);
  assert.equal(status, 201);
  return body as Fields;
}

const OF_MINE: Query = { where: { op: 'eq', field: 'key', value: 'mine' }, sort: [], limit: 1, offset: 0 };

test('an artifact is kept as it was sent, whatever its type and data', async () => {
  const table = JSON.stringify([{ a: 1.5, b: 'ü' }]);
  const made = await make({
    key: 'report',
    type: 'table',
    description: '# d',
    data: table,
    metadata_: { a: 'b' },
    flow_run_id: RUN,
  });
  const { id, created, updated, ...fields } = made;
  assert.deepEqual(fields, {
    key: 'report',
    type: 'table',
    description: '# d',
    data: table,
    metadata_: { a: 'b' },
    flow_run_id: RUN,
    task_run_id: null,
  });
  assert.ok(created === updated);
  assert.deepEqual((await api.get(`/artifacts/${String(id)}`)).body, made);
  const long = await make({ metadata_: { long: 'ü'.repeat(501), short: 'ü'.repeat(500) } });
  assert.deepEqual(long['metadata_'], { long: `${'ü'.repeat(500)}...`, short: 'ü'.repeat(500) });
  const bare = await make({});
  assert.deepEqual([bare['key'], bare['type'], bare['data'], bare['metadata_']], [null, null, null, null]);
  const odd = await api.send('POST', '/artifacts/', '{"type":"my own","data":{"x":1.0,"y":12345678901234567890}}');
  assert.ok(odd.text.includes('"data":{"x":1.0,"y":12345678901234567890}'));
  const types = async (type: object) =>
    ((await api.post('/artifacts/filter', { artifacts: { type } })).body as Fields[]).map((found) => found['type']);
  assert.deepEqual(await types({ not_any_: ['table'] }), ['my own'], 'what has no type has none that is another');
  for (const body of [{ key: 'A b' }, { key: 'ä' }, { more: 1 }])
    assert.equal((await api.post('/artifacts/', body)).status, 422);
});

test('the newest of a key stands for the collection, also after changes and deletions', async () => {
  const first = await make({ key: 'plot', type: 'markdown', data: 'one' });
  api.advance(1);
  const second = await make({ key: 'plot', type: 'markdown', data: 'two' });
  await make({ type: 'markdown', data: 'without a key' });
  const latest = async () => (await api.post('/artifacts/latest/filter', {})).body as Fields[];
  const [collection, ...others] = await latest();
  assert.deepEqual(
    [others, collection?.['latest_id'], collection?.['data'], collection?.['created']],
    [[], second['id'], 'two', first['created']],
  );
  assert.ok(![first['id'], second['id']].includes(collection?.['id']), 'a collection is no artifact');
  assert.equal((await api.post('/artifacts/latest/count')).body, 1);
  assert.equal((await api.post('/artifacts/count')).body, 3);
  api.advance(1);
  assert.equal((await api.send('PATCH', `/artifacts/${String(second['id'])}`, { data: 'more' })).status, 204);
  assert.deepEqual(((await api.get('/artifacts/plot/latest')).body as Fields)['data'], 'more');
  assert.equal((await api.send('DELETE', `/artifacts/${String(second['id'])}`)).status, 204);
  const [moved] = await latest();
  assert.deepEqual([moved?.['id'], moved?.['latest_id'], moved?.['data']], [collection?.['id'], first['id'], 'one']);
  await api.send('DELETE', `/artifacts/${String(first['id'])}`);
  assert.deepEqual(await latest(), []);
  for (const answer of [
    await api.get('/artifacts/plot/latest'),
    await api.get(`/artifacts/${RUN}`),
    await api.send('DELETE', `/artifacts/${RUN}`),
    await api.send('PATCH', `/artifacts/${RUN}`, {}),
  ]) {
    assert.deepEqual([answer.status, (answer.body as Fields)['detail']], [404, 'Artifact not found.']);
  }
  const events = await api.storage.readEvents({ afterSeq: 0, limit: 100 });
  assert.deepEqual(
    events.map(({ name }) => name),
    ['created', 'updated', 'updated', 'deleted'].map((what) => `prefect.artifact-collection.${what}`),
  );
  assert.deepEqual(
    [...new Set(events.map(({ resourceId }) => resourceId))],
    [`prefect.artifact-collection.${String(collection?.['id'])}`],
  );
});

test('progress moves; what a change leaves out stays', async () => {
  const { id } = await make({ type: 'progress', data: 0.0, description: 'd', metadata_: { a: 'b' } });
  await api.send('PATCH', `/artifacts/${String(id)}`, '{"data":50.0}');
  const answer = await api.get(`/artifacts/${String(id)}`);
  assert.ok(answer.text.includes('"data":50.0'));
  assert.deepEqual([(answer.body as Fields)['description'], (answer.body as Fields)['metadata_']], ['d', { a: 'b' }]);
  await api.send('PATCH', `/artifacts/${String(id)}`, { description: 'e' });
  assert.ok((await api.get(`/artifacts/${String(id)}`)).text.includes('"data":50.0'));
});

test('artifacts are found by what they are and by their runs', async () => {
  const a = await make({ key: 'a', type: 'table', data: '[]', flow_run_id: RUN });
  const b = await make({ key: 'b-long', type: 'result', data: 1, task_run_id: RUN });
  const c = await make({ type: 'markdown' });
  const find = async (artifacts: unknown, more: Fields = {}) =>
    ((await api.post('/artifacts/filter', { artifacts, ...more })).body as Fields[]).map(({ id }) => id);
  assert.deepEqual(await find(null), [c['id'], b['id'], a['id']]);
  assert.deepEqual(await find({ type: { not_any_: ['result'] } }), [c['id'], a['id']]);
  assert.deepEqual(await find({ key: { exists_: true } }, { sort: 'KEY_ASC' }), [a['id'], b['id']]);
  assert.deepEqual(await find({ key: { like_: 'LONG' } }), [b['id']]);
  assert.deepEqual(await find({ flow_run_id: { any_: [RUN] } }), [a['id']]);
  assert.deepEqual(await find({ task_run_id: { any_: [RUN] } }, { limit: 1 }), [b['id']]);
  assert.deepEqual(await find(null, { flow_runs: { id: { any_: [RUN] } } }), [a['id']]);
  assert.equal((await api.post('/artifacts/filter', { artifacts: { nonsense: 1 } })).status, 422);
});

test('what the SDK keeps is seen over the API, and the other way round', async () => {
  const id = api.storage && (await make({ key: 'mine', type: 'markdown', data: 'api' }))['id'];
  assert.equal((await api.useCases.find('artifact', OF_MINE))[0]?.id, id);
  const made = await api.useCases.createArtifact({
    id: '01900000-0000-7000-8000-000000000001' as never,
    key: 'own',
    type: 'markdown',
    description: null,
    data: 'sdk',
    flowRunId: null,
    taskRunId: null,
  });
  const latest = (await api.get('/artifacts/own/latest')).body as Fields;
  assert.deepEqual([latest['id'], latest['data']], [collectionIdOf(made.id), 'sdk']);
  assert.equal((await api.post('/artifacts/latest/count')).body, 2);
});
