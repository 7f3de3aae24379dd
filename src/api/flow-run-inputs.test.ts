import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

const NOBODY = '11111111-1111-4111-8111-111111111119';
/** Read as it comes. */
type Body = ReturnType<typeof JSON.parse>;

async function openRun(api: ApiUnderTest, body: object = {}): Promise<string> {
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Body;
  return ((await api.post('/flow_runs/', { flow_id: flow.id, state: { type: 'RUNNING' }, ...body })).body as Body).id;
}

test('inputs are given once, read as the text that they are, listed by prefix, and deleted', async () => {
  const api = openApi();
  const id = await openRun(api);
  const give = async (body: object, run = id) => (await api.post(`/flow_runs/${run}/input`, body)).status;
  assert.equal(await give({ key: 'a-1', value: '"v"' }), 201);
  assert.equal(await give({ key: 'a-1', value: 'w' }), 409);
  assert.equal(await give({ key: 'a-2', value: 'x', sender: 'prefect.flow-run.y' }), 201);
  assert.equal(await give({ key: 'bad key', value: 'x' }), 422);
  assert.equal(await give({ key: 'k' }), 422);
  assert.equal(await give({ key: 'a', value: 'x' }, NOBODY), 404);
  const read = await api.get(`/flow_runs/${id}/input/a-1`);
  assert.deepEqual([read.status, read.text, read.headers['content-type']], [200, '"v"', 'text/plain; charset=utf-8']);
  const list = async (filter: object) =>
    ((await api.post(`/flow_runs/${id}/input/filter`, filter)).body as Body).map(({ key }: Body) => key);
  assert.deepEqual(await list({ prefix: 'a' }), ['a-1'], 'one, unless more are asked for');
  assert.deepEqual(await list({ prefix: 'a', limit: 5, exclude_keys: ['a-1'] }), ['a-2']);
  assert.deepEqual(await list({ prefix: 'a', limit: -1 }), ['a-1', 'a-2']);
  assert.equal((await api.send('DELETE', `/flow_runs/${id}/input/a-1`)).status, 204);
  assert.equal((await api.send('DELETE', `/flow_runs/${id}/input/a-1`)).status, 404);
  assert.equal((await api.get(`/flow_runs/${id}/input/a-1`)).status, 404);
  await api.close();
});

const KEYS = { schema: 'k-schema', response: 'k-response', description: 'k-description' };
const SCHEMA = { type: 'object', properties: { x: { type: 'number' }, region: { type: 'string' } }, required: ['x'] };

async function pause(api: ApiUnderTest, details: object, body: object = {}): Promise<string> {
  const id = await openRun(api, body);
  await api.post(`/flow_runs/${id}/set_state`, {
    state: { type: 'PAUSED', name: 'Paused', state_details: { pause_key: '1', ...details } },
  });
  return id;
}

test('a paused run goes on with input that fits, which is kept to the letter', async () => {
  const api = openApi();
  const id = await pause(api, { run_input_keyset: KEYS });
  await api.post(`/flow_runs/${id}/input`, { key: 'k-schema', value: JSON.stringify(SCHEMA) });
  const refused = await api.post(`/flow_runs/${id}/resume`, { run_input: { x: 'one' } });
  assert.deepEqual(
    [refused.status, (refused.body as Body).status, (refused.body as Body).state.name, (refused.body as Body).details],
    [
      200,
      'REJECT',
      'Paused',
      {
        type: 'abort_details',
        reason: "Reason: Validation failed for field 'x'. Failure reason: 'one' is not of type 'number'",
      },
    ],
  );
  await api.useCases.setVariable({ name: 'region', value: 'north', tags: [], overwrite: true });
  const variable = '{"__prefect_kind":"workspace_variable","variable_name":"region"}';
  const accepted = await api.post(
    `/flow_runs/${id}/resume`,
    `{"run_input":{"x":{"__prefect_kind":"json","value":"1.0"},"region":${variable}}}`,
  );
  assert.deepEqual(
    [accepted.status, (accepted.body as Body).status, (accepted.body as Body).state.type],
    [201, 'ACCEPT', 'RUNNING'],
  );
  assert.equal((await api.get(`/flow_runs/${id}/input/k-response`)).text, '{"x":1.0,"region":"north"}');
  const again = (await api.post(`/flow_runs/${id}/resume`)).body;
  assert.deepEqual(again, {
    state: null,
    status: 'ABORT',
    details: { type: 'abort_details', reason: 'Cannot resume a flow run that is not paused.' },
  });
  assert.equal((await api.post(`/flow_runs/${NOBODY}/resume`, {})).status, 404);
  await api.close();
});

