import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

const NOBODY = '11111111-1111-4111-8111-111111111119';
const AS_PREFECT = { 'user-agent': 'prefect/3.8.8 (API 0.8.4)' };

/** Read as it comes. */
type Body = ReturnType<typeof JSON.parse>;

async function openFlow(api: ApiUnderTest): Promise<string> {
  return ((await api.post('/flows/', { name: 'sales', tags: ['gold'], labels: { team: 'a' } })).body as Body).id;
}

async function openRun(api: ApiUnderTest, body: object = {}): Promise<string> {
  return ((await api.post('/flow_runs/', { flow_id: await openFlow(api), ...body })).body as Body).id;
}

async function propose(api: ApiUnderTest, id: string, state: object, force = false): Promise<readonly unknown[]> {
  const { status, body } = await api.send('POST', `/flow_runs/${id}/set_state`, { state, force }, AS_PREFECT);
  const answer = body as Body;
  return [status, answer.status, answer.state?.name, answer.details.reason ?? answer.details.type];
}

test('a run is made with the labels of its flow, its creator and a name; asked for again by its key, it is the same', async () => {
  const api = openApi();
  const flow_id = await openFlow(api);
  const automation = {
    'prefect-automation-id': NOBODY,
    'prefect-automation-name': Buffer.from('nightly').toString('base64'),
  };
  const made = await api.send(
    'POST',
    '/flow_runs/',
    { flow_id, labels: { x: 1.5 }, idempotency_key: 'k', parameters: { n: 1 } },
    automation,
  );
  const run = made.body as Body;
  assert.equal(made.status, 201);
  assert.deepEqual(run.labels, { team: 'a', 'prefect.flow.id': flow_id, x: 1.5 });
  assert.deepEqual(run.created_by, { id: NOBODY, type: 'AUTOMATION', display_value: 'nightly' });
  assert.match(run.name, /^[a-z]+-[a-z]+$/);
  assert.deepEqual(
    [run.state_name, run.state.state_details.flow_run_id, run.expected_start_time],
    ['Pending', run.id, run.state.timestamp],
  );
  assert.equal((await api.useCases.readFlowRun(run.id))?.runner, 'prefect-client');
  const ofDeployment = await openRun(api, { deployment_id: NOBODY });
  assert.equal((await api.useCases.readFlowRun(ofDeployment as never))?.runner, 'worker');
  await propose(api, run.id, { type: 'RUNNING' });
  const again = await api.post('/flow_runs/', { flow_id, idempotency_key: 'k', name: 'other' });
  assert.deepEqual([again.status, (again.body as Body).id, (again.body as Body).state_name], [200, run.id, 'Running']);
  assert.equal((await api.post('/flow_runs/', { flow_id: NOBODY })).status, 409);
  await api.close();
});

test('states are answered by status and reason, and echo the mark of the proposal', async () => {
  const api = openApi();
  const id = await openRun(api);
  const marked = { type: 'RUNNING', state_details: { transition_id: NOBODY, traceparent: '00-1' } };
  const first = (await api.post(`/flow_runs/${id}/set_state`, { state: marked })).body as Body;
  assert.deepEqual(
    [
      first.state.state_details.transition_id,
      first.state.state_details.traceparent,
      first.state.state_details.flow_run_id,
    ],
    [NOBODY, '00-1', id],
  );
  assert.deepEqual(await propose(api, id, marked), [
    200,
    'REJECT',
    'Running',
    'This run has already made this state transition.',
  ]);
  assert.deepEqual(await propose(api, id, { type: 'PENDING' }), [
    200,
    'ABORT',
    'Running',
    'This run is in a RUNNING state and cannot transition to a PENDING state.',
  ]);
  assert.deepEqual(await propose(api, id, { type: 'COMPLETED', data: { storage_key: 'x' } }), [
    201,
    'ACCEPT',
    'Completed',
    'accept_details',
  ]);
  const refused = [
    200,
    'REJECT',
    'Completed',
    'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.',
  ];
  assert.deepEqual(await propose(api, id, { type: 'COMPLETED' }, true), refused);
  const missing = await api.post(`/flow_runs/${NOBODY}/set_state`, { state: { type: 'RUNNING' } });
  assert.deepEqual(
    [missing.status, missing.body],
    [404, { exception_message: `Flow run with id ${NOBODY} not found` }],
  );
  for (const unread of [
    await api.get(`/flow_runs/${NOBODY}`),
    await api.send('PATCH', `/flow_runs/${NOBODY}`, { name: 'a' }),
  ]) {
    assert.deepEqual([unread.status, unread.body], [404, { detail: 'Flow run not found' }]);
  }
  const toUs = await api.send('GET', `/flow_runs/${NOBODY}`, undefined, { 'user-agent': 'ostinato/0.0.0 (API 0.8.4)' });
  assert.equal((toUs.body as Body).code, 'not-found', 'our own client is told the code, too');
  await api.close();
});

