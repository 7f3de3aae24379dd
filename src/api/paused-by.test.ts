/** By whom something was paused, and when: of pools, queues, deployments and schedules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApi } from './fixtures/api-under-test.ts';

type Fields = Record<string, unknown>;
interface Paused extends Fields {
  readonly paused_by?: { readonly by: string | null; readonly program: string | null; readonly at: string };
}

const ANNA = { 'ostinato-by': encodeURIComponent('änna@barn'), 'user-agent': 'ostinato/0.1.0 (API 0.8.4)' };
const PYTHON = { 'user-agent': 'prefect/3.9.1 (API 0.8.4)' };

test('who has paused it is told with it, and by why, until it goes on', async (t) => {
  const api = openApi();
  t.after(() => api.close());
  const post = async (path: string, body: unknown) => (await api.post(path, body)).body as Fields & { id: string };
  const read = async (path: string) => (await api.get(path)).body as Paused;
  const change = async (path: string, body: unknown, headers: Record<string, string>) =>
    assert.equal((await api.send('PATCH', path, body, headers)).status, 204);
  await post('/work_pools/', { name: 'p', type: 'process' });
  const flow = await post('/flows/', { name: 'sales' });
  const { id } = await post('/deployments/', {
    name: 'nightly',
    flow_id: flow.id,
    work_pool_name: 'p',
    schedules: [{ schedule: { interval: 3600 }, active: true }],
  });
  assert.equal((await read('/work_pools/p')).paused_by, undefined);

  await change('/work_pools/p', { is_paused: true }, ANNA);
  await change('/work_pools/p/queues/default', { is_paused: true }, PYTHON);
  const pool = (await read('/work_pools/p')).paused_by;
  assert.deepEqual([pool?.by, pool?.program], ['änna@barn', 'ostinato/0.1.0']);
  assert.ok(Math.abs(Date.parse(pool?.at ?? '') - api.now() / 1000) < 5000);
  const queue = (await read('/work_pools/p/queues/default')).paused_by;
  assert.deepEqual([queue?.by, queue?.program], [null, 'prefect/3.9.1']);
  for (const path of ['/work_pools/p', '/work_pools/p/queues/default']) {
    const { body } = await api.send('GET', path, undefined, PYTHON);
    assert.equal((body as Paused).paused_by, undefined, 'its client may refuse what it does not know');
  }

  const run = await post(`/deployments/${id}/create_flow_run`, { state: { type: 'SCHEDULED' } });
  api.advance(5);
  const why = JSON.stringify((await api.get(`/flow_runs/${run.id}/why`)).body);
  assert.match(why, /work pool \\"p\\" is paused since [^ ]+ by änna@barn \(ostinato\/0\.1\.0\)\./);
  assert.match(why, /work queue \\"default\\" is paused since [^ ]+ by a program \(prefect\/3\.9\.1\)\./);

  // Said again, it is still the first who has paused it.
  await change('/work_pools/p', { is_paused: true }, PYTHON);
  assert.equal((await read('/work_pools/p')).paused_by?.by, 'änna@barn');
  await change('/work_pools/p', { is_paused: false }, PYTHON);
  assert.equal((await read('/work_pools/p')).paused_by, undefined);

  await api.send('POST', `/deployments/${id}/pause_deployment`, undefined, ANNA);
  assert.equal((await read(`/deployments/${id}`)).paused_by?.by, 'änna@barn');
  await change(`/deployments/${id}`, { paused: false }, ANNA);
  assert.equal((await read(`/deployments/${id}`)).paused_by, undefined);

  const [schedule] = (await api.get(`/deployments/${id}/schedules`)).body as { id: string }[];
  await change(`/deployments/${id}/schedules/${schedule?.id}`, { active: false }, ANNA);
  const told = await api.useCases.readPause('deployment-schedule', schedule?.id ?? '');
  assert.deepEqual([told?.by, told?.program], ['änna@barn', 'ostinato/0.1.0']);
});

test('a header that is no text of ours says nothing', async (t) => {
  const api = openApi();
  t.after(() => api.close());
  await api.post('/work_pools/', { name: 'p', type: 'process' });
  for (const by of ['%E0%A4%A', '']) {
    await api.send('PATCH', '/work_pools/p', { is_paused: true }, { 'ostinato-by': by });
    assert.equal(((await api.get('/work_pools/p')).body as Paused).paused_by?.by, null);
    await api.send('PATCH', '/work_pools/p', { is_paused: false }, {});
  }
});
