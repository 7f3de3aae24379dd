import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newId } from '../../tests/conformance/samples.ts';
import { openApi } from './fixtures/api-under-test.ts';

test('flows are found by name, tagged, listed and deleted with their runs', async (t) => {
  const api = openApi();
  t.after(() => api.close());
  const [a, b] = await Promise.all(
    ['a b?c', 'b'].map(async (name) => (await api.post('/flows/', { name })).body as { id: string; name: string }),
  );
  assert.deepEqual((await api.get(`/flows/name/${encodeURIComponent('a b?c')}`)).body, a);
  assert.equal((await api.get('/flows/name/nobody')).status, 404);
  const stray = await api.get('/flows/name/100%flow');
  assert.deepEqual([stray.status, stray.body], [404, { detail: 'Not Found' }]);
  assert.equal((await api.send('PATCH', `/flows/${a?.id}`, { tags: ['x'] })).status, 204);
  assert.equal((await api.send('PATCH', `/flows/${a?.id}`, {})).status, 204);
  assert.equal((await api.send('PATCH', `/flows/${a?.id}`, { name: 'y' })).status, 422);
  assert.equal((await api.send('PATCH', `/flows/${newId()}`, { tags: [] })).status, 404);
  assert.deepEqual(
    ((await api.post('/flows/filter', { flows: { tags: { all_: ['x'] } } })).body as { id: string }[]).map(
      ({ id }) => id,
    ),
    [a?.id],
  );
  assert.deepEqual(
    ((await api.post('/flows/filter', { sort: 'NAME_DESC' })).body as { name: string }[]).map(({ name }) => name),
    ['b', 'a b?c'],
  );
  assert.equal((await api.post('/flows/count')).body, 2);
  assert.deepEqual((await api.post('/flows/paginate', { limit: 1, page: 2 })).body, {
    results: [b],
    count: 2,
    limit: 1,
    pages: 2,
    page: 2,
  });
  await api.post('/flow_runs/', { flow_id: a?.id });
  assert.equal((await api.send('DELETE', `/flows/${a?.id}`)).status, 204);
  assert.equal((await api.send('DELETE', `/flows/${a?.id}`)).status, 404);
  assert.equal((await api.post('/flow_runs/count')).body, 0);
  assert.deepEqual((await api.post('/flows/bulk_delete', { flows: { name: { any_: ['b'] } } })).body, {
    deleted: [b?.id],
  });
  assert.deepEqual((await api.post('/flows/bulk_delete')).body, { deleted: [] });
});

test('a flow and a run say when they were changed, and by no state', async (t) => {
  const api = openApi();
  t.after(() => api.close());
  const flow = (await api.post('/flows/', { name: 'a' })).body as { id: string; created: string; updated: string };
  const newer = (await api.post('/flows/', { name: 'b' })).body as { id: string };
  const run = (await api.post('/flow_runs/', { flow_id: flow.id })).body as { id: string; updated: string };
  assert.equal(flow.updated, flow.created);
  api.advance(1);
  await api.send('PATCH', `/flows/${flow.id}`, { tags: ['x'] });
  await api.send('PATCH', `/flow_runs/${run.id}`, { name: 'renamed' });
  const later = '2026-09-21T14:13:21.000000Z';
  assert.deepEqual((await api.get(`/flows/${flow.id}`)).body, { ...flow, tags: ['x'], updated: later });
  assert.deepEqual(
    ((await api.post('/flows/filter', { sort: 'UPDATED_DESC' })).body as { id: string }[]).map(({ id }) => id),
    [flow.id, newer.id],
  );
  assert.equal(((await api.get(`/flow_runs/${run.id}`)).body as { updated: string }).updated, later);
  assert.deepEqual(
    ((await api.post('/flow_runs/filter')).body as { updated: string }[]).map(({ updated }) => updated),
    [later],
  );
  api.advance(1);
  await api.send('PATCH', `/flow_runs/${run.id}/labels`, { a: 1 });
  assert.equal(
    ((await api.get(`/flow_runs/${run.id}`)).body as { updated: string }).updated,
    '2026-09-21T14:13:22.000000Z',
  );
});

test('saved searches keep their id under their name', async (t) => {
  const api = openApi();
  t.after(() => api.close());
  const filter = '{"object":"flow_run","property":"name","type":"string","operation":"equals","value":1.0}';
  const first = await api.send('PUT', '/saved_searches/', `{"name":"mine","filters":[${filter}]}`);
  assert.equal(first.status, 201);
  assert.ok(first.text.includes('"value":1.0'), 'values of users come back to the letter');
  const { id } = first.body as { id: string };
  api.advance(1);
  const second = await api.send('PUT', '/saved_searches/', { name: 'mine' });
  assert.equal(second.status, 200);
  assert.deepEqual(second.body, { ...(first.body as object), filters: [], updated: '2026-09-21T14:13:21.000000Z' });
  assert.deepEqual((await api.get(`/saved_searches/${id}`)).body, second.body);
  assert.deepEqual((await api.post('/saved_searches/filter')).body, [second.body]);
  assert.deepEqual((await api.post('/saved_searches/filter', { limit: 0 })).body, []);
  assert.equal((await api.send('PUT', '/saved_searches/', { name: 'mine', filters: [{}] })).status, 422);
  assert.equal((await api.send('DELETE', `/saved_searches/${id}`)).status, 204);
  assert.equal((await api.send('DELETE', `/saved_searches/${id}`)).status, 404);
  assert.equal((await api.get(`/saved_searches/${id}`)).status, 404);
});