test('a failure with retries left awaits its retry with what it said; the wait is told in whole seconds, below half of one there is none', async () => {
  const api = openApi();
  const id = await openRun(api, { empirical_policy: { retries: 1, retry_delay: 2 } });
  await propose(api, id, { type: 'RUNNING' });
  const failed = (
    await api.post(`/flow_runs/${id}/set_state`, {
      state: { type: 'FAILED', message: 'boom', data: { storage_key: 'x' } },
    })
  ).body as Body;
  assert.deepEqual(
    [failed.status, failed.state.name, failed.state.message, failed.state.data],
    ['REJECT', 'AwaitingRetry', 'boom', { storage_key: 'x' }],
  );
  const policy = ((await api.get(`/flow_runs/${id}`)).body as Body).empirical_policy;
  assert.deepEqual([policy.retry_type, policy.pause_keys, policy.resuming], ['in_process', [], false]);
  api.advance(0.4);
  const early = (await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' } })).body as Body;
  assert.deepEqual([early.status, early.details.delay_seconds], ['WAIT', 2]);
  api.advance(1.2);
  assert.deepEqual((await propose(api, id, { type: 'RUNNING' })).slice(0, 2), [201, 'ACCEPT']);
  assert.equal(((await api.get(`/flow_runs/${id}`)).body as Body).run_count, 2);
  assert.deepEqual((await propose(api, id, { type: 'FAILED' })).slice(0, 3), [201, 'ACCEPT', 'Failed']);
  await api.close();
});

test('what nobody kept is answered, and not remembered', async () => {
  const api = openApi();
  const id = await openRun(api, { state: { type: 'RUNNING' } });
  const answer = (
    await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'COMPLETED', data: { type: 'unpersisted' } } })
  ).body as Body;
  assert.deepEqual(answer.state.data, { type: 'unpersisted' });
  assert.equal(((await api.get(`/flow_runs/${id}`)).body as Body).state.data, null);
  await api.close();
});

test('a subflow moves the task run that stands for it, and tells of it in full', async () => {
  const api = openApi();
  const parent = await openRun(api, { state: { type: 'RUNNING' } });
  const task = (
    await api.post('/task_runs/', {
      flow_run_id: parent,
      task_key: 'sub',
      dynamic_key: '0',
      name: 'sub-0',
      tags: ['blue'],
    })
  ).body as Body;
  const child = await openRun(api, { parent_task_run_id: task.id, tags: ['red'], name: 'child' });
  const placeholder = async () => (await api.get(`/task_runs/${task.id}`)).body as Body;
  assert.equal(((await api.get(`/flow_runs/${child}`)).body as Body).parent_flow_run_id, parent);
  await propose(api, child, { type: 'RUNNING' });
  await propose(api, child, { type: 'COMPLETED', message: 'fine', data: { storage_key: 'x' } });
  const { state, run_count, start_time } = await placeholder();
  assert.deepEqual([state.type, state.message, state.data, run_count], ['COMPLETED', 'fine', { storage_key: 'x' }, 1]);
  assert.notEqual(start_time, null);
  const { child_flow_run_id, flow_run_id, task_run_id } = state.state_details;
  assert.deepEqual([child_flow_run_id, flow_run_id, task_run_id], [child, parent, task.id]);
  const event = (await api.storage.readEvents({ afterSeq: 0, limit: 100 })).at(-1);
  const run = (await api.get(`/flow_runs/${child}`)).body as Body;
  assert.equal(event?.id, run.state_id);
  assert.deepEqual(
    [
      event?.labels?.['prefect.state-message'],
      event?.labels?.['prefect.run-count'],
      event?.labels?.['prefect.resource.name'],
    ],
    ['fine', '1', 'child'],
  );
  assert.equal(event?.labels?.['prefect.state-timestamp'], run.state.timestamp.replace('Z', '+00:00'));
  assert.deepEqual(
    event?.related?.map((each) => [each['prefect.resource.id'], each['prefect.resource.role']]),
    [
      [`prefect.flow.${run.flow_id}`, 'flow'],
      [`prefect.task-run.${task.id}`, 'task-run'],
      ['prefect.tag.blue', 'tag'],
      ['prefect.tag.gold', 'tag'],
      ['prefect.tag.red', 'tag'],
    ],
  );
  assert.deepEqual(JSON.parse(event?.payload ?? ''), {
    intended: { from: 'RUNNING', to: 'COMPLETED' },
    initial_state: { type: 'RUNNING', name: 'Running' },
    validated_state: { type: 'COMPLETED', name: 'Completed', message: 'fine' },
  });
  assert.notEqual(event?.follows, null);
  await api.close();
});

