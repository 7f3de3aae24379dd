import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { markUnready } from '../services/unready.ts';
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

const TEMPLATE = { job_configuration: { command: '{{ command }}' }, variables: { properties: { command: {} } } };

async function pool(name: string, fields: Fields = {}): Promise<Fields> {
  const made = await api.post('/work_pools/', { name, type: 'process', ...fields });
  assert.equal(made.status, 201, made.text);
  return made.body as Fields;
}

const read = async (path: string): Promise<Fields> => {
  const answer = await api.get(path);
  assert.equal(answer.status, 200, answer.text);
  return answer.body as Fields;
};
const detail = (answer: { readonly status: number; readonly body: unknown }) => [
  answer.status,
  (answer.body as Fields)['detail'],
];
const told = async () =>
  (await api.storage.readEvents({ afterSeq: 0, limit: 200 })).map(({ name }) => name.replace('prefect.', ''));

async function scheduled(fields: Fields, dueInSeconds: number): Promise<string> {
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
  const at = new Date((api.now() + dueInSeconds * 1_000_000) / 1000).toISOString();
  const state = { type: 'SCHEDULED', state_details: { scheduled_time: at } };
  const run = await api.post('/flow_runs/', { flow_id: flow['id'], state, ...fields });
  assert.equal(run.status, 201, run.text);
  return (run.body as Fields)['id'] as string;
}

test('a pool is made with its default queue, changed, listed, counted and deleted', async () => {
  const made = await pool('local', { base_job_template: TEMPLATE, concurrency_limit: 3 });
  const { id, created, updated, default_queue_id: queueId, ...fields } = made;
  assert.deepEqual(fields, {
    name: 'local',
    description: null,
    type: 'process',
    base_job_template: TEMPLATE,
    is_paused: false,
    concurrency_limit: 3,
    status: 'NOT_READY',
    storage_configuration: {
      bundle_upload_step: null,
      bundle_execution_step: null,
      default_result_storage_block_id: null,
    },
    active_slots: 0,
  });
  assert.match(`${String(id)} ${String(created)} ${String(updated)}`, /^[0-9a-f-]{36} \S+Z \S+Z$/);
  assert.deepEqual(await read('/work_pools/local'), made);
  const queue = await read(`/work_queues/${String(queueId)}`);
  assert.deepEqual(
    [queue['name'], queue['description'], queue['priority'], queue['work_pool_name'], queue['status']],
    ['default', "The work pool's default queue.", 1, 'local', 'NOT_READY'],
  );
  assert.deepEqual(detail(await api.post('/work_pools/', { name: 'local' })), [
    409,
    'A work pool with this name already exists.',
  ]);
  const change = { is_paused: true, concurrency_limit: null, description: 'mine' };
  assert.equal((await api.send('PATCH', '/work_pools/local', change)).status, 204);
  const changed = await read('/work_pools/local');
  assert.deepEqual(
    [
      changed['status'],
      changed['is_paused'],
      changed['concurrency_limit'],
      changed['active_slots'],
      changed['description'],
    ],
    ['PAUSED', true, null, null, 'mine'],
  );
  await api.send('PATCH', '/work_pools/local', { is_paused: false });
  assert.equal((await read('/work_pools/local'))['status'], 'NOT_READY');
  await pool('agents', { type: 'prefect-agent' });
  assert.equal((await read('/work_pools/agents'))['status'], null);
  const names = async (body: unknown) =>
    ((await api.post('/work_pools/filter', body)).body as Fields[]).map(({ name }) => name);
  assert.deepEqual(await names(undefined), ['agents', 'local']);
  assert.deepEqual(await names({ work_pools: { type: { any_: ['process'] } } }), ['local']);
  assert.deepEqual(await names({ limit: 1, offset: 1 }), ['local']);
  assert.equal((await api.post('/work_pools/count', { work_pools: { name: { any_: ['local'] } } })).body, 1);
  assert.equal((await api.send('DELETE', '/work_pools/local')).status, 204);
  assert.deepEqual(detail(await api.get('/work_pools/local')), [404, 'Work pool "local" not found.']);
  assert.deepEqual(detail(await api.get(`/work_queues/${String(queueId)}`)), [404, 'work queue not found']);
  assert.deepEqual((await told()).slice(0, 10), [
    'work-queue.created',
    'work-pool.created',
    'work-pool.not-ready',
    'work-pool.updated',
    'work-pool.paused',
    'ostinato.work-pool.paused',
    'work-pool.not-ready',
    'ostinato.work-pool.resumed',
    'work-queue.created',
    'work-pool.created',
  ]);
  assert.deepEqual((await told()).slice(10), ['work-queue.deleted', 'work-pool.deleted']);
});

