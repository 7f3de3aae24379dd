import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';
import { deploy, fields, flowId, HOURLY, NOBODY, read, SCHEMA, type Fields } from './fixtures/deployed.ts';

test('a run of a deployment has its parameters, tags and labels; what it says comes over them', () =>
  withApi({}, async (api) => {
    const deployment = await deploy(api, {
      parameters: { x: 1, name: 'a' },
      tags: ['d'],
      version: '7',
      labels: { team: 'sales' },
      parameter_openapi_schema: SCHEMA,
    });
    const path = `/deployments/${String(deployment['id'])}/create_flow_run`;
    const made = await api.post(path, { parameters: { name: 'b' }, tags: ['r'], idempotency_key: 'once' });
    assert.equal(made.status, 201);
    const run = fields(made);
    assert.deepEqual(
      [run['deployment_id'], run['deployment_version'], run['parameters'], run['tags'], run['state_name']],
      [deployment['id'], '7', { x: 1, name: 'b' }, ['d', 'r'], 'Scheduled'],
    );
    assert.deepEqual(run['labels'], {
      team: 'sales',
      'prefect.flow.id': deployment['flow_id'],
      'prefect.deployment.id': deployment['id'],
    });
    const again = await api.post(path, { idempotency_key: 'once', parameters: { x: 5 } });
    assert.deepEqual([again.status, fields(again)['id']], [200, run['id']]);
    assert.equal((await api.post(`/deployments/${NOBODY}/create_flow_run`, {})).status, 404);
    assert.equal((await api.post(path, { work_queue_name: 'q' })).status, 400);
  }));

test('parameters must come about and fit the schema, where it is enforced', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, { parameter_openapi_schema: SCHEMA });
    const path = `/deployments/${String(id)}/create_flow_run`;
    const run = async (body: Fields) => {
      const { status, body: answer } = await api.post(path, body);
      return status < 300 ? [status, (answer as Fields)['parameters']] : [status, (answer as Fields)['detail']];
    };
    assert.deepEqual(await run({ parameters: { x: 'one' } }), [
      409,
      "Error creating flow run: Validation failed for field 'x'. Failure reason: 'one' is not of type 'integer'",
    ]);
    assert.deepEqual(await run({}), [
      409,
      "Error creating flow run: Validation failed. Failure reason: 'x' is a required property",
    ]);
    assert.deepEqual(await run({ parameters: { x: 'one' }, enforce_parameter_schema: false }), [201, { x: 'one' }]);
    assert.deepEqual(await run({ parameters: { x: { __prefect_kind: 'json', value: '3' } } }), [201, { x: 3 }]);
    assert.deepEqual(
      await run({ parameters: { x: { __prefect_kind: 'json', value: '{' } } }).then(([status]) => status),
      400,
    );
    await api.post('/variables/', { name: 'count', value: 8 });
    assert.deepEqual(
      await run({ parameters: { x: { __prefect_kind: 'workspace_variable', variable_name: 'count' } } }),
      [201, { x: 8 }],
    );
    const patch = async (body: Fields) => (await api.send('PATCH', `/deployments/${String(id)}`, body)).status;
    assert.equal(await patch({ parameters: { x: 'one' } }), 409);
    assert.equal(await patch({ parameters: { name: 'only' } }), 204, 'what is required may come with the run');
    assert.equal(await patch({ parameter_openapi_schema: null }), 204);
    assert.equal(await patch({ parameters: {} }), 409, 'there is no schema to enforce');
    assert.equal(await patch({ parameters: {}, enforce_parameter_schema: false }), 204);
  }));

test('many runs are made at once; what is wrong with one is told in its place', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, { parameter_openapi_schema: SCHEMA });
    const path = `/deployments/${String(id)}/create_flow_run/bulk`;
    const { results } = fields(await api.post(path, [{ parameters: { x: 1 } }, { parameters: { x: '1' } }])) as {
      readonly results: readonly Fields[];
    };
    assert.deepEqual(
      results.map(({ status }) => status),
      ['CREATED', 'FAILED'],
    );
    assert.match(String(results[1]?.['error']), /Validation failed for field 'x'/);
    assert.equal(
      (
        await api.post(
          path,
          Array.from({ length: 101 }, () => ({})),
        )
      ).status,
      400,
    );
  }));

