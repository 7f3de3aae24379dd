import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';
import { deploy, fields, flowId, HOURLY, NOBODY, read, type Fields } from './fixtures/deployed.ts';

test('a deployment is made, read by id and by names, and has what was not said as Prefect has it', () =>
  withApi({}, async (api) => {
    const id = await flowId(api);
    const made = await api.post('/deployments/', { name: 'daily', flow_id: id, tags: ['t'] });
    assert.equal(made.status, 201);
    const { id: deploymentId, created, updated, ...rest } = fields(made);
    assert.equal(created, updated);
    assert.deepEqual(rest, {
      name: 'daily',
      version: null,
      description: null,
      flow_id: id,
      paused: false,
      schedules: [],
      concurrency_limit: null,
      global_concurrency_limit: null,
      concurrency_options: null,
      job_variables: {},
      parameters: {},
      tags: ['t'],
      labels: { 'prefect.flow.id': id },
      work_queue_name: null,
      work_queue_id: null,
      work_pool_name: null,
      last_polled: null,
      parameter_openapi_schema: {},
      path: null,
      pull_steps: [],
      entrypoint: null,
      storage_document_id: null,
      infrastructure_document_id: null,
      created_by: null,
      updated_by: null,
      status: 'NOT_READY',
      enforce_parameter_schema: true,
    });
    assert.deepEqual(await read(api, deploymentId), fields(made));
    assert.deepEqual(fields(await api.get('/deployments/name/sales/daily')), fields(made));
    for (const path of [`/deployments/${NOBODY}`, '/deployments/name/sales/other', '/deployments/name/none/daily']) {
      const missing = await api.get(path);
      assert.deepEqual([missing.status, missing.body], [404, { detail: 'Deployment not found' }], path);
    }
    const orphan = await api.post('/deployments/', { name: 'x', flow_id: NOBODY });
    assert.equal(orphan.status, 409);
  }));

test('users’ values come back to the letter', () =>
  withApi({}, async (api) => {
    const id = await flowId(api);
    const body = `{"name":"exact","flow_id":"${id}","parameters":{"a":1.0,"b":12345678901234567890},"job_variables":{"c":2.0}}`;
    assert.match((await api.post('/deployments/', body)).text, /"parameters":\{"a":1\.0,"b":12345678901234567890\}/);
    const { id: deploymentId } = fields(await api.get('/deployments/name/sales/exact'));
    const run = await api.post(`/deployments/${String(deploymentId)}/create_flow_run`, '{"parameters":{"c":3.0}}');
    assert.match(run.text, /"parameters":\{"a":1\.0,"b":12345678901234567890,"c":3\.0\}/);
  }));

test('made again, a deployment keeps what is not said, and its schedules are replaced', () =>
  withApi({}, async (api) => {
    const schedules = [
      { schedule: { cron: '0 9 * * *', timezone: 'Europe/London' }, slug: 'morning' },
      { schedule: HOURLY, active: false },
      { schedule: { rrule: 'FREQ=DAILY;COUNT=3' } },
    ];
    const first = await deploy(api, { description: 'd', version: '1', schedules });
    assert.deepEqual(
      (first['schedules'] as readonly Fields[]).map(({ schedule, active, slug }) => [schedule, active, slug]),
      [
        [{ rrule: 'FREQ=DAILY;COUNT=3', timezone: 'UTC' }, true, null],
        [{ interval: 3600, anchor_date: '2026-01-01T00:00:00.000000Z', timezone: 'UTC' }, false, null],
        [{ cron: '0 9 * * *', timezone: 'Europe/London', day_or: true }, true, 'morning'],
      ],
      'what was changed last comes first',
    );
    api.advance(5);
    const again = await api.post('/deployments/', {
      name: 'daily',
      flow_id: first['flow_id'],
      version: '2',
      schedules: [schedules[0]],
    });
    assert.equal(again.status, 200);
    const { id, description, version, schedules: now } = fields(again);
    assert.deepEqual([id, description, version, (now as unknown[]).length], [first['id'], 'd', '2', 1]);
  }));