test('what cannot be is refused: reserved names, templates without their variables, pools without what they must have', async () => {
  assert.equal((await api.post('/work_pools/', { name: 'Prefect-x' })).status, 403);
  assert.equal((await api.send('PATCH', '/work_pools/prefect-x', { description: 'a' })).status, 403);
  assert.equal((await api.send('PATCH', '/work_pools/prefect-x', { is_paused: true })).status, 404);
  assert.equal((await api.send('DELETE', '/work_pools/prefect-x')).status, 403);
  const wrong = await api.post('/work_pools/', {
    name: 'x',
    base_job_template: { ...TEMPLATE, variables: { properties: { other: {} } } },
  });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /undeclared variable\(s\): command\./);
  assert.equal((await api.post('/work_pools/', { name: 'a/b' })).status, 422);
  assert.equal((await api.post('/work_pools/', { name: 'x', concurrency_limit: -1 })).status, 422);
  await pool('x');
  for (const field of ['is_paused', 'base_job_template', 'storage_configuration'])
    assert.equal((await api.send('PATCH', '/work_pools/x', { [field]: null })).status, 409);
  assert.equal((await api.send('PATCH', '/work_pools/nowhere', {})).status, 404);
});

test('numbers of a job template come back to the letter', async () => {
  await api.send(
    'POST',
    '/work_pools/',
    '{"name":"x","base_job_template":{"job_configuration":{"a":1.0,"b":12345678901234567890},"variables":{"properties":{}, "x":1}}}',
  );
  assert.match((await api.get('/work_pools/x')).text, /"a":1\.0,"b":12345678901234567890/);
});

test('queues of a pool are made, ordered, changed and deleted', async () => {
  await pool('p');
  const make = (body: Fields) => api.post('/work_pools/p/queues', body);
  assert.equal((await make({ name: 'a' })).status, 201);
  assert.equal((await make({ name: 'first', priority: 1, concurrency_limit: 2 })).status, 201);
  const order = async () =>
    ((await api.post('/work_pools/p/queues/filter')).body as Fields[]).map(
      ({ name, priority }) => `${String(name)}${String(priority)}`,
    );
  assert.deepEqual(await order(), ['first1', 'default2', 'a3']);
  assert.deepEqual(detail(await make({ name: 'a' })), [
    409,
    "A work queue with this name already exists in work pool 'p'.",
  ]);
  assert.equal((await api.send('PATCH', '/work_pools/p/queues/a', { priority: 1, name: 'b' })).status, 204);
  assert.deepEqual(await order(), ['b1', 'first2', 'default3']);
  assert.equal((await api.send('PATCH', '/work_pools/p/queues/b', { is_paused: true })).status, 204);
  assert.equal((await read('/work_pools/p/queues/b'))['status'], 'PAUSED');
  assert.deepEqual(detail(await api.get('/work_pools/p/queues/a')), [404, "Work pool queue 'p/a' not found."]);
  assert.deepEqual(detail(await api.send('PATCH', '/work_pools/q/queues/a', {})), [404, 'Work pool "q" not found.']);
  assert.equal((await api.send('DELETE', '/work_pools/p/queues/b')).status, 204);
  assert.equal((await api.send('DELETE', '/work_pools/p/queues/default')).status, 409);
  assert.equal((await read('/work_pools/p/queues/first'))['active_slots'], 0);
  const found = (await api.post('/work_queues/filter', { work_queues: { name: { startswith_: ['FI'] } } })).body;
  assert.deepEqual(
    (found as Fields[]).map(({ name, work_pool_name: of }) => [name, of]),
    [['first', 'p']],
  );
});