test('whoever asks for runs of a deployment gets those that are due, and makes it ready', () =>
  withApi({}, async (api) => {
    const [{ id }, other] = [await deploy(api), await deploy(api, {}, 'other')];
    const make = async (deployment: unknown, after: number) => {
      const scheduled_time = new Date(api.now() / 1000 + after * 1000).toISOString();
      return fields(
        await api.post(`/deployments/${String(deployment)}/create_flow_run`, {
          state: { type: 'SCHEDULED', state_details: { scheduled_time } },
        }),
      )['id'];
    };
    const [later, soon, far] = [await make(id, 8), await make(id, 2), await make(id, 60)];
    await make(other['id'], 1);
    const scheduled_before = new Date(api.now() / 1000 + 10_000).toISOString().replace('T', ' ').replace('Z', '+00:00');
    const poll = async (body: Fields) =>
      ((await api.post('/deployments/get_scheduled_flow_runs', body)).body as readonly Fields[]).map(
        (run) => run['id'],
      );
    assert.deepEqual(await poll({ deployment_ids: [id], scheduled_before }), [soon, later]);
    assert.deepEqual(await poll({ deployment_ids: [id] }), [soon, later, far]);
    assert.deepEqual(await poll({ deployment_ids: [id], limit: 1 }), [soon]);
    const ready = await read(api, id);
    assert.deepEqual([ready['status'], (await read(api, other['id']))['status']], ['READY', 'NOT_READY']);
    assert.notEqual(ready['last_polled'], null);
    assert.equal(await api.useCases.endReadiness(api.now()), 1);
    assert.equal((await read(api, id))['status'], 'NOT_READY');
    const names = (await api.storage.readEvents({ afterSeq: 0, limit: 100 })).map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => name.startsWith('prefect.deployment.')),
      [
        'prefect.deployment.created',
        'prefect.deployment.created',
        'prefect.deployment.ready',
        'prefect.deployment.not-ready',
      ],
    );
  }));

test('a limit of its own comes and goes with the deployment; a limit that others share stays', () =>
  withApi({}, async (api) => {
    const limitOf = async (id: unknown) => {
      const limit = (await read(api, id))['global_concurrency_limit'] as Fields | null;
      return limit && [limit['name'], limit['limit']];
    };
    const { id } = await deploy(api, {
      concurrency_limit: 2,
      concurrency_options: { collision_strategy: 'CANCEL_NEW' },
    });
    assert.deepEqual(await limitOf(id), [`deployment:${String(id)}`, 2]);
    // Prefect's server tells of the time that nobody has said, too.
    const { concurrency_options: options } = await read(api, id);
    assert.deepEqual(options, { collision_strategy: 'CANCEL_NEW', grace_period_seconds: null });
    await api.send('PATCH', `/deployments/${String(id)}`, { concurrency_limit: 3 });
    assert.deepEqual(await limitOf(id), [`deployment:${String(id)}`, 3]);
    const shared = fields(await api.post('/v2/concurrency_limits/', { name: 'shared', limit: 1 }));
    await api.send('PATCH', `/deployments/${String(id)}`, { global_concurrency_limit_id: shared['id'] });
    assert.deepEqual(await limitOf(id), ['shared', 1]);
    assert.equal((await api.get(`/v2/concurrency_limits/deployment:${String(id)}`)).status, 404);
    assert.equal(
      (await api.send('PATCH', `/deployments/${String(id)}`, { global_concurrency_limit_id: NOBODY })).status,
      404,
    );
    assert.equal((await api.send('DELETE', `/deployments/${String(id)}`)).status, 204);
    assert.equal((await api.get('/v2/concurrency_limits/shared')).status, 200);
    const other = await deploy(api, { concurrency_limit: 1 }, 'other');
    await api.send('DELETE', `/deployments/${String(other['id'])}`);
    assert.equal((await api.get(`/v2/concurrency_limits/deployment:${String(other['id'])}`)).status, 404);
  }));

test('a run that finds no slot of its deployment waits, or is cancelled, as the deployment says', () =>
  withApi({}, async (api) => {
    const outcome = async (id: unknown): Promise<unknown[]> => {
      const told: unknown[] = [];
      for (let run = 0; run < 2; run += 1) {
        const { id: runId } = fields(await api.post(`/deployments/${String(id)}/create_flow_run`, {}));
        const answer = fields(await api.post(`/flow_runs/${String(runId)}/set_state`, { state: { type: 'PENDING' } }));
        told.push((answer['state'] as Fields)['name']);
      }
      return told;
    };
    const options = (collision_strategy: string): Fields => ({
      concurrency_limit: 1,
      concurrency_options: { collision_strategy },
    });
    const enqueues = await deploy(api, options('ENQUEUE'));
    assert.deepEqual(await outcome(enqueues['id']), ['Pending', 'AwaitingConcurrencySlot']);
    const cancels = await deploy(api, options('CANCEL_NEW'), 'other');
    assert.deepEqual(await outcome(cancels['id']), ['Pending', 'Cancelled']);
    const shared = fields(await api.post('/v2/concurrency_limits/', { name: 'shared', limit: 1 }));
    const pair = [];
    for (const flow of ['one', 'two'])
      pair.push((await deploy(api, { global_concurrency_limit_id: shared['id'] }, flow))['id']);
    const first = await outcome(pair[0]);
    assert.deepEqual(
      [...first, (await outcome(pair[1]))[0]],
      ['Pending', 'AwaitingConcurrencySlot', 'AwaitingConcurrencySlot'],
    );
  }));

