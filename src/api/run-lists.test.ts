import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { makeTaskRun, newId } from '../../tests/conformance/samples.ts';
import type { FlowRunId } from '../core/ids.ts';
import { openApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

interface Run {
  readonly id: string;
  readonly name: string;
  readonly state_id: string;
}

interface World {
  readonly api: ApiUnderTest;
  /** By their names. */
  readonly runs: Readonly<Record<string, Run>>;
  readonly flowId: string;
  /** Names of the flow runs that a filter finds. */
  names(body: object): Promise<string[]>;
}

async function open(t: TestContext): Promise<World> {
  const api = openApi();
  t.after(() => api.close());
  const flow = (await api.post('/flows/', { name: 'sales', tags: ['daily'] })).body as { id: string };
  const other = (await api.post('/flows/', { name: 'Other_flow' })).body as { id: string };
  const runs: Record<string, Run> = {};
  const make = async (flowId: string, name: string, fields: object): Promise<void> => {
    api.advance(60);
    runs[name] = (await api.post('/flow_runs/', { flow_id: flowId, name, ...fields })).body as Run;
  };
  await make(flow.id, 'one', { tags: ['a', 'b'], state: { type: 'SCHEDULED' } });
  await make(flow.id, 'Two', { tags: ['a'], idempotency_key: 'k2', flow_version: '7' });
  await make(other.id, '100% three', {});
  await api.post(`/flow_runs/${runs['Two']?.id}/set_state`, { state: { type: 'RUNNING' } });
  const parent = makeTaskRun({ flowRunId: runs['one']?.id as FlowRunId, name: 'placeholder' });
  await api.storage.changeTaskRun({ id: parent.id, naturalKey: null, flowRunId: parent.flowRunId }, {}, () => ({
    run: parent,
    states: [parent.state],
    answer: null,
  }));
  await make(other.id, 'child', { parent_task_run_id: parent.id });
  const names = async (body: object): Promise<string[]> => {
    const answer = await api.post('/flow_runs/filter', { sort: 'NAME_ASC', ...body });
    assert.equal(answer.status, 200, answer.text);
    return (answer.body as Run[]).map(({ name }) => name);
  };
  return { api, runs, flowId: flow.id, names };
}

const ALL = ['100% three', 'Two', 'child', 'one'];

test('filters of flow runs, leaf by leaf', async (t) => {
  const { names, runs } = await open(t);
  const expectations: readonly [flowRuns: object | null, found: readonly string[]][] = [
    [null, ALL],
    [{}, ALL],
    [{ id: null, name: null, operator: 'and_' }, ALL],
    [{ id: { any_: [runs['one']?.id.toUpperCase()] } }, ['one']],
    [{ id: { any_: [] } }, []],
    [{ id: { not_any_: [] } }, ALL],
    [{ id: { not_any_: [runs['one']?.id] } }, ['100% three', 'Two', 'child']],
    [{ name: { like_: 'tWo' } }, ['Two']],
    [{ name: { like_: '100%' } }, ['100% three']],
    [{ name: { like_: 't%o' } }, ['Two']],
    [{ name: { like_: '' } }, ALL],
    [{ tags: { all_: ['a', 'b'] } }, ['one']],
    [{ tags: { any_: ['b', 'c'] } }, ['one']],
    [{ tags: { is_null_: true } }, ['100% three', 'child']],
    [{ tags: { all_: ['b'], is_null_: true, operator: 'or_' } }, ['100% three', 'child', 'one']],
    [{ state: { type: { any_: ['RUNNING'] } } }, ['Two']],
    [{ state: { type: { not_any_: ['RUNNING'] }, name: { any_: ['Scheduled'] } } }, ['one']],
    [{ state: { type: { any_: ['RUNNING'] }, name: { any_: ['Scheduled'] }, operator: 'or_' } }, ['Two', 'one']],
    [{ state: { type: {}, name: { any_: ['Scheduled'] }, operator: 'or_' } }, ['one']],
    [{ flow_version: { any_: ['7'] } }, ['Two']],
    [{ idempotency_key: { any_: ['k2'] } }, ['Two']],
    [{ idempotency_key: { not_any_: ['k3'] } }, ['Two']],
    [{ start_time: { is_null_: false } }, ['Two']],
    [{ end_time: { is_null_: false } }, []],
    [{ deployment_id: { is_null_: true } }, ALL],
    [{ work_queue_name: { is_null_: true } }, ALL],
    [{ work_queue_name: { any_: ['default'] } }, []],
    [{ parent_flow_run_id: { any_: [runs['one']?.id] } }, ['child']],
    [{ parent_task_run_id: { is_null_: false } }, ['child']],
    [{ created_by: { is_null_: true } }, ALL],
    [{ created_by: { type_: ['AUTOMATION'], id_: [newId()] } }, []],
    [{ name: { any_: ['one'] }, idempotency_key: { any_: ['k2'] } }, []],
    [{ name: { any_: ['one'] }, idempotency_key: { any_: ['k2'] }, operator: 'or_' }, ['Two', 'one']],
  ];
  for (const [flowRuns, found] of expectations)
    assert.deepEqual(await names({ flow_runs: flowRuns }), found, JSON.stringify(flowRuns));
});

test('times of filters are inclusive, and come in any spelling', async (t) => {
  const { names, api } = await open(t);
  const run = (await api.post('/flow_runs/filter', { flow_runs: { name: { any_: ['one'] } } })).body as readonly {
    readonly expected_start_time: string;
  }[];
  const time = run[0]?.expected_start_time as string;
  assert.deepEqual(await names({ flow_runs: { expected_start_time: { before_: time } } }), ['one']);
  assert.deepEqual(
    await names({ flow_runs: { start_time: { before_: time.replace('T', ' ').replace('Z', '+00:00') } } }),
    ['one'],
  );
  assert.deepEqual(await names({ flow_runs: { next_scheduled_start_time: { after_: time } } }), ['one']);
  assert.deepEqual(await names({ flow_runs: { expected_start_time: { after_: time, before_: time } } }), ['one']);
});

test('filters of related nouns, present or empty, ask for related rows', async (t) => {
  const { names, api } = await open(t);
  assert.deepEqual(await names({ flows: { name: { like_: 'SALES' } } }), ['Two', 'one']);
  assert.deepEqual(await names({ flows: { tags: { is_null_: true } } }), ['100% three', 'child']);
  assert.deepEqual(await names({ flows: { deployment: { is_null_: true } } }), ALL);
  assert.deepEqual(await names({ task_runs: {} }), ['one']);
  assert.deepEqual(await names({ task_runs: { subflow_runs: { exists_: true } } }), ['one']);
  for (const related of ['deployments', 'work_pools', 'work_pool_queues'])
    assert.deepEqual(await names({ [related]: {} }), []);
  assert.deepEqual(await names({ deployments: null, flows: null, work_pools: null }), ALL);
  assert.equal(
    ((await api.post('/task_runs/filter', { flow_runs: { name: { any_: ['one'] } } })).body as unknown[]).length,
    1,
  );
  assert.deepEqual((await api.post('/task_runs/filter', { task_runs: { flow_run_id: { is_null_: true } } })).body, []);
  assert.equal(
    (
      await api.post('/task_runs/', {
        flow_run_id: null,
        task_key: 'background',
        dynamic_key: '1',
        name: 'of no flow run',
      })
    ).status,
    201,
  );
  assert.equal(
    (
      (
        await api.post('/task_runs/filter', {
          limit: 100,
          offset: 0,
          sort: 'ID_DESC',
          task_runs: { flow_run_id: { is_null_: true } },
        })
      ).body as unknown[]
    ).length,
    1,
  );
  assert.deepEqual((await api.post('/flows/count', { flow_runs: { tags: { any_: ['b'] } }, task_runs: {} })).body, 1);
  assert.deepEqual(
    (await api.post('/flows/count', { flow_runs: { tags: { is_null_: true } }, task_runs: {} })).body,
    0,
  );
});

test('what does not fit is a 422 that says where; what is not known beside the filters is ignored', async (t) => {
  const { api, names } = await open(t);
  assert.deepEqual(await names({ bogus: 1, limit: null, offset: null }), ALL);
  for (const body of [
    { flow_runs: { bogus: 1 } },
    { flow_runs: { name: { bogus_: 1 } } },
    { flow_runs: { state: { type: { any_: ['bogus'] } } } },
    { flow_runs: { id: { any_: ['x'] } } },
    { sort: 'BOGUS' },
    { limit: 1.5 },
    { offset: -1 },
    { flow_runs: { start_time: { before_: 'yesterday' } } },
    { flow_runs: [] },
    { deployments: { bogus: 1 } },
    { work_pools: { name: { like_: 'x' } } },
    [],
  ]) {
    const answer = await api.post('/flow_runs/filter', body);
    assert.equal(answer.status, 422, JSON.stringify(body));
    assert.equal((answer.body as { exception_message: string }).exception_message, 'Invalid request received.');
  }
  assert.deepEqual(api.failures, []);
});

test('pages by number', async (t) => {
  const { api } = await open(t);
  const page = async (body: object) =>
    (await api.post('/flow_runs/paginate', body)).body as {
      results: Run[];
      count: number;
      limit: number;
      pages: number;
      page: number;
    };
  const second = await page({ sort: 'NAME_ASC', limit: 3, page: 2 });
  assert.deepEqual(
    { ...second, results: second.results.map(({ name }) => name) },
    { results: ['one'], count: 4, limit: 3, pages: 2, page: 2 },
  );
  assert.deepEqual(await page({ limit: 0 }), { results: [], count: 4, limit: 0, pages: 0, page: 1 });
  assert.deepEqual((await page({ page: 1e15 })).results, []);
  assert.equal((await api.post('/flow_runs/paginate', { page: 0 })).status, 422);
  assert.equal(((await api.post('/task_runs/paginate')).body as { count: number }).count, 1);
});

test('histories count runs by interval and state, with what is under way', async (t) => {
  const { api } = await open(t);
  const start = '2026-09-21T14:13:20Z';
  const ask = (body: object) =>
    api.post('/flow_runs/history', {
      history_start: start,
      history_end: '2026-09-21T14:18:20Z',
      history_interval_seconds: 60,
      ...body,
    });
  api.advance(10);
  const history = (await ask({})).body as readonly {
    interval_start: string;
    states: readonly Record<string, unknown>[];
  }[];
  assert.deepEqual(
    history.map(({ states }) => states.map((state) => state['state_name'])),
    [[], ['Scheduled'], ['Running'], ['Pending'], ['Pending']],
  );
  assert.equal(history[1]?.interval_start, '2026-09-21T14:14:20.000000Z');
  assert.deepEqual(history[1]?.states, [
    {
      state_type: 'SCHEDULED',
      state_name: 'Scheduled',
      count_runs: 1,
      sum_estimated_run_time: 0,
      sum_estimated_lateness: 190,
    },
  ]);
  const running = history[2]?.states[0];
  assert.ok((running?.['sum_estimated_run_time'] as number) > 60);
  assert.deepEqual(
    ((await ask({ flow_runs: { name: { any_: ['one'] } } })).body as typeof history).map(({ states }) => states.length),
    [0, 1, 0, 0, 0],
  );
  assert.equal(
    ((await ask({ history_interval_seconds: 1, history_end: '2027-01-01T00:00:00Z' })).body as unknown[]).length,
    500,
  );
  assert.deepEqual((await ask({ history_end: start })).body, []);
  assert.deepEqual((await ask({ history_end: '2020-01-01T00:00:00Z' })).body, []);
  assert.equal((await ask({ history_interval_seconds: 0.5 })).status, 422);
  assert.equal((await ask({ history_interval_seconds: 1e300 })).status, 422);
  assert.equal((await api.post('/flow_runs/history', {})).status, 422);
  const tasks = await api.post('/task_runs/history', {
    history_start: '2026-09-21T00:00:00Z',
    history_end: '2026-09-24T00:00:00Z',
    history_interval_seconds: 86400,
  });
  assert.equal((tasks.body as typeof history).flatMap(({ states }) => states).length, 1);
});

test('lateness on average', async (t) => {
  const { api } = await open(t);
  const late = async (name: string) =>
    (await api.post('/flow_runs/lateness', { flow_runs: { name: { any_: [name] } } })).body;
  assert.equal(await late('one'), 180);
  assert.equal(
    (await api.post('/flow_runs/lateness', { flow_runs: { name: { any_: ['one'] } } })).text,
    '180.0',
    'seconds are a number with a fraction',
  );
  assert.equal(await late('nobody'), null);
});

test('states by run and by id', async (t) => {
  const { api, runs } = await open(t);
  const states = (await api.get(`/flow_run_states/?flow_run_id=${runs['Two']?.id}`)).body as readonly {
    id: string;
    type: string;
  }[];
  assert.deepEqual(
    states.map(({ type }) => type),
    ['PENDING', 'RUNNING'],
  );
  assert.deepEqual((await api.get(`/flow_run_states/${states[1]?.id}`)).body, states[1]);
  assert.equal((await api.get(`/flow_run_states/${newId()}`)).status, 404);
  assert.equal((await api.get('/flow_run_states/')).status, 422);
  const [task] = (await api.post('/task_runs/filter')).body as readonly {
    id: string;
    state_id: string;
    state: object;
  }[];
  assert.deepEqual((await api.get(`/task_run_states/?task_run_id=${task?.id}`)).body, [task?.state]);
  assert.deepEqual((await api.get(`/task_run_states/${task?.state_id}`)).body, task?.state);
  assert.equal((await api.get(`/task_run_states/${newId()}`)).status, 404);
  assert.deepEqual((await api.get(`/task_run_states/?task_run_id=${newId()}`)).body, []);
});

test('many at once: states and deletions, each told of', async (t) => {
  const { api, runs, names } = await open(t);
  const set = await api.post('/flow_runs/bulk_set_state', {
    flow_runs: { name: { any_: ['one', 'Two'] } },
    state: { type: 'PENDING' },
  });
  const results = (set.body as { results: readonly { flow_run_id: string; status: string }[] }).results;
  assert.deepEqual(
    new Map(results.map(({ flow_run_id, status }) => [flow_run_id, status])),
    new Map([
      [runs['Two']?.id, 'ABORT'],
      [runs['one']?.id, 'ACCEPT'],
    ]),
  );
  assert.deepEqual((await api.post('/flow_runs/bulk_delete', { flow_runs: { name: { any_: ['Two'] } } })).body, {
    deleted: [runs['Two']?.id],
  });
  assert.deepEqual(await names({}), ['100% three', 'child', 'one']);
  assert.equal((await api.post('/flow_runs/bulk_delete', { limit: 51 })).status, 422);
  assert.equal((await api.post('/flow_runs/bulk_set_state', { flow_runs: {} })).status, 422);
  assert.equal(
    ((await api.post('/flow_runs/bulk_delete', { limit: 1 })).body as { deleted: string[] }).deleted.length,
    1,
  );
});

test("numbers of filters and pages for Prefect's pages", async (t) => {
  const { api, runs, flowId } = await open(t);
  const [one, two] = [runs['one']?.id as string, runs['Two']?.id as string];
  // The only task run of `one` stands for a subflow.
  assert.deepEqual((await api.post('/ui/flow_runs/count-task-runs', { flow_run_ids: [one, two] })).body, {
    [one]: 0,
    [two]: 0,
  });
  assert.equal(((await api.post('/ui/task_runs/count')).body as Record<string, number>)['PENDING'], 1);
  const points = (await api.post('/ui/flow_runs/history', { limit: 1, sort: 'NAME_DESC' })).body as readonly Record<
    string,
    unknown
  >[];
  assert.deepEqual(points, [
    { id: one, state_type: 'SCHEDULED', timestamp: '2026-09-21T14:14:20.000000Z', duration: 0, lateness: 180 },
  ]);
  const next = (await api.post('/ui/flows/next-runs', { flow_ids: [flowId] })).body as Record<string, { id: string }>;
  assert.equal(next[flowId]?.id, one);
  assert.deepEqual((await api.post('/ui/flows/count-deployments', { flow_ids: [flowId] })).body, { [flowId]: 0 });
  assert.equal((await api.post('/ui/task_runs/dashboard/counts', { task_runs: {} })).status, 422);
  const over = makeTaskRun({
    flowRunId: two as FlowRunId,
    startTime: api.now(),
    dynamicKey: 'x',
    state: { ...makeTaskRun().state, type: 'FAILED', name: 'Failed', failure: null },
  });
  await api.storage.changeTaskRun({ id: over.id, naturalKey: null, flowRunId: over.flowRunId }, {}, () => ({
    run: over,
    states: [over.state],
    answer: null,
  }));
  const counts = (
    await api.post('/ui/task_runs/dashboard/counts', { task_runs: { start_time: { after_: '2026-09-21T14:00:00Z' } } })
  ).body as readonly { failed: number }[];
  assert.equal(counts.length, 20);
  assert.deepEqual(
    counts.reduce((sum, { failed }) => sum + failed, 0),
    1,
  );
  const task = (await api.get(`/ui/task_runs/${over.id}`)).body as { flow_run_name: string };
  assert.equal(task.flow_run_name, 'Two');
  assert.equal((await api.get(`/ui/task_runs/${newId()}`)).status, 404);
});