test('queues that are named without a pool are in the pool of agents, which is made with the first', async () => {
  assert.deepEqual(detail(await api.get('/work_queues/name/default')), [404, 'work queue not found']);
  const first = (await api.post('/work_queues/', { name: 'default' })).body as Fields;
  assert.equal(first['work_pool_name'], 'default-agent-pool');
  assert.equal((await read('/work_pools/default-agent-pool'))['default_queue_id'], first['id']);
  assert.deepEqual(detail(await api.post('/work_queues/', { name: 'default' })), [
    409,
    'A work queue with this name already exists.',
  ]);
  const other = (await api.post('/work_queues/', { name: 'other' })).body as Fields;
  assert.equal(other['priority'], 2);
  assert.deepEqual(await read('/work_queues/name/other'), other);
  assert.equal((await api.send('PATCH', `/work_queues/${String(other['id'])}`, { concurrency_limit: 1 })).status, 204);
  assert.equal((await read(`/work_queues/${String(other['id'])}`))['concurrency_limit'], 1);
  const status = await read(`/work_queues/${String(other['id'])}/status`);
  assert.deepEqual(status, {
    healthy: false,
    late_runs_count: 0,
    last_polled: null,
    health_check_policy: { maximum_late_runs: 0, maximum_seconds_since_last_polled: 60 },
  });
  assert.equal((await api.send('DELETE', `/work_queues/${String(other['id'])}`)).status, 204);
  const gone = await api.post(`/work_queues/${String(other['id'])}/get_runs`, {});
  assert.deepEqual(
    [gone.status, gone.body],
    [404, { exception_message: `Work queue with id ${String(other['id'])} not found.` }],
  );
});

test('a worker is given what is due, by priority, within the limits, and nothing of what is paused', async () => {
  const { id: poolId } = await pool('p');
  await api.post('/work_pools/p/queues', { name: 'urgent', priority: 1 });
  const [late, later] = [
    await scheduled({ work_pool_name: 'p' }, -20),
    await scheduled({ work_pool_name: 'p', work_queue_name: 'default' }, -10),
  ];
  const urgent = await scheduled({ work_pool_name: 'p', work_queue_name: 'urgent' }, -5);
  const future = await scheduled({ work_pool_name: 'p', work_queue_name: 'urgent' }, 3600);
  const given = async (body: Fields = {}): Promise<unknown[]> =>
    ((await api.post('/work_pools/p/get_scheduled_flow_runs', body)).body as { flow_run: Fields }[]).map(
      ({ flow_run: run }) => run['id'],
    );
  const now = new Date(api.now() / 1000).toISOString();
  assert.deepEqual(await given(), [urgent, future, late, later]);
  assert.deepEqual(await given({ scheduled_before: now }), [urgent, late, later]);
  assert.deepEqual(await given({ scheduled_after: now }), [future]);
  assert.deepEqual(await given({ work_queue_names: ['default'], limit: 1 }), [late]);
  const [whole] = (await api.post('/work_pools/p/get_scheduled_flow_runs', { limit: 1 })).body as Fields[];
  const run = whole?.['flow_run'] as Fields;
  assert.deepEqual(
    [whole?.['work_pool_id'], run['work_pool_id'], run['work_pool_name'], run['work_queue_name'], run['work_queue_id']],
    [poolId, poolId, 'p', 'urgent', whole?.['work_queue_id']],
  );
  await api.send('PATCH', '/work_pools/p/queues/urgent', { concurrency_limit: 1 });
  assert.deepEqual(await given({ scheduled_before: now }), [urgent, late, later]);
  assert.equal((await api.post(`/flow_runs/${urgent}/set_state`, { state: { type: 'PENDING' } })).status, 201);
  assert.deepEqual(await given(), [late, later], 'its slot is taken');
  await api.send('PATCH', '/work_pools/p', { concurrency_limit: 2 });
  assert.deepEqual(await given(), [late], 'so is one of the pool');
  assert.equal((await read('/work_pools/p'))['active_slots'], 1);
  const slots = (await api.post('/work_pools/p/concurrency_status', {})).body as { queues: Fields[] } & Fields;
  assert.deepEqual([slots['active_slots'], slots['concurrency_limit'], slots['count'], slots['pages']], [1, 2, 2, 1]);
  assert.deepEqual(
    slots.queues.map((queue) => [queue['queue_name'], queue['active_slots'], (queue['flow_runs'] as Fields[]).length]),
    [
      ['urgent', 1, 1],
      ['default', 0, 0],
    ],
  );
  const held = (await api.post(`/work_queues/${String(slots.queues[0]?.['queue_id'])}/concurrency_status`, {}))
    .body as Fields;
  assert.deepEqual([held['active_slots'], (held['flow_runs'] as Fields[])[0]?.['id']], [1, urgent]);
  await api.send('PATCH', '/work_pools/p/queues/default', { is_paused: true });
  assert.deepEqual(await given(), []);
  await api.send('PATCH', '/work_pools/p/queues/default', { is_paused: false });
  await api.send('PATCH', '/work_pools/p', { is_paused: true });
  assert.deepEqual(await given(), []);
  assert.equal((await api.post('/work_pools/nowhere/get_scheduled_flow_runs', {})).status, 404);
  const missing = await api.post('/work_pools/p/get_scheduled_flow_runs', { work_queue_names: ['x'] });
  assert.deepEqual(detail(missing), [404, "Work pool queue 'p/x' not found."]);
});