test('a run is changed by parts: labels are added, job variables are for what a worker will start', async () => {
  const api = openApi();
  const id = await openRun(api, { labels: { x: 1 } });
  assert.equal((await api.send('PATCH', `/flow_runs/${id}/labels`, { x: 2, y: true })).status, 204);
  const { labels } = (await api.get(`/flow_runs/${id}`)).body as Body;
  assert.deepEqual([labels.x, labels.y, labels.team], [2, true, 'a']);
  assert.equal((await api.send('PATCH', `/flow_runs/${NOBODY}/labels`, { x: 2 })).status, 404);
  const refused = await api.send('PATCH', `/flow_runs/${id}`, { job_variables: { a: 1 } });
  assert.deepEqual(
    [refused.status, refused.body],
    [400, { detail: 'Job variables for a flow run in state PENDING cannot be updated' }],
  );
  await api.send('PATCH', `/flow_runs/${id}`, { name: 'new', infrastructure_pid: '12', tags: ['t'] });
  const run = (await api.get(`/flow_runs/${id}`)).body as Body;
  assert.deepEqual([run.name, run.infrastructure_pid, run.tags], ['new', '12', ['t']]);
  assert.equal((await api.send('DELETE', `/flow_runs/${id}`)).status, 204);
  assert.equal((await api.send('DELETE', `/flow_runs/${id}`)).status, 404);
  await api.close();
});

test('logs are downloaded as CSV, by their times; a run is explained', async () => {
  const api = openApi();
  const id = await openRun(api, { name: 'a b', state: { type: 'RUNNING' } });
  const log = (timestamp: string, message: string) => ({ name: 'l', level: 20, message, timestamp, flow_run_id: id });
  await api.post('/logs/', [
    log('2026-01-01T00:00:01Z', 'second, "quoted"\nline'),
    log('2026-01-01T00:00:00.5Z', 'first'),
  ]);
  const download = await api.get(`/flow_runs/${id}/logs/download`);
  assert.equal(
    download.text,
    `timestamp,level,flow_run_id,task_run_id,message\r\n2026-01-01 00:00:00.500000+00:00,20,${id},,first\r\n` +
      `2026-01-01 00:00:01+00:00,20,${id},,"second, ""quoted""\nline"\r\n`,
  );
  assert.match(String(download.headers['content-disposition']), /filename\*=UTF-8''a%20b-logs\.csv/);
  assert.equal((await api.get(`/flow_runs/${NOBODY}/logs/download`)).status, 404);
  const why = (await api.get(`/flow_runs/${id}/why`)).body as Body;
  assert.deepEqual([why.run_id, why.kind, why.name], [id, 'flow_run', 'a b']);
  assert.ok(why.headline.length > 0);
  assert.deepEqual(api.failures, []);
  await api.close();
});

test('parameters have a bound, a work pool must be there, and no job variables are none', async (t) => {
  const api = openApi();
  t.after(() => api.close());
  const flow = (await api.post('/flows/', { name: 'large' })).body as { id: string };
  const large = await api.post('/flow_runs/', { flow_id: flow.id, parameters: { data: 'x'.repeat(524_300) } });
  assert.equal(large.status, 422);
  const [problem] = (large.body as { exception_detail: { msg: string; loc: string[] }[] }).exception_detail;
  assert.deepEqual(
    [problem?.loc, problem?.msg],
    [
      ['body', 'parameters'],
      'Value error, Flow run parameters must be less than 524,288 bytes when serialized (got 524,311 bytes).',
    ],
  );
  const run = (await api.post('/flow_runs/', { flow_id: flow.id, parameters: { data: 'x'.repeat(524_000) } })).body as {
    id: string;
  };
  assert.equal(
    (await api.send('PATCH', `/flow_runs/${run.id}`, { parameters: { data: 'x'.repeat(600_000) } })).status,
    422,
  );
  const pooled = await api.post('/flow_runs/', { flow_id: flow.id, work_pool_name: 'nowhere' });
  assert.deepEqual([pooled.status, pooled.body], [404, { detail: 'Work pool "nowhere" not found.' }]);
  assert.deepEqual(
    ((await api.post('/flow_runs/', { flow_id: flow.id, job_variables: null })).body as Body).job_variables,
    {},
    'nobody said any',
  );
});

test('what a worker left is cleared by null; a name that is taken away is drawn anew', async () => {
  const api = openApi();
  const id = await openRun(api, { name: 'given' });
  const read = async () => (await api.get(`/flow_runs/${id}`)).body as Body;
  await api.send('PATCH', `/flow_runs/${id}`, { infrastructure_pid: '12' });
  assert.deepEqual([(await read()).infrastructure_pid, (await read()).name], ['12', 'given']);
  await api.send('PATCH', `/flow_runs/${id}`, { infrastructure_pid: null });
  assert.equal((await read()).infrastructure_pid, null);
  for (const name of [null, '']) {
    await api.send('PATCH', `/flow_runs/${id}`, { name: 'given' });
    assert.equal((await api.send('PATCH', `/flow_runs/${id}`, { name })).status, 204);
    assert.match((await read()).name, /^[a-z]+-[a-z]+$/);
  }
  const bare = await api.get(`/flow_runs/${id.replaceAll('-', '').toUpperCase()}`);
  assert.deepEqual([bare.status, (bare.body as Body).id], [200, id]);
  await api.close();
});
