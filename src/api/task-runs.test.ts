import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

const NOBODY = '11111111-1111-4111-8111-111111111119';
/** Read as it comes. */
type Body = ReturnType<typeof JSON.parse>;

interface World {
  readonly api: ApiUnderTest;
  readonly flowRun: string;
  make(body?: object): Promise<string>;
  read(id: string): Promise<Body>;
  /** Status, name of the state, reason. */
  propose(id: string, state: object, force?: boolean): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

async function openWorld(): Promise<World> {
  const api = openApi();
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Body;
  const flowRun = (
    (await api.post('/flow_runs/', { flow_id: flow.id, labels: { x: 'y' }, state: { type: 'RUNNING' } })).body as Body
  ).id as string;
  let made = 0;
  return {
    api,
    flowRun,
    make: async (body = {}) =>
      (
        (
          await api.post('/task_runs/', {
            flow_run_id: flowRun,
            task_key: 'load-12345678',
            dynamic_key: `${(made += 1)}`,
            ...body,
          })
        ).body as Body
      ).id,
    read: async (id) => (await api.get(`/task_runs/${id}`)).body,
    async propose(id, state, force = false) {
      const answer = (await api.post(`/task_runs/${id}/set_state`, { state, force })).body as Body;
      return [answer.status, answer.state?.name, answer.details.reason ?? answer.details.delay_seconds ?? null];
    },
    close: () => api.close(),
  };
}

test('a task run is made once for its flow run, task and dynamic key', async () => {
  const { api, flowRun, close } = await openWorld();
  const body = {
    flow_run_id: flowRun,
    task_key: 'load-12345678',
    dynamic_key: '0',
    tags: ['t'],
    labels: { z: 1 },
    empirical_policy: { max_retries: 2, retry_delay_seconds: 3 },
    task_inputs: { a: [{ input_type: 'constant', type: 'int' }], b: [{ input_type: 'parameter', name: 'p' }] },
    cache_key: 'c',
    task_version: 'v',
  };
  const made = await api.post('/task_runs/', body);
  const run = made.body as Body;
  assert.deepEqual(
    [made.status, run.state_name, run.task_inputs, run.cache_key, run.task_version],
    [201, 'Pending', body.task_inputs, 'c', 'v'],
  );
  assert.deepEqual(run.empirical_policy, {
    max_retries: 2,
    retry_delay_seconds: 3,
    retries: 2,
    retry_delay: 3,
    retry_jitter_factor: null,
  });
  assert.deepEqual([run.labels.x, run.labels['prefect.flow-run.id'], run.labels.z], ['y', flowRun, 1]);
  assert.deepEqual([run.state.state_details.flow_run_id, run.state.state_details.task_run_id], [flowRun, run.id]);
  const again = await api.post('/task_runs/', { ...body, name: 'other' });
  assert.deepEqual([again.status, (again.body as Body).id, (again.body as Body).name], [200, run.id, run.name]);
  assert.equal((await api.post('/task_runs/', { ...body, flow_run_id: NOBODY })).status, 409);
  const alone = (await api.post('/task_runs/', { task_key: 'k', dynamic_key: 'd' })).body as Body;
  assert.equal(alone.flow_run_id, null);
  assert.equal((await api.send('PATCH', `/task_runs/${run.id}`, { name: 'renamed' })).status, 204);
  assert.equal(((await api.get(`/task_runs/${run.id}`)).body as Body).name, 'renamed');
  assert.equal((await api.send('DELETE', `/task_runs/${run.id}`)).status, 204);
  for (const method of ['GET', 'DELETE'] as const)
    assert.equal((await api.send(method, `/task_runs/${run.id}`)).status, 404);
  assert.equal((await api.post(`/task_runs/${NOBODY}/set_state`, { state: { type: 'RUNNING' } })).status, 404);
  await close();
});

test('an id belongs to one task run; outside a flow run the keys name one, too', async () => {
  const { api, flowRun, close } = await openWorld();
  const body = { flow_run_id: flowRun, task_key: 'load', dynamic_key: '0', id: '11111111-1111-4111-8111-111111111112' };
  assert.equal((await api.post('/task_runs/', body)).status, 201);
  assert.equal((await api.post('/task_runs/', body)).status, 200);
  const taken = await api.post('/task_runs/', { ...body, dynamic_key: '1' });
  assert.equal(taken.status, 409);
  assert.match((taken.body as Body).detail, /^Data integrity conflict/);
  const free = { flow_run_id: null, task_key: 'load', dynamic_key: '0' };
  const [first, second] = [await api.post('/task_runs/', free), await api.post('/task_runs/', free)];
  assert.deepEqual([first.status, second.status, (second.body as Body).id], [201, 200, (first.body as Body).id]);
  await close();
});

test('policies that no client may have are refused in the words of the rule', async () => {
  const { api, flowRun, close } = await openWorld();
  const problem = async (empirical_policy: object) => {
    const answer = await api.post('/task_runs/', {
      flow_run_id: flowRun,
      task_key: 'load',
      dynamic_key: '0',
      empirical_policy,
    });
    assert.equal(answer.status, 422);
    const [{ loc, msg, type }] = (answer.body as Body).exception_detail;
    assert.equal((answer.body as Body).request_body.task_key, 'load');
    return [loc.at(-1), msg, type];
  };
  assert.deepEqual(await problem({ retry_delay: Array.from({ length: 51 }, () => 1) }), [
    'retry_delay',
    'Value error, Can not configure more than 50 retry delays per task.',
    'value_error',
  ]);
  assert.deepEqual(await problem({ retry_jitter_factor: -1 }), [
    'retry_jitter_factor',
    'Value error, `retry_jitter_factor` must be >= 0.',
    'value_error',
  ]);
  await close();
});

test('a key of the cache has a bound', async () => {
  const { api, flowRun, close } = await openWorld();
  const make = (cache_key: string) =>
    api.post('/task_runs/', { flow_run_id: flowRun, task_key: 'load', dynamic_key: cache_key.slice(0, 3), cache_key });
  assert.equal((await make('k'.repeat(2000))).status, 201);
  const refused = await make('l'.repeat(2001));
  assert.equal(refused.status, 422);
  assert.equal(
    (refused.body as Body).exception_detail[0].msg,
    'Value error, Cache key exceeded maximum allowed length of 2000 characters.',
  );
  await close();
});

test('retries have their delays, say what they are, and begin anew after the end', async () => {
  const { api, make, read, propose, close } = await openWorld();
  const id = await make({ empirical_policy: { retries: 2, retry_delay: [0, 5] } });
  const failed = { type: 'FAILED', message: 'boom' };
  assert.deepEqual(await propose(id, { type: 'RUNNING' }), ['ACCEPT', 'Running', null]);
  assert.deepEqual(await propose(id, failed), ['REJECT', 'AwaitingRetry', 'Retrying']);
  assert.deepEqual(await propose(id, { type: 'RUNNING', name: 'Running' }), ['ACCEPT', 'Retrying', null]);
  assert.deepEqual(await propose(id, failed), ['REJECT', 'AwaitingRetry', 'Retrying']);
  assert.deepEqual(await propose(id, { type: 'RUNNING' }), [
    'WAIT',
    'AwaitingRetry',
    'Scheduled time is in the future',
  ]);
  api.advance(5);
  await propose(id, { type: 'RUNNING' });
  assert.deepEqual(await propose(id, failed), ['ACCEPT', 'Failed', null]);
  assert.equal((await read(id)).run_count, 3);
  assert.deepEqual(await propose(id, { type: 'RUNNING' }), ['ACCEPT', 'Running', null]);
  assert.equal((await read(id)).run_count, 1);
  assert.deepEqual(await propose(id, { ...failed, state_details: { retriable: false } }), ['ACCEPT', 'Failed', null]);
  await close();
});

test('results are found by their key until they expire, unless they are refreshed', async () => {
  const { api, make, propose, close } = await openWorld();
  const keyed = (type: string, details: object = {}, rest: object = {}) => ({
    type,
    ...rest,
    state_details: { cache_key: 'k', ...details },
  });
  const [first, second, third, fourth] = [await make(), await make(), await make(), await make()];
  assert.deepEqual(await propose(first, keyed('RUNNING')), ['ACCEPT', 'Running', null]);
  const expires = new Date(api.now() / 1000 + 60_000).toISOString();
  await propose(first, keyed('COMPLETED', { cache_expiration: expires }, { data: { storage_key: 'x' } }));
  const hit = (await api.post(`/task_runs/${second}/set_state`, { state: keyed('RUNNING') })).body as Body;
  assert.deepEqual(
    [hit.status, hit.state.name, hit.state.data, hit.details.reason],
    ['REJECT', 'Cached', { storage_key: 'x' }, 'Retrieved state from cache'],
  );
  assert.deepEqual(await propose(third, keyed('RUNNING', { refresh_cache: true })), ['ACCEPT', 'Running', null]);
  api.advance(61);
  assert.deepEqual(await propose(fourth, keyed('RUNNING')), ['ACCEPT', 'Running', null]);
  const long = await propose(fourth, { type: 'COMPLETED', state_details: { cache_key: 'x'.repeat(2001) } });
  assert.deepEqual(long, ['REJECT', 'Completed', 'Cache key exceeded maximum allowed length of 2000 characters.']);
  await close();
});

test('tasks start in a running flow run only; a new attempt of it is noted', async () => {
  const { api, flowRun, make, read, propose, close } = await openWorld();
  const [id, failed] = [await make(), await make()];
  await propose(failed, { type: 'RUNNING' });
  await propose(failed, { type: 'FAILED' });
  const flow = (state: object) => api.post(`/flow_runs/${flowRun}/set_state`, { state, force: true });
  await flow({ type: 'PAUSED', state_details: { pause_timeout: '2030-01-01T00:00:00Z' } });
  const paused = (await api.post(`/task_runs/${id}/set_state`, { state: { type: 'RUNNING' } })).body as Body;
  assert.deepEqual(
    [paused.status, paused.state.name, paused.state.state_details.pause_timeout],
    ['REJECT', 'NotReady', '2030-01-01T00:00:00.000000Z'],
  );
  await flow({ type: 'FAILED' });
  assert.deepEqual(await propose(id, { type: 'RUNNING' }), [
    'ABORT',
    'NotReady',
    'The enclosing flow must be running to begin task execution.',
  ]);
  await flow({ type: 'RUNNING' });
  assert.deepEqual(await propose(failed, { type: 'RUNNING' }), ['ACCEPT', 'Retrying', null]);
  assert.equal((await read(failed)).flow_run_run_count, 2);
  await close();
});

test('tags that are limited let so many run at once, and give their slots back with the end', async () => {
  const { api, make, propose, close } = await openWorld();
  await api.useCases.setTagLimit('db', 1);
  await api.useCases.setTagLimit('closed', 0);
  const [first, second, closed] = [
    await make({ tags: ['db'] }),
    await make({ tags: ['db', 'free'] }),
    await make({ tags: ['closed'] }),
  ];
  const holders = async () => (await api.useCases.readTagLimit({ tag: 'db' }))?.taskRunIds;
  assert.deepEqual(await propose(first, { type: 'RUNNING' }), ['ACCEPT', 'Running', null]);
  assert.deepEqual(await propose(second, { type: 'RUNNING' }), [
    'WAIT',
    'Pending',
    'Concurrency limit reached for tags: db',
  ]);
  assert.deepEqual(await holders(), [first]);
  assert.equal((await propose(closed, { type: 'RUNNING' }))[0], 'ABORT');
  await propose(first, { type: 'COMPLETED' });
  assert.deepEqual(await holders(), []);
  assert.equal((await propose(second, { type: 'RUNNING' }))[0], 'ACCEPT');
  assert.deepEqual(await holders(), [second]);
  await propose(second, { type: 'CRASHED' }, true);
  assert.deepEqual(await holders(), []);
  await close();
});

test('deferred tasks belong to no running flow, keep their parameters, and are not taken twice', async () => {
  const { make, read, propose, close } = await openWorld();
  const id = await make({
    flow_run_id: null,
    state: { type: 'SCHEDULED', state_details: { deferred: true, task_parameters_id: NOBODY } },
  });
  const deferred = (type: string) => ({ type, state_details: { deferred: true } });
  assert.equal((await propose(id, deferred('PENDING')))[0], 'ACCEPT');
  assert.equal((await read(id)).state.state_details.task_parameters_id, NOBODY);
  assert.deepEqual(await propose(id, deferred('PENDING')), [
    'ABORT',
    'Pending',
    'This run is in a PENDING state and cannot transition to a PENDING state.',
  ]);
  assert.equal((await propose(id, deferred('RUNNING')))[0], 'ACCEPT');
  assert.equal((await read(id)).state.state_details.task_parameters_id, NOBODY);
  await close();
});

test('a task run is explained', async () => {
  const { api, make, propose, close } = await openWorld();
  const id = await make({ name: 'load-0' });
  await propose(id, { type: 'RUNNING' });
  await propose(id, { type: 'FAILED', message: 'Task run encountered an exception ValueError: no rows' });
  const why = (await api.get(`/task_runs/${id}/why`)).body as Body;
  assert.deepEqual([why.run_id, why.kind, why.name], [id, 'task_run', 'load-0']);
  assert.match(JSON.stringify(why), /no rows/);
  assert.equal((await api.get(`/task_runs/${NOBODY}/why`)).status, 404);
  await close();
});

test('inputs may leave out of which kind they are; runs are listed by how long they took', async () => {
  const api = openApi();
  const flow_id = ((await api.post('/flows/', { name: 'f' })).body as { id: string }).id;
  const flow_run_id = ((await api.post('/flow_runs/', { flow_id, state: { type: 'RUNNING' } })).body as { id: string })
    .id;
  const task_inputs = {
    a: [{ id: flow_run_id }],
    b: [{ name: 'p' }],
    c: [{ type: 'int' }],
    d: [{ input_type: 'flow_run', id: flow_run_id }],
  };
  const made: string[] = [];
  for (const [index, seconds] of [3, 1, 2].entries()) {
    const run = (await api.post('/task_runs/', { flow_run_id, task_key: 't', dynamic_key: String(index), task_inputs }))
      .body as { id: string; task_inputs: unknown };
    made.push(run.id);
    assert.deepEqual(run.task_inputs, {
      a: [{ input_type: 'task_run', id: flow_run_id }],
      b: [{ input_type: 'parameter', name: 'p' }],
      c: [{ input_type: 'constant', type: 'int' }],
      d: [{ input_type: 'flow_run', id: flow_run_id }],
    });
    await api.post(`/task_runs/${run.id}/set_state`, { state: { type: 'RUNNING' } });
    api.advance(seconds);
    await api.post(`/task_runs/${run.id}/set_state`, { state: { type: 'COMPLETED' } });
  }
  const listed = async (sort: string) =>
    ((await api.post('/task_runs/filter', { sort })).body as { id: string }[]).map(({ id }) => made.indexOf(id));
  assert.deepEqual(await listed('DURATION_ASC'), [1, 2, 0]);
  assert.deepEqual(await listed('DURATION_DESC'), [0, 2, 1]);
  await api.close();
});