test('a run whose own process waits for its next attempt is given to nobody else', async () => {
  await pool('p');
  const id = await scheduled({ work_pool_name: 'p' }, -20);
  await api.send('PATCH', `/flow_runs/${id}`, { empirical_policy: { retries: 1, retry_type: 'in_process' } });
  assert.deepEqual((await api.post('/work_pools/p/get_scheduled_flow_runs', {})).body, []);
  await api.send('PATCH', `/flow_runs/${id}`, { empirical_policy: { retries: 1, retry_type: 'reschedule' } });
  assert.equal(((await api.post('/work_pools/p/get_scheduled_flow_runs', {})).body as Fields[]).length, 1);
});

test('an agent is given the runs of its queue; looking is not asking', async () => {
  const queue = (await api.post('/work_queues/', { name: 'default' })).body as Fields;
  const path = `/work_queues/${String(queue['id'])}`;
  const id = await scheduled({ work_pool_name: 'default-agent-pool' }, -1);
  const ids = (answer: { readonly body: unknown }) => (answer.body as Fields[]).map((run) => run['id']);
  assert.deepEqual(ids(await api.send('POST', `${path}/get_runs`, {}, { 'x-prefect-ui': 'true' })), [id]);
  assert.equal((await read(path))['last_polled'], null);
  assert.deepEqual(ids(await api.post(`${path}/get_runs`, { limit: 10 })), [id]);
  const polled = await read(path);
  assert.deepEqual([polled['status'], polled['last_polled'] === null], ['READY', false]);
  assert.equal((await read(`${path}/status`))['healthy'], true);
  assert.deepEqual((await told()).filter((name) => name === 'work-queue.ready').length, 1);
});

test('queues of old are given runs by their tags and deployments', async () => {
  const queue = (await api.post('/work_queues/', { name: 'tagged', filter: { tags: ['red'] } })).body as Fields;
  const deployment = '0190a0a0-0000-7000-8000-000000000001';
  const red = await scheduled({ tags: ['red', 'x'], deployment_id: deployment }, -1);
  await scheduled({ tags: ['blue'], deployment_id: deployment }, -1);
  await scheduled({ tags: ['red'] }, -1);
  const runs = (await api.post(`/work_queues/${String(queue['id'])}/get_runs`, {})).body as Fields[];
  assert.deepEqual(
    runs.map((run) => run['id']),
    [red],
  );
});