test('an input may be a template', async () => {
  const api = openApi();
  const id = await pause(api, { run_input_keyset: KEYS });
  await api.post(`/flow_runs/${id}/input`, { key: 'k-schema', value: '{}' });
  const accepted = await api.post(`/flow_runs/${id}/resume`, {
    run_input: { region: { __prefect_kind: 'jinja', template: "{{ 'north' | upper }}-{{ 2 * 3 }}" } },
  });
  assert.equal((accepted.body as Body).status, 'ACCEPT');
  assert.equal((await api.get(`/flow_runs/${id}/input/k-response`)).text, '{"region":"NORTH-6"}');
  await api.close();
});

test('input that cannot be checked leaves the run paused, and says why', async () => {
  const api = openApi();
  const reason = async (schema: string | null, input: object) => {
    const id = await pause(api, { run_input_keyset: KEYS });
    if (schema !== null) await api.post(`/flow_runs/${id}/input`, { key: 'k-schema', value: schema });
    const answer = (await api.post(`/flow_runs/${id}/resume`, { run_input: input })).body as Body;
    assert.equal(((await api.get(`/flow_runs/${id}`)).body as Body).state_type, 'PAUSED');
    return answer.details.reason;
  };
  assert.equal(await reason(null, {}), 'Run input schema not found.');
  assert.equal(await reason('{nope', {}), 'Run input schema is not valid JSON.');
  assert.equal(
    await reason('{}', { x: { __prefect_kind: 'none' } }),
    "Error hydrating run input: Missing 'value' key in __prefect object",
  );
  assert.match(
    await reason('{}', { x: { __prefect_kind: 'jinja', template: '{{ 1 +' } }),
    /^Error hydrating run input: Invalid jinja: /,
  );
  assert.match(await reason('{"$ref":"#"}', {}), /circular/);
  await api.close();
});

test('a suspended run is scheduled, is not counted when it runs again, and does not suspend twice at one place', async () => {
  const api = openApi();
  const suspended = { name: 'Suspended', type: 'PAUSED', state_details: { pause_key: 'k', pause_reschedule: true } };
  const id = await openRun(api, { deployment_id: NOBODY });
  await api.post(`/flow_runs/${id}/set_state`, { state: suspended });
  const resumed = (await api.post(`/flow_runs/${id}/resume`, {})).body as Body;
  assert.deepEqual([resumed.status, resumed.state.type, resumed.state.name], ['ACCEPT', 'SCHEDULED', 'Resuming']);
  for (const type of ['PENDING', 'RUNNING']) await api.post(`/flow_runs/${id}/set_state`, { state: { type } });
  const run = (await api.get(`/flow_runs/${id}`)).body as Body;
  assert.deepEqual([run.run_count, run.empirical_policy.resuming, run.empirical_policy.pause_keys], [1, false, ['k']]);
  const again = (await api.post(`/flow_runs/${id}/set_state`, { state: suspended })).body as Body;
  assert.deepEqual(
    [again.status, again.state.type, again.details.reason],
    ['REJECT', 'RUNNING', 'This suspend has already fired.'],
  );
  await api.close();
});

test('a pause whose time is over has failed', async () => {
  const api = openApi();
  const id = await pause(api, { pause_timeout: '2020-01-01T00:00:00Z' });
  const answer = await api.post(`/flow_runs/${id}/resume`, {});
  assert.deepEqual(
    [answer.status, (answer.body as Body).status, (answer.body as Body).state.message],
    [201, 'REJECT', 'The flow was running and never resumed.'],
  );
  await api.close();
});