test('schedules that cannot be are refused', () =>
  withApi({}, async (api) => {
    const flow = await flowId(api);
    for (const schedule of [
      { cron: 'not cron' },
      { cron: '0 0 * * *', timezone: 'Mars/Base' },
      { interval: 0 },
      { interval: 60, bogus: 1 },
      { rrule: 'FREQ=NEVER' },
      {},
    ]) {
      const answer = await api.post('/deployments/', { name: 'bad', flow_id: flow, schedules: [{ schedule }] });
      assert.equal(answer.status, 422, JSON.stringify([schedule, answer.body]));
    }
    assert.deepEqual((await api.post('/deployments/filter', {})).body, []);
  }));

test('an update changes what it says; schedules with slugs are changed one by one', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, {
      description: 'd',
      schedules: [
        { schedule: { cron: '0 9 * * *' }, slug: 'a', parameters: { x: 1 } },
        { schedule: HOURLY, slug: 'b' },
      ],
    });
    const patch = async (body: Fields) => await api.send('PATCH', `/deployments/${String(id)}`, body);
    assert.equal((await patch({ version: '3', paused: true })).status, 204);
    const changed = await read(api, id);
    assert.deepEqual(
      [changed['version'], changed['paused'], changed['description'], (changed['schedules'] as unknown[]).length],
      ['3', true, 'd', 2],
    );
    assert.equal((await patch({ schedules: [{ schedule: HOURLY }] })).status, 422, 'a slug is missing');
    assert.equal((await patch({ schedules: [{ slug: 'c' }] })).status, 422, 'nothing to make it of');
    assert.equal((await patch({ schedules: [{ slug: 'b', replaces: 'a' }] })).status, 422, 'taken');
    assert.equal(
      (
        await patch({
          schedules: [
            { slug: 'b', replaces: 'a' },
            { slug: 'a', replaces: 'b' },
          ],
        })
      ).status,
      204,
      'they change places',
    );
    assert.equal(
      (
        await patch({
          schedules: [
            { slug: 'a', active: false },
            { slug: 'c', schedule: HOURLY },
          ],
        })
      ).status,
      204,
    );
    const schedules = (await read(api, id))['schedules'] as readonly Fields[];
    assert.deepEqual(
      schedules
        .map(({ slug, active, schedule, parameters }) => [slug, active, Object.keys(schedule as Fields)[0], parameters])
        .sort(([one], [other]) => String(one).localeCompare(String(other))),
      [
        ['a', false, 'interval', {}],
        ['b', true, 'cron', { x: 1 }],
        ['c', true, 'interval', {}],
      ],
    );
    assert.equal((await api.send('PATCH', `/deployments/${NOBODY}`, {})).status, 404);
  }));

test('schedules are listed, made, changed and deleted by themselves', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api);
    const path = `/deployments/${String(id)}/schedules`;
    const made = await api.post(path, [{ schedule: HOURLY, slug: 'a' }, { schedule: { cron: '@daily' } }]);
    assert.equal(made.status, 201);
    const [first, second] = made.body as readonly Fields[];
    assert.equal((await api.post(path, [{ schedule: HOURLY, slug: 'a' }])).status, 409);
    const one = `${path}/${String(first?.['id'])}`;
    assert.equal((await api.send('PATCH', one, { active: false, parameters: { y: 2 } })).status, 204);
    assert.equal((await api.send('DELETE', `${path}/${String(second?.['id'])}`)).status, 204);
    const left = (await api.get(path)).body as readonly Fields[];
    assert.deepEqual(
      left.map(({ id: schedule, active, parameters, slug }) => [schedule, active, parameters, slug]),
      [[first?.['id'], false, { y: 2 }, 'a']],
    );
    for (const [method, target] of [
      ['PATCH', `${path}/${NOBODY}`],
      ['DELETE', `${path}/${NOBODY}`],
      ['DELETE', `/deployments/${NOBODY}/schedules/${String(first?.['id'])}`],
    ] as const)
      assert.equal((await api.send(method, target, {})).status, 404, target);
    assert.equal((await api.get(`/deployments/${NOBODY}/schedules`)).status, 404);
  }));