test('a pool is ready while a worker is heard of, and a queue while it is asked for work', async () => {
  await pool('p');
  const beat = (name: string, seconds: number | null) =>
    api.post('/work_pools/p/workers/heartbeat', { name, heartbeat_interval_seconds: seconds });
  assert.equal((await beat('w1', 10)).status, 204);
  assert.equal((await read('/work_pools/p'))['status'], 'READY');
  api.advance(1);
  await beat('w2', null);
  await api.post('/work_pools/p/get_scheduled_flow_runs', {});
  const workers = async (body: Fields = {}) =>
    ((await api.post('/work_pools/p/workers/filter', body)).body as Fields[]).map(
      ({ name, status }) => `${String(name)} ${String(status)}`,
    );
  assert.deepEqual(await workers(), ['w2 ONLINE', 'w1 ONLINE']);
  api.advance(31);
  assert.equal(await markUnready(api.useCases, api.now()), 1);
  assert.deepEqual(await workers(), ['w2 ONLINE', 'w1 OFFLINE']);
  assert.deepEqual(await workers({ workers: { status: { any_: ['ONLINE'] } } }), ['w2 ONLINE']);
  assert.equal((await read('/work_pools/p'))['status'], 'READY');
  api.advance(60);
  assert.equal(await markUnready(api.useCases, api.now()), 3, 'the worker, its pool, the queue');
  assert.equal((await read('/work_pools/p'))['status'], 'NOT_READY');
  assert.equal((await read('/work_pools/p/queues/default'))['status'], 'NOT_READY');
  assert.equal(await markUnready(api.useCases, api.now()), 0);
  assert.deepEqual((await told()).slice(3), [
    'work-pool.ready',
    'work-queue.ready',
    'work-pool.not-ready',
    'work-queue.not-ready',
  ]);
  assert.equal((await api.send('DELETE', '/work_pools/p/workers/w1')).status, 204);
  assert.deepEqual(detail(await api.send('DELETE', '/work_pools/p/workers/w1')), [404, 'Worker not found.']);
  assert.deepEqual(detail(await api.post('/work_pools/q/workers/heartbeat', { name: 'w' })), [
    404,
    'Work pool "q" not found.',
  ]);
});

test('a paused pool stays paused when a worker comes, and is ready at once when it goes on', async () => {
  await pool('p', { is_paused: true });
  await api.post('/work_pools/p/workers/heartbeat', { name: 'w', heartbeat_interval_seconds: 30 });
  assert.equal((await read('/work_pools/p'))['status'], 'PAUSED');
  await api.send('PATCH', '/work_pools/p', { is_paused: false });
  assert.equal((await read('/work_pools/p'))['status'], 'READY');
});

test('runs say their pool and queue, are found by them, and keep the name of a queue that is deleted', async () => {
  await pool('p');
  await pool('q');
  await api.post('/work_pools/p/queues', { name: 'a' });
  const [inA, inQ] = [
    await scheduled({ work_pool_name: 'p', work_queue_name: 'a', job_variables: { env: { A: '1' } } }, 0),
    await scheduled({ work_pool_name: 'q' }, 0),
  ];
  const none = await scheduled({ work_queue_name: 'only a name' }, 0);
  const ids = async (body: Fields) =>
    ((await api.post('/flow_runs/filter', { sort: 'ID_DESC', ...body })).body as Fields[]).map((run) => run['id']);
  assert.deepEqual(await ids({ work_pools: { name: { any_: ['p'] } } }), [inA]);
  assert.deepEqual(await ids({ work_pools: { type: { any_: ['process'] } } }), [inQ, inA]);
  assert.deepEqual(await ids({ work_pool_queues: { name: { any_: ['a'] } } }), [inA]);
  assert.deepEqual(await ids({ flow_runs: { work_queue_name: { any_: ['a', 'default'] } } }), [inQ, inA]);
  const run = await read(`/flow_runs/${inA}`);
  assert.deepEqual(
    [run['work_pool_name'], run['work_queue_name'], run['job_variables']],
    ['p', 'a', { env: { A: '1' } }],
  );
  assert.deepEqual(await read(`/flow_runs/${none}`).then((each) => [each['work_queue_name'], each['work_pool_name']]), [
    'only a name',
    null,
  ]);
  await api.send('DELETE', '/work_pools/p');
  const left = await read(`/flow_runs/${inA}`);
  assert.deepEqual(
    [left['work_queue_id'], left['work_queue_name'], left['work_pool_id'], left['work_pool_name']],
    [null, 'a', null, null],
  );
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
  const nowhere = await api.post('/flow_runs/', { flow_id: flow['id'], work_pool_name: 'q', work_queue_name: 'x' });
  assert.deepEqual(detail(nowhere), [404, "Work pool queue 'q/x' not found."]);
});
