/** Values that the reference server gives (ADR 046), as it was asked side by side with this one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { administrationOf } from '../server/administration.ts';
import type { Instant } from '../core/time.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { describeApi } from './description.ts';

type Fields = Readonly<Record<string, unknown>>;
const ONE = '018f0000-0000-7000-8000-0000000000a1';
const OTHER = '018f0000-0000-7000-8000-0000000000a2';
const FAR = '2100-01-01T00:00:00Z';
const PAST = '2000-01-01T00:00:00Z';

const fields = (answer: { readonly body: unknown }): Fields => answer.body as Fields;
async function makeRun(api: ApiUnderTest, more: Fields = {}): Promise<string> {
  const flow = fields(await api.post('/flows/', { name: 'compared' }));
  return String(fields(await api.post('/flow_runs/', { flow_id: flow['id'], ...more }))['id']);
}
const read = async (api: ApiUnderTest, id: string): Promise<Fields> => fields(await api.get(`/flow_runs/${id}`));
const detailsOf = async (api: ApiUnderTest, id: string): Promise<Fields> =>
  (await read(api, id))['state'] as Fields & { state_details: Fields } as never;

/** Proposes the states in turn; answers after each: status, `run_count`, and what the policy says of pauses. */
async function walk(
  api: ApiUnderTest,
  states: readonly (readonly [type: string, details?: Fields])[],
): Promise<unknown[]> {
  const id = await makeRun(api);
  const told: unknown[] = [];
  for (const [type, details] of states) {
    const { status } = fields(
      await api.post(`/flow_runs/${id}/set_state`, { state: { type, ...(details ? { state_details: details } : {}) } }),
    );
    const { run_count: count, empirical_policy: policy } = (await read(api, id)) as {
      readonly run_count: number;
      readonly empirical_policy: Fields & { readonly pause_keys: readonly string[] };
    };
    told.push([
      status,
      count,
      policy.pause_keys.map((key) => (key.length === 36 ? 'generated' : key)),
      policy['resuming'],
      policy['retry_type'],
    ]);
  }
  return told;
}

test('pauses without a key are like no other, and a run that is scheduled out of a blocking pause starts anew', () =>
  withApi({}, async (api) => {
    const pause: Fields = { pause_timeout: FAR };
    assert.deepEqual(await walk(api, [['RUNNING'], ['PAUSED', pause], ['RUNNING'], ['PAUSED', pause]]), [
      ['ACCEPT', 1, [], false, null],
      ['ACCEPT', 1, ['generated'], false, null],
      ['ACCEPT', 2, ['generated'], true, null],
      ['ACCEPT', 2, ['generated', 'generated'], true, null],
    ]);
    const keyed: Fields = { ...pause, pause_key: 'k' };
    assert.deepEqual(
      await walk(api, [['RUNNING'], ['PAUSED', keyed], ['SCHEDULED'], ['PENDING'], ['RUNNING'], ['PAUSED', keyed]]),
      [
        ['ACCEPT', 1, [], false, null],
        ['ACCEPT', 1, ['k'], false, null],
        ['ACCEPT', 1, [], false, 'reschedule'],
        ['ACCEPT', 1, [], false, 'reschedule'],
        ['ACCEPT', 2, [], false, 'reschedule'],
        ['ACCEPT', 2, ['k'], false, 'reschedule'],
      ],
    );
    assert.deepEqual(await walk(api, [['RUNNING'], ['PAUSED', keyed], ['PENDING'], ['RUNNING'], ['PAUSED', keyed]]), [
      ['ACCEPT', 1, [], false, null],
      ['ACCEPT', 1, ['k'], false, null],
      ['REJECT', 1, ['k'], true, null],
      ['ACCEPT', 1, ['k'], true, null],
      ['REJECT', 1, ['k'], true, null],
    ]);
    assert.deepEqual((await walk(api, [['RUNNING'], ['PAUSED', { pause_timeout: PAST }], ['SCHEDULED']])).at(-1), [
      'REJECT',
      1,
      ['generated'],
      true,
      null,
    ]);
  }));

