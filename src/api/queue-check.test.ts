import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, type Fields } from './fixtures/deployed.ts';

async function queuesOf(api: ApiUnderTest, id: unknown): Promise<readonly Fields[]> {
  const { status, body } = await api.get(`/deployments/${String(id)}/work_queue_check`);
  assert.equal(status, 200);
  return body as Fields[];
}

test('the check of a deployment names the queues whose filter takes its runs', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, { tags: ['a', 'b'] });
    const other = await deploy(api, { name: 'other' }, 'other');
    assert.deepEqual(await queuesOf(api, id), []);
    const filters: Readonly<Record<string, unknown>> = {
      none: null,
      'no word': {},
      'one tag': { tags: ['a'] },
      'all tags': { tags: ['b', 'a'] },
      'a tag too many': { tags: ['a', 'c'] },
      'no tag': { tags: [] },
      'its id': { deployment_ids: [String(id).toUpperCase()] },
      'another id': { deployment_ids: [other['id']] },
      'no id': { deployment_ids: [] },
      both: { tags: ['a'], deployment_ids: [id, other['id']] },
      'its id and another tag': { tags: ['c'], deployment_ids: [id] },
    };
    for (const [name, filter] of Object.entries(filters))
      assert.equal((await api.post('/work_queues/', { name, filter })).status, 201, name);
    const found = await queuesOf(api, id);
    const takes = ['default', 'none', 'no word', 'one tag', 'all tags', 'no tag', 'its id', 'no id', 'both'];
    assert.deepEqual(
      found.map(({ name }) => name),
      takes,
    );
    // Prefect's server leaves out what a queue's own address tells: its pool's name, its status, its slots.
    const byName = fields(await api.get('/work_queues/name/default'));
    const { status: _status, work_pool_name: _pool, active_slots: _slots, ...bare } = byName;
    assert.deepEqual(found[0], bare);
    const untagged = ['default', 'none', 'no word', 'no tag', 'another id', 'no id'];
    assert.deepEqual(
      (await queuesOf(api, other['id'])).map(({ name }) => name),
      untagged,
    );
    const missing = await api.get(`/deployments/${NOBODY}/work_queue_check`);
    assert.deepEqual([missing.status, missing.body], [404, { detail: 'Deployment not found' }]);
  }));

test('of many queues none is left out', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api);
    for (let count = 1; count < 203; count += 1) await api.post('/work_queues/', { name: `q${count}` });
    assert.equal((await queuesOf(api, id)).length, 203);
  }));
