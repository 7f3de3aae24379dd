/** What the pages of work pools ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_WORK_POOL_PAGE, UI_WORK_POOLS_PAGE } from '../contract/routes/ui-work-pools.ts';
import { withApi } from './fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, type Fields } from './fixtures/deployed.ts';

const names = (rows: unknown): readonly unknown[] => (rows as readonly Fields[]).map(({ name }) => name);

test('pools: who takes their runs, how many are under way and how many are late; one with its queues and workers', () =>
  withApi({}, async (api) => {
    const empty = fields(await api.post('/ui/pages/work_pools', {}));
    assert.deepEqual([empty['work_pools'], empty['count']], [[], 0]);
    await api.post('/work_pools/', { name: 'local', type: 'process', concurrency_limit: 3 });
    await api.post('/work_pools/', { name: 'cluster', type: 'kubernetes', is_paused: true });
    await api.post('/work_pools/local/queues', { name: 'urgent', priority: 1, concurrency_limit: 2 });
    await api.post('/work_pools/local/workers/heartbeat', { name: 'box-1' });
    const { id } = await deploy(api, { work_pool_name: 'local', work_queue_name: 'urgent' });
    const run = (name: string, state: Fields) =>
      api.post(`/deployments/${String(id)}/create_flow_run`, { name, state });
    await run('under-way', { type: 'RUNNING' });
    await run('over', { type: 'COMPLETED' });
    await run('late', {
      type: 'SCHEDULED',
      name: 'Late',
      state_details: { scheduled_time: new Date(api.now() / 1000 - 60_000).toISOString() },
    });
    const listed = fields(await api.post('/ui/pages/work_pools', {}));
    assert.ok(Value.Check(UI_WORK_POOLS_PAGE.answers[200], listed), JSON.stringify(listed));
    const [cluster, local] = listed['work_pools'] as readonly Fields[];
    assert.deepEqual(
      [cluster?.['name'], cluster?.['is_paused'], cluster?.['online_worker_count']],
      ['cluster', true, 0],
    );
    const { active_run_count, late_run_count, queue_count, online_worker_count, deployment_count, runs } = local ?? {};
    assert.deepEqual(
      [active_run_count, late_run_count, queue_count, online_worker_count, deployment_count, names(runs)],
      [1, 1, 2, 1, 1, ['over', 'under-way']],
    );
    assert.deepEqual(
      names(
        fields(await api.post('/ui/pages/work_pools', { work_pools: { name: { any_: ['local'] } } }))['work_pools'],
      ),
      ['local'],
    );

    const shown = fields(await api.get('/ui/pages/work_pools/local'));
    assert.ok(Value.Check(UI_WORK_POOL_PAGE.answers[200], shown), JSON.stringify(shown));
    assert.deepEqual(
      (shown['queues'] as readonly Fields[]).map(({ queue, active_run_count: active, late_run_count: late }) => [
        (queue as Fields)['name'],
        active,
        late,
      ]),
      [
        ['urgent', 1, 1],
        ['default', 0, 0],
      ],
    );
    assert.deepEqual(names(shown['workers']), ['box-1']);
    assert.deepEqual(
      (shown['active'] as readonly Fields[]).map(({ run: row, work_queue_name: queue }) => [
        (row as Fields)['name'],
        queue,
      ]),
      [['under-way', 'urgent']],
    );
    assert.deepEqual([names(shown['waiting']), names(shown['runs'])], [['late'], ['over', 'under-way']]);
    const { id: due } = fields(await run('due', { type: 'SCHEDULED' }));
    const claim = { process_id: NOBODY, worker: 'box-1' };
    const claimed = fields(await api.post(`/ostinato/flow_runs/${String(due)}/claim`, claim));
    assert.equal(claimed['reason'], null);
    const { active } = fields(await api.get('/ui/pages/work_pools/local'));
    assert.deepEqual(
      (active as readonly Fields[]).map(({ run: row, worker_name: worker }) => [(row as Fields)['name'], worker]),
      [
        ['under-way', null],
        ['due', 'box-1'],
      ],
      'which worker has it, where whoever took it says so',
    );
    assert.equal((await api.get('/ui/pages/work_pools/nobody')).status, 404);
  }));