test('a pause forgets the input that an earlier attempt was given under its keys', () =>
  withApi({}, async (api) => {
    const id = await makeRun(api);
    for (const key of ['in-schema', 'in-response', 'other'])
      await api.post(`/flow_runs/${id}/input`, { key, value: '1' });
    await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' } });
    const keyset = { schema: 'in-schema', response: 'in-response' };
    await api.post(`/flow_runs/${id}/set_state`, {
      state: { type: 'PAUSED', state_details: { pause_timeout: FAR, pause_key: 'k', run_input_keyset: keyset } },
    });
    const statuses = [];
    for (const key of ['in-schema', 'in-response', 'other'])
      statuses.push((await api.get(`/flow_runs/${id}/input/${key}`)).status);
    assert.deepEqual(statuses, [404, 404, 200]);
  }));

test('the lease of a run goes on with forced states, and nobody brings one along', () =>
  withApi({}, async (api) => {
    const lease = 'deployment_concurrency_lease_id';
    const id = await makeRun(api, { state: { type: 'SCHEDULED', state_details: { [lease]: ONE } } });
    for (const type of ['PENDING', 'RUNNING']) {
      await api.post(`/flow_runs/${id}/set_state`, { state: { type, state_details: { [lease]: null } }, force: true });
      assert.equal(((await detailsOf(api, id))['state_details'] as Fields)[lease], ONE, type);
    }
    const other = await makeRun(api);
    await api.post(`/flow_runs/${other}/set_state`, { state: { type: 'RUNNING', state_details: { [lease]: ONE } } });
    assert.equal(((await detailsOf(api, other))['state_details'] as Fields)[lease], null);
  }));

test('what a client says of a state is told again', () =>
  withApi({}, async (api) => {
    for (const [name, value] of Object.entries({
      retriable: false,
      task_run_id: ONE,
      deferred: null,
      untrackable_result: true,
      refresh_cache: false,
      cache_key: 'x',
    })) {
      const id = await makeRun(api);
      await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'RUNNING', state_details: { [name]: value } } });
      assert.deepEqual(((await detailsOf(api, id))['state_details'] as Fields)[name], value, name);
    }
    const id = await makeRun(api, { empirical_policy: { retries: 1 } });
    await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' } });
    assert.equal(
      fields(
        await api.post(`/flow_runs/${id}/set_state`, {
          state: { type: 'FAILED', state_details: { retriable: false } },
        }),
      )['status'],
      'REJECT',
      'its retries count all the same',
    );
  }));

test('the policy says what older clients said in its older words, until it is replaced', () =>
  withApi({}, async (api) => {
    const policyOf = async (id: string): Promise<unknown[]> => {
      const policy = (await read(api, id))['empirical_policy'] as Fields;
      return ['max_retries', 'retries', 'retry_delay_seconds', 'retry_delay'].map((name) => policy[name]);
    };
    const id = await makeRun(api, { empirical_policy: { max_retries: 3, retry_delay_seconds: 2, retry_delay: 7 } });
    assert.deepEqual(await policyOf(id), [3, 3, 2, 7]);
    await api.send('PATCH', `/flow_runs/${id}`, { empirical_policy: { retries: 1 } });
    assert.deepEqual(await policyOf(id), [0, 1, 0, null]);
  }));

test('job variables that were taken away are null, and none at all are none', () =>
  withApi({}, async (api) => {
    for (const given of [{}, { job_variables: null }, { job_variables: {} }])
      assert.deepEqual((await read(api, await makeRun(api, given)))['job_variables'], {});
    const id = await makeRun(api, { job_variables: { a: 1 } });
    assert.deepEqual((await read(api, id))['job_variables'], { a: 1 });
    assert.equal((await api.send('PATCH', `/flow_runs/${id}`, { job_variables: null })).status, 204);
    assert.equal((await read(api, id))['job_variables'], null);
  }));

test('the newest artifact of a key has the id of the collection, which stays', () =>
  withApi({}, async (api) => {
    const first = fields(await api.post('/artifacts/', { key: 'k', type: 'text', data: '1' }));
    const [before] = (await api.post('/artifacts/latest/filter', {})).body as readonly Fields[];
    api.advance(5);
    const second = fields(await api.post('/artifacts/', { key: 'k', type: 'text', data: '2' }));
    const latest = fields(await api.get('/artifacts/k/latest'));
    assert.deepEqual(
      [latest['id'], latest['created'], latest['data'], Object.keys(latest).sort()],
      [before?.['id'], first['created'], '2', Object.keys(second).sort()],
    );
    assert.notEqual(latest['id'], second['id']);
  }));

