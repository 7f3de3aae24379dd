/** What is refused, and how it is said: as Prefect's server does, where its clients read it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

interface Refusal {
  readonly detail?: string;
  readonly exception_message?: string;
  readonly exception_detail?: readonly {
    readonly type: string;
    readonly loc: readonly (string | number)[];
    readonly msg: string;
    readonly ctx?: Readonly<Record<string, unknown>>;
  }[];
  readonly request_body?: unknown;
}
type Method = Parameters<ApiUnderTest['send']>[0];

const NOBODY = '01975300-0000-7000-8000-000000000001';

async function ids(api: ApiUnderTest): Promise<{ readonly flow: string; readonly run: string; readonly task: string }> {
  const made = async (path: string, body: object): Promise<string> =>
    ((await api.post(path, body)).body as { id: string }).id;
  const flow = await made('/flows/', { name: 'one' });
  const run = await made('/flow_runs/', { flow_id: flow });
  const task = await made('/task_runs/', { flow_run_id: run, task_key: 't', dynamic_key: '0' });
  await made('/variables/', { name: 'one', value: 1 });
  await made('/v2/concurrency_limits/', { name: 'one', limit: 1 });
  return { flow, run, task };
}

test('null is refused where it says nothing, at the place where it stands', () =>
  withApi({}, async (api) => {
    const { flow, run, task } = await ids(api);
    const state = { type: 'RUNNING', state_details: null };
    const cases: readonly (readonly [Method, string, object, string])[] = [
      ['POST', '/flows/', { name: 'two', tags: null }, 'list_type body.tags'],
      ['PATCH', `/flows/${flow}`, { tags: null }, 'list_type body.tags'],
      ['POST', '/flow_runs/', { flow_id: flow, tags: null }, 'list_type body.tags'],
      ['POST', '/flow_runs/', { flow_id: flow, parameters: null }, 'dict_type body.parameters'],
      ['POST', '/flow_runs/', { flow_id: flow, context: null }, 'dict_type body.context'],
      ['POST', '/flow_runs/', { flow_id: flow, empirical_policy: null }, 'model_attributes_type body.empirical_policy'],
      ['PATCH', `/flow_runs/${run}`, { parameters: null }, 'dict_type body.parameters'],
      ['POST', '/task_runs/', { task_key: 't', dynamic_key: '1', task_inputs: null }, 'dict_type body.task_inputs'],
      ['POST', '/task_runs/', { task_key: 't', dynamic_key: '1', tags: null }, 'list_type body.tags'],
      ['PUT', '/saved_searches/', { name: 'one', filters: null }, 'list_type body.filters'],
      ['POST', `/flow_runs/${run}/set_state`, { state }, 'model_attributes_type body.state.state_details'],
      ['POST', `/task_runs/${task}/set_state`, { state }, 'model_attributes_type body.state.state_details'],
      [
        'POST',
        `/flow_runs/${run}/set_state`,
        { state: { type: 'PAUSED', state_details: { pause_reschedule: null } } },
        'bool_type body.state.state_details.pause_reschedule',
      ],
      ['POST', '/flow_runs/filter', { flow_runs: { operator: null } }, 'enum body.flow_runs.operator'],
      ['POST', '/variables/', { name: 'two', value: 1, tags: null }, 'list_type body.tags'],
    ];
    for (const [method, path, body, problem] of cases) {
      const answer = await api.send(method, path, body);
      const [found] = (answer.body as Refusal).exception_detail ?? [];
      assert.deepEqual(
        [answer.status, `${found?.type} ${found?.loc.join('.')}`],
        [422, problem],
        `${method} ${path} ${JSON.stringify(body)}`,
      );
    }
    for (const accepted of [{ limit: null, sort: null, flows: null }, { flow_runs: { state: null } }])
      assert.equal((await api.post('/flow_runs/filter', accepted)).status, 200);
  }));

test('what a caller may not set is refused: the id of a new flow run, and the id and the time of a state', () =>
  withApi({}, async (api) => {
    const { flow, run, task } = await ids(api);
    for (const [path, body, place] of [
      ['/flow_runs/', { flow_id: flow, id: NOBODY }, 'body.id'],
      [
        `/flow_runs/${run}/set_state`,
        { state: { type: 'RUNNING', timestamp: '2020-01-01T00:00:00Z' } },
        'body.state.timestamp',
      ],
      [`/task_runs/${task}/set_state`, { state: { type: 'RUNNING', id: NOBODY } }, 'body.state.id'],
    ] as const) {
      const answer = await api.post(path, body);
      assert.deepEqual(
        [answer.status, (answer.body as Refusal).exception_detail?.map(({ type, loc }) => `${type} ${loc.join('.')}`)],
        [422, [`extra_forbidden ${place}`]],
      );
    }
    assert.equal(
      (await api.send('PUT', '/admin/storage', { default_result_storage_block_id: NOBODY, surplus: 1 })).status,
      404,
      'this one takes any',
    );
  }));

test('null for what cannot be without a value is a conflict that names the cause, if the thing is there', () =>
  withApi({}, async (api) => {
    await ids(api);
    for (const [path, body, cause] of [
      ['/variables/name/one', { tags: null }, /cannot be without tags/],
      ['/variables/name/one', { name: null }, /cannot be without a name/],
      ['/v2/concurrency_limits/one', { limit: null }, /cannot be without limit/],
      ['/v2/concurrency_limits/one', { active: null, limit: 5 }, /cannot be without active/],
    ] as const) {
      const answer = await api.send('PATCH', path, body);
      assert.equal(answer.status, 409, path);
      assert.match((answer.body as Refusal).detail ?? '', cause);
      assert.equal((await api.send('PATCH', path.replace('one', 'nobody'), body)).status, 404);
    }
    assert.equal(((await api.get('/v2/concurrency_limits/one')).body as { limit: number }).limit, 1);
  }));

test('records may come before what they belong to: a run of an unknown deployment or parent is kept', () =>
  withApi({}, async (api) => {
    const { flow } = await ids(api);
    for (const unknown of [
      { parent_task_run_id: NOBODY },
      { deployment_id: NOBODY },
      { infrastructure_document_id: NOBODY },
    ]) {
      assert.equal((await api.post('/flow_runs/', { flow_id: flow, ...unknown })).status, 201, JSON.stringify(unknown));
    }
  }));

test('JSON that is none: where, what was expected, and no more of it than its beginning', () =>
  withApi({}, async (api) => {
    for (const [text, position, expected] of [
      ['{', 1, 'Expecting property name enclosed in double quotes'],
      ['{"name":1,}', 10, 'Expecting property name enclosed in double quotes'],
      ['[1,2', 4, "Expecting ',' delimiter"],
      ['{"name" 1}', 8, "Expecting ':' delimiter"],
      ['{"name":"a"} x', 13, 'Extra data'],
      ['{"name":', 8, 'Expecting value'],
      ['{"name":NaN}', 8, 'Expecting value'],
      ['{"name":"a', 8, 'Unterminated string starting at'],
    ] as const) {
      const answer = await api.post('/flows/', text);
      assert.equal(answer.status, 422);
      assert.deepEqual(answer.body, {
        exception_message: 'Invalid request received.',
        request_body: text,
        exception_detail: [
          {
            type: 'json_invalid',
            loc: ['body', position],
            msg: 'JSON decode error',
            input: {},
            ctx: { error: expected },
          },
        ],
      });
    }
    const long = await api.post('/flows/', `{"name":"${'x'.repeat(100_000)}"`);
    assert.ok(long.text.length < 1000, `${long.text.length} characters`);
    assert.deepEqual((long.body as Refusal).exception_detail?.[0]?.loc, ['body', 100_010]);
    assert.match(String((long.body as Refusal).request_body), /^\{"name":"x{10,}… \(100010 characters\)$/);
    assert.equal(
      (await api.post('/flows/', '\ufeff{"name":"marked"}')).status,
      201,
      'the mark of the byte order says nothing',
    );
  }));

test('a body of parts that is none lacks each of them; another is no object', () =>
  withApi({}, async (api) => {
    const lacking = async (path: string, body: string) =>
      ((await api.post(path, body)).body as Refusal).exception_detail?.map(
        ({ type, loc }) => `${type} ${loc.join('.')}`,
      );
    assert.deepEqual(await lacking(`/flow_runs/${NOBODY}/set_state`, '[]'), [
      'missing body.state',
      'missing body.force',
    ]);
    assert.deepEqual(await lacking('/logs/filter', '5'), [
      'missing body.logs',
      'missing body.sort',
      'missing body.limit',
      'missing body.offset',
    ]);
    for (const nothing of ['', ' ', 'null', '{}']) {
      assert.deepEqual(await lacking('/flow_runs/history', nothing), [
        'missing body.history_start',
        'missing body.history_end',
        'missing body.history_interval_seconds',
      ]);
    }
    assert.deepEqual(await lacking('/flows/', 'null'), ['missing body']);
    assert.deepEqual(await lacking('/flows/', '[]'), ['model_attributes_type body']);
  }));

test('types of states are named in the order that clients print; graphs say what is not there', () =>
  withApi({}, async (api) => {
    const { run } = await ids(api);
    const answer = (await api.post(`/flow_runs/${run}/set_state`, { state: { type: 'NONE' } })).body as Refusal;
    assert.equal(
      answer.exception_detail?.[0]?.ctx?.['expected'],
      "'SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED' or 'CANCELLING'",
    );
    assert.deepEqual((await api.get(`/flow_runs/${NOBODY}/graph-v2`)).body, {
      exception_message: `Flow run ${NOBODY} not found`,
    });
    assert.deepEqual((await api.get(`/flow_runs/${NOBODY}/graph`)).body, {
      exception_message: `Flow run with id ${NOBODY} not found`,
    });
  }));

test('the version of the protocol is asked of what speaks it, not of health and version', () =>
  withApi({}, async (api) => {
    for (const version of ['abc', '0.7.0', '0.8', '']) {
      for (const path of ['/health', '/version'])
        assert.equal(
          (await api.send('GET', path, undefined, { 'x-prefect-api-version': version })).status,
          200,
          `${path} ${version}`,
        );
      assert.equal(
        (await api.send('GET', '/flows/name/one', undefined, { 'x-prefect-api-version': version })).status,
        version === '' ? 404 : 400,
        version,
      );
    }
  }));