test('deployments are listed, counted and paged by what they and their flows, runs and flows say', () =>
  withApi({}, async (api) => {
    const [first, second] = [await deploy(api, { tags: ['a', 'b'] }), await deploy(api, { paused: true }, 'other')];
    await deploy(api, { name: 'weekly', work_queue_name: 'q' }, 'other');
    await api.post(`/deployments/${String(first['id'])}/create_flow_run`, { name: 'r' });
    const names = async (body: Fields) =>
      ((await api.post('/deployments/filter', body)).body as readonly Fields[]).map(
        ({ name, id }) => `${String(name)}${id === second['id'] ? ' of other' : ''}`,
      );
    assert.deepEqual(await names({ deployments: { tags: { all_: ['a'] } } }), ['daily']);
    assert.deepEqual(await names({ deployments: { paused: { eq_: true } } }), ['daily of other']);
    assert.deepEqual(await names({ deployments: { work_queue_name: { any_: ['q'] } } }), ['weekly']);
    assert.deepEqual(await names({ deployments: { flow_or_deployment_name: { like_: 'sal' } } }), ['daily']);
    assert.deepEqual(await names({ flows: { name: { any_: ['other'] } }, sort: 'NAME_DESC' }), [
      'weekly',
      'daily of other',
    ]);
    assert.deepEqual(await names({ flow_runs: { name: { any_: ['r'] } } }), ['daily']);
    assert.equal((await api.post('/deployments/count', { flows: { name: { any_: ['other'] } } })).body, 2);
    const page = fields(await api.post('/deployments/paginate', { limit: 2, page: 2 }));
    assert.deepEqual([page['count'], page['pages'], (page['results'] as unknown[]).length], [3, 2, 1]);
    const runs = async (body: Fields) => (await api.post('/flow_runs/count', body)).body;
    assert.deepEqual(
      [
        await runs({ deployments: { name: { any_: ['daily'] } } }),
        await runs({ deployments: { name: { any_: ['weekly'] } } }),
      ],
      [1, 0],
    );
    const flows = async (body: Fields) =>
      ((await api.post('/flows/filter', body)).body as readonly Fields[]).map(({ name }) => name);
    assert.deepEqual(await flows({ deployments: { tags: { all_: ['a'] } } }), ['sales']);
    await flowId(api, 'bare');
    assert.deepEqual(await flows({ flows: { deployment: { is_null_: true } } }), ['bare']);
    const ids = [first['flow_id'], second['flow_id'], NOBODY];
    assert.deepEqual((await api.post('/ui/flows/count-deployments', { flow_ids: ids })).body, {
      [String(ids[0])]: 1,
      [String(ids[1])]: 2,
      [NOBODY]: 0,
    });
    assert.equal(
      (
        fields(await api.post('/deployments/bulk_delete', { deployments: { tags: { all_: ['a'] } } }))[
          'deleted'
        ] as unknown[]
      ).length,
      1,
    );
    assert.equal((await api.send('DELETE', `/flows/${String(second['flow_id'])}`)).status, 204);
    assert.equal((await api.post('/deployments/count', {})).body, 0, 'they go with their flow');
  }));

test('clients of Prefect 2 are answered in their words', () =>
  withApi({}, async (api) => {
    const old = { 'user-agent': 'prefect/2.20.25 (API 0.8.4)' };
    const body = {
      name: 'old',
      flow_id: await flowId(api),
      infra_overrides: { env: { A: 'b' } },
      manifest_path: null,
      schedule: HOURLY,
      is_schedule_active: true,
    };
    const made = fields(await api.send('POST', '/deployments/', body, old));
    assert.deepEqual(
      [made['job_variables'], made['infra_overrides'], made['is_schedule_active'], made['manifest_path']],
      [{ env: { A: 'b' } }, { env: { A: 'b' } }, true, null],
    );
    assert.equal((made['schedule'] as Fields)['interval'], 3600);
    const path = `/deployments/${String(made['id'])}`;
    assert.equal((await api.send('POST', `${path}/set_schedule_inactive`, undefined, old)).status, 200);
    assert.equal((await read(api, made['id']))['paused'], true);
    assert.equal((await api.send('POST', `${path}/set_schedule_active`, undefined, old)).status, 200);
    assert.equal('infra_overrides' in (await read(api, made['id'])), false);
    const resource = `prefect.deployment.${String(made['id'])}`;
    assert.deepEqual((await api.get(`/automations/related-to/${resource}`)).body, []);
    assert.equal((await api.send('DELETE', `/automations/owned-by/${resource}`)).status, 202);
  }));