test('a task run that asks twice for slots of a tag has two, and gives both back', () =>
  withApi({}, async (api) => {
    await api.post('/concurrency_limits/', { tag: 'db', concurrency_limit: 2 });
    const holders = async (): Promise<unknown[]> => [
      fields(await api.get('/concurrency_limits/tag/db'))['active_slots'],
      fields(await api.get('/v2/concurrency_limits/tag:db'))['active_slots'],
    ];
    const ask = async (what: 'increment' | 'decrement', task_run_id: string): Promise<number> =>
      (await api.post(`/concurrency_limits/${what}`, { names: ['db'], task_run_id })).status;
    assert.deepEqual([await ask('increment', ONE), await holders()], [200, [[ONE], 1]]);
    assert.deepEqual([await ask('increment', ONE), await holders()], [200, [[ONE, ONE], 2]]);
    assert.equal(await ask('increment', OTHER), 423);
    assert.deepEqual([await ask('increment', ONE), await holders()], [200, [[ONE, ONE], 2]], 'nobody waits for itself');
    assert.deepEqual([await ask('decrement', ONE), await holders()], [200, [[], 0]]);
  }));

test('what is under way counts when it is made', async () => {
  let now = 1_790_000_000_000_000;
  const clock = { now: () => (now += 10) as Instant };
  await withApi({ parts: { clock } }, async (api) => {
    const flow = fields(await api.post('/flows/', { name: 'compared' }));
    const pending = fields(await api.post('/flow_runs/', { flow_id: flow['id'] }));
    const running = fields(await api.post('/flow_runs/', { flow_id: flow['id'], state: { type: 'RUNNING' } }));
    const task = fields(await api.post('/task_runs/', { task_key: 't', dynamic_key: '0', state: { type: 'RUNNING' } }));
    for (const [what, seconds] of Object.entries({
      late: pending['estimated_start_time_delta'],
      running: running['estimated_run_time'],
      task: task['estimated_run_time'],
    }))
      assert.ok(Number(seconds) > 0, what);
  });
});

test("the types of libraries' blocks are listed, and take what the library says of them", () =>
  withApi({}, async (api) => {
    await api.useCases.installBlockTypes();
    await api.useCases.installBlockTypes();
    const slugs = ((await api.post('/block_types/filter', {})).body as readonly { readonly slug: string }[]).map(
      ({ slug }) => slug,
    );
    for (const slug of [
      'aws-credentials',
      's3-bucket',
      'gcp-credentials',
      'docker-registry-credentials',
      'github-repository',
      'slack-credentials',
      'sqlalchemy-connector',
      'secret',
    ]) {
      assert.equal(slugs.filter((one) => one === slug).length, 1, slug);
    }
    const { id } = fields(await api.get('/block_types/slug/aws-credentials')) as { readonly id: string };
    assert.equal((await api.send('PATCH', `/block_types/${id}`, { description: 'As the library says.' })).status, 204);
    await api.useCases.installBlockTypes();
    assert.equal(fields(await api.get(`/block_types/${id}`))['description'], 'As the library says.');
  }));

test('the description says where the API begins, and the settings what holds here in the places of the reference', async () => {
  const document = (await describeApi([], '0').handle({} as never)).body as {
    readonly servers: unknown;
    readonly paths: Fields;
  };
  assert.deepEqual(document.servers, [{ url: '/api' }]);
  assert.ok('/openapi.json' in document.paths);
  const { settings } = administrationOf({
    host: 'h',
    port: 1,
    home: '/h',
    database: 'sqlite:/x',
    authString: 'a:b',
    csrfProtection: true,
    corsAllowedOrigins: ['https://a'],
  });
  const { server } = settings as { readonly server: Readonly<Record<string, Fields>> };
  assert.deepEqual(Object.keys(server).sort(), [
    'analytics_enabled',
    'api',
    'concurrency',
    'database',
    'deployments',
    'events',
    'flow_run_graph',
    'logs',
    'services',
    'tasks',
    'ui',
  ]);
  assert.deepEqual(
    [
      server['api']?.['csrf_token_expiration'],
      server['api']?.['cors_allowed_origins'],
      server['api']?.['auth_string'],
      server['api']?.['max_parameter_size'],
    ],
    ['PT1H', 'https://a', '********', 524_288],
  );
  assert.equal(JSON.stringify(settings).includes('a:b'), false);
});
