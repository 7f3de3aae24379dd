import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';

const FLOW_RUN_ID = (answer: { readonly body: unknown }): string => (answer.body as { readonly id: string }).id;

interface Observed {
  readonly state_type: string;
  readonly state_name: string;
  readonly first_seen: string;
  readonly last_seen: string;
}

test('every type and name that flow runs and task runs were in, with the first and the last time', () =>
  withApi({}, async (api) => {
    const observed = async (query = ''): Promise<readonly Observed[]> =>
      (await api.get(`/observed-states${query}`)).body as readonly Observed[];
    const pairs = async (query: string): Promise<readonly string[]> =>
      (await observed(query)).map(({ state_type, state_name }) => `${state_type} ${state_name}`);
    assert.deepEqual(await observed(), []);
    const flow = FLOW_RUN_ID(await api.post('/flows/', { name: 'seen' }));
    const run = FLOW_RUN_ID(await api.post('/flow_runs/', { flow_id: flow, state: { type: 'PENDING' } }));
    api.advance(1);
    await api.post(`/flow_runs/${run}/set_state`, { state: { type: 'RUNNING' } });
    api.advance(1);
    const task = FLOW_RUN_ID(
      await api.post('/task_runs/', {
        flow_run_id: run,
        task_key: 't',
        dynamic_key: '0',
        state: { type: 'RUNNING', name: 'Äsend' },
      }),
    );
    await api.post(`/task_runs/${task}/set_state`, { state: { type: 'COMPLETED', name: '100%' }, force: true });
    api.advance(1);
    await api.post('/flow_runs/', { flow_id: flow, state: { type: 'PENDING' } });

    assert.deepEqual((await pairs('')).slice(0, 1), ['PENDING Pending']);
    const [pending] = await observed('?query=pending');
    assert.equal(Date.parse(pending?.last_seen ?? '') - Date.parse(pending?.first_seen ?? ''), 3000);
    assert.deepEqual(await pairs('?order_by=NAME_ASC'), [
      'COMPLETED 100%',
      'PENDING Pending',
      'RUNNING Running',
      'RUNNING Äsend',
    ]);
    assert.deepEqual(await pairs('?query=%20rUn%20&order_by=NAME_ASC'), ['RUNNING Running', 'RUNNING Äsend']);
    assert.deepEqual(await pairs(`?query=${encodeURIComponent('äs')}`), ['RUNNING Äsend']);
    assert.deepEqual(
      [await pairs('?query=100%25'), await pairs('?query=_'), await pairs('?query=ning')],
      [['COMPLETED 100%'], [], []],
    );
    assert.deepEqual(await pairs('?limit=1&order_by=NAME_ASC'), ['COMPLETED 100%']);

    await api.send('DELETE', `/flow_runs/${run}`);
    assert.deepEqual(await pairs(''), ['PENDING Pending']);
  }));

test('a limit, an order and a text that cannot be are refused', () =>
  withApi({}, async (api) => {
    for (const [query, type] of Object.entries({
      'limit=0': 'greater_than_equal',
      'limit=201': 'less_than_equal',
      'limit=many': 'int_parsing',
      'limit=1.5': 'int_parsing',
      'order_by=NAME': 'enum',
      [`query=${'x'.repeat(101)}`]: 'string_too_long',
    })) {
      const { status, body } = await api.get(`/observed-states?${query}`);
      assert.equal(status, 422, query);
      const [problem] = (
        body as {
          readonly exception_detail: readonly {
            readonly type: string;
            readonly loc: readonly string[];
            readonly input: unknown;
          }[];
        }
      ).exception_detail;
      assert.deepEqual([problem?.loc[0], problem?.input], ['query', query.split('=')[1]], query);
      assert.equal(problem?.type, type, query);
    }
  }));