test('a run that a client makes of a deployment by itself has the labels of the deployment', () =>
  withApi({}, async (api) => {
    const { id, flow_id } = await deploy(api, { labels: { team: 'sales' } });
    const run = fields(await api.post('/flow_runs/', { flow_id, deployment_id: id, labels: { own: 1 } }));
    assert.deepEqual(run['labels'], { team: 'sales', 'prefect.flow.id': flow_id, 'prefect.deployment.id': id, own: 1 });
  }));

test('a deployment sends its runs to a queue of its pool, and is ready when the queue is asked for work', () =>
  withApi({}, async (api) => {
    const flow = await flowId(api);
    const missing = await api.post('/deployments/', { name: 'x', flow_id: flow, work_pool_name: 'none' });
    assert.deepEqual([missing.status, missing.body], [404, { detail: 'Work pool "none" not found.' }]);
    const template = {
      job_configuration: { cpu: '{{ cpu }}' },
      variables: { type: 'object', properties: { cpu: { type: 'integer', title: 'cpu' } } },
    };
    await api.post('/work_pools/', { name: 'own', type: 'process', base_job_template: template });
    const where = (fieldsOf: Fields): unknown[] => [fieldsOf['work_pool_name'], fieldsOf['work_queue_name']];
    const made = await deploy(api, { work_pool_name: 'own', schedules: [{ schedule: HOURLY }] });
    assert.deepEqual(where(made), ['own', 'default']);
    const wrong = await api.send('PATCH', `/deployments/${String(made['id'])}`, {
      work_pool_name: 'own',
      job_variables: { cpu: 'many' },
    });
    assert.deepEqual(
      [wrong.status, fields(wrong)['detail']],
      [
        409,
        "Error creating deployment: Validation failed for field 'cpu'. Failure reason: 'many' is not valid under any of the given schemas",
      ],
    );
    assert.deepEqual((await read(api, made['id']))['job_variables'], {}, 'nothing has changed');
    const fresh = { name: 'fresh', flow_id: flow, work_pool_name: 'own', job_variables: { cpu: 'many' } };
    assert.equal((await api.post('/deployments/', fresh)).status, 422);
    await api.send('PATCH', `/deployments/${String(made['id'])}`, { work_pool_name: 'own', work_queue_name: 'fast' });
    const moved = await read(api, made['id']);
    assert.deepEqual([...where(moved), moved['work_queue_id'] === null], ['own', 'fast', false]);
    await api.useCases.scheduleAhead(10);
    const run = fields(
      await api.post(`/deployments/${String(made['id'])}/create_flow_run`, { job_variables: { cpu: 2 } }),
    );
    assert.deepEqual([...where(run), run['work_queue_id']], ['own', 'fast', moved['work_queue_id']]);
    const other = fields(
      await api.post(`/deployments/${String(made['id'])}/create_flow_run`, { work_queue_name: 'slow' }),
    );
    assert.deepEqual(where(other), ['own', 'slow']);
    assert.equal(
      (await api.post(`/deployments/${String(made['id'])}/create_flow_run`, { job_variables: { cpu: '2x' } })).status,
      422,
    );
    const due = (await api.post('/work_pools/own/get_scheduled_flow_runs', { work_queue_names: ['fast'] })).body;
    assert.equal((due as unknown[]).length, 4, 'those of the schedule, too');
    assert.equal((await read(api, made['id']))['status'], 'READY');
    assert.equal((await api.post('/deployments/count', { work_pools: { name: { any_: ['own'] } } })).body, 1);
    await api.send('DELETE', '/work_pools/own/queues/fast');
    assert.deepEqual(where(await read(api, made['id'])), [null, 'fast']);
    const agents = await deploy(api, { work_queue_name: 'agents' }, 'other');
    assert.deepEqual(where(agents), ['default-agent-pool', 'agents']);
    await api.send('PATCH', `/deployments/${String(agents['id'])}`, { work_pool_name: null });
    assert.deepEqual(where(await read(api, agents['id'])), [null, null]);
  }));
