/** What the pages of deployments ask for, and the form by which a run is started. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_DEPLOYMENT_PAGE, UI_DEPLOYMENTS_PAGE } from '../contract/routes/ui-deployments.ts';
import type { DeploymentId } from '../core/ids.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { deploy, fields, NOBODY, SCHEMA, type Fields } from './fixtures/deployed.ts';

const DAILY = { cron: '30 2 * * *', timezone: 'Europe/Berlin' };
const page = async (api: ApiUnderTest, body: Fields = {}): Promise<Fields> =>
  fields(await api.post('/ui/pages/deployments', body));
const rows = ({ deployments }: Fields): readonly Fields[] => deployments as readonly Fields[];
const inOrder = (list: unknown, by: string): readonly Fields[] =>
  (list as readonly Fields[]).toSorted((a, b) => String(a[by]).localeCompare(String(b[by])));
const one = async (api: ApiUnderTest, id: unknown): Promise<Fields> =>
  fields(await api.get(`/ui/pages/deployments/${String(id)}`));
const later = (api: ApiUnderTest, seconds: number): string => new Date(api.now() / 1000 + seconds * 1000).toISOString();

test('the page of deployments: each with its schedules in words, its next run, its newest runs', () =>
  withApi({}, async (api) => {
    assert.deepEqual(
      await page(api).then(({ deployments, count, has_deployments: has }) => [deployments, count, has]),
      [[], 0, false],
    );
    await api.post('/work_pools/', { name: 'local', type: 'process' });
    const daily = await deploy(api, {
      description: 'Sales of the day',
      tags: ['nightly'],
      work_pool_name: 'local',
      schedules: [{ schedule: DAILY }, { schedule: { interval: 3600, anchor_date: later(api, 60) }, active: false }],
    });
    await deploy(api, { name: 'by-hand', paused: true, schedules: [{ schedule: DAILY }] }, 'other');
    const failed = fields(
      await api.post(`/deployments/${String(daily['id'])}/create_flow_run`, {
        state: { type: 'FAILED', message: 'the warehouse refused' },
      }),
    );
    const listed = await page(api);
    assert.ok(Value.Check(UI_DEPLOYMENTS_PAGE.answers[200], listed), JSON.stringify(listed));
    assert.deepEqual([listed['count'], listed['has_deployments']], [2, true]);
    const [byHand, found] = rows(listed);
    assert.deepEqual(
      [found?.['flow_name'], found?.['name'], found?.['work_pool_name'], found?.['work_queue_name']],
      ['sales', 'daily', 'local', 'default'],
    );
    assert.deepEqual(
      inOrder(found?.['schedules'], 'words').map(({ words, active }) => [words, active]),
      [
        ['every day at 02:30, Europe/Berlin', true],
        ['every hour', false],
      ],
    );
    assert.deepEqual(
      [found?.['last_message'], inOrder(found?.['runs'], 'id').map(({ id }) => id)],
      ['the warehouse refused', [failed['id']]],
    );
    assert.ok(Date.parse(String(found?.['next_run_at'])) > api.now() / 1000);
    assert.equal(byHand?.['next_run_at'], null, 'the schedules of a paused one make no runs');

    const asked = { state: { type: 'SCHEDULED', state_details: { scheduled_time: later(api, 30) } } };
    const soon = fields(await api.post(`/deployments/${String(byHand?.['id'])}/create_flow_run`, asked));
    const [again] = rows(await page(api, { deployments: { paused: { eq_: true } } }));
    assert.equal(again?.['next_run_at'], soon['expected_start_time'], 'a run that was asked for waits all the same');
    assert.deepEqual(
      rows(await page(api, { deployments: { flow_or_deployment_name: { like_: 'SALE' } } })).map(({ name }) => name),
      ['daily'],
    );
    assert.deepEqual(
      rows(await page(api, { limit: 1, offset: 1 })).map(({ name }) => name),
      ['daily'],
    );
    const nothing = await page(api, { deployments: { name: { any_: ['nobody'] } } });
    assert.deepEqual([nothing['count'], nothing['has_deployments']], [0, true]);
  }));

test('the page of a deployment: next dates with changes of clocks, runs that wait, who takes them', () =>
  withApi({}, async (api) => {
    assert.equal((await api.get(`/ui/pages/deployments/${NOBODY}`)).status, 404);
    await api.post('/work_pools/', { name: 'local', type: 'process' });
    await api.post('/work_pools/local/workers/heartbeat', { name: 'box-1' });
    const { id } = await deploy(api, {
      work_pool_name: 'local',
      parameters: { amount: 0.1 },
      schedules: [{ schedule: DAILY }],
    });
    const shown = await one(api, id);
    assert.ok(Value.Check(UI_DEPLOYMENT_PAGE.answers[200], shown), JSON.stringify(shown));
    const [schedule] = shown['schedules'] as readonly Fields[];
    const [next, changes] = [schedule?.['next'], schedule?.['at_clock_changes']] as readonly (readonly Fields[])[];
    assert.equal(next?.length, 10);
    assert.deepEqual(changes?.map(({ mark }) => mark).sort(), ['fold', 'gap']);
    assert.deepEqual(shown['pool'], {
      name: 'local',
      type: 'process',
      is_paused: false,
      status: 'READY',
      queue_name: 'default',
      is_queue_paused: false,
      online_worker_count: 1,
    });
    await api.post(`/deployments/${String(id)}/create_flow_run`, { state: { type: 'COMPLETED' } });
    await api.post(`/deployments/${String(id)}/create_flow_run`, { name: 'at-once' });
    const { runs, run_count: count, waiting, waiting_count: waits } = await one(api, id);
    assert.deepEqual([(runs as unknown[]).length, count, waits], [1, 1, 1]);
    assert.deepEqual(
      (waiting as readonly Fields[]).map(({ name }) => name),
      ['at-once'],
    );
  }));

test('a form makes one run, tells what is wrong by its field, and changes no number', () =>
  withApi({}, async (api) => {
    const { id } = await deploy(api, {
      parameter_openapi_schema: SCHEMA,
      enforce_parameter_schema: true,
      parameters: { x: 1 },
    });
    const path = `/ui/deployments/${String(id)}/run`;
    const form = { form_id: randomUUID(), parameters: { x: 7 }, name: 'by form', tags: ['by-hand'] };
    const wrong = fields(await api.post(path, { ...form, parameters: { x: 'seven', name: 7 } }));
    assert.deepEqual(
      [wrong['flow_run'], (wrong['problems'] as readonly Fields[]).map(({ path: at }) => at)],
      [null, [['x'], ['name']]],
    );
    const made = fields(await api.post(path, form));
    const { id: runId } = fields({ body: made['flow_run'] });
    assert.deepEqual(made, { flow_run: { id: runId, name: 'by form' }, refused: null, problems: [] });
    assert.deepEqual(fields(await api.post(path, form))['flow_run'], made['flow_run'], 'sent twice, it is one run');
    const run = fields(await api.get(`/flow_runs/${String(runId)}`));
    assert.deepEqual([run['parameters'], run['tags'], run['state_type']], [{ x: 7 }, ['by-hand'], 'SCHEDULED']);
    const at = later(api, 3600);
    const planned = fields(await api.post(path, { form_id: randomUUID(), parameters: {}, at }));
    const { id: plannedId } = fields({ body: planned['flow_run'] });
    const waiting = fields(await api.get(`/flow_runs/${String(plannedId)}`));
    assert.equal(Date.parse(String(waiting['expected_start_time'])), Date.parse(at));
    assert.equal((await api.post(`/ui/deployments/${NOBODY}/run`, form)).status, 404);
  }));

test('a copy has all that the first has, is paused, and takes no other place', () =>
  withApi({}, async (api) => {
    await api.post('/work_pools/', { name: 'local', type: 'process' });
    const first = await deploy(api, {
      description: 'of the day',
      tags: ['nightly'],
      work_pool_name: 'local',
      concurrency_limit: 3,
      parameters: { amount: 0.1 },
      job_variables: { env: { A: '1' } },
      on_crash: 'resume',
      schedules: [
        {
          schedule: DAILY,
          slug: 'night',
          overlap: 'skip',
          jitter: 60,
          end: '2040-06-30',
          exclusions: [{ from: '2030-12-24' }],
        },
      ],
    });
    const path = `/ui/deployments/${String(first['id'])}/duplicate`;
    assert.equal((await api.post(path, { name: 'daily' })).status, 409);
    assert.equal((await api.post(path, { name: '' })).status, 422);
    assert.equal((await api.post(`/ui/deployments/${NOBODY}/duplicate`, { name: 'x' })).status, 404);
    const { id } = fields(await api.post(path, { name: 'weekly' }));
    const read = (one: unknown) => api.get(`/deployments/${String(one)}`).then(fields);
    const [copy, before] = [await read(id), await read(first['id'])];
    const own = new Set(['id', 'name', 'paused', 'created', 'updated', 'schedules', 'global_concurrency_limit']);
    const rest = (one: Fields) => Object.fromEntries(Object.entries(one).filter(([name]) => !own.has(name)));
    assert.deepEqual(rest(copy), rest(before));
    assert.deepEqual([copy['name'], copy['paused'], before['paused']], ['weekly', true, false]);
    assert.equal(fields({ body: copy['global_concurrency_limit'] })['limit'], 3);
    const scheduleOf = (one: Fields) => {
      const [schedule] = one['schedules'] as readonly Fields[];
      const itself = new Set(['id', 'deployment_id', 'created', 'updated']);
      return Object.fromEntries(Object.entries(schedule ?? {}).filter(([name]) => !itself.has(name)));
    };
    assert.deepEqual(scheduleOf(copy), scheduleOf(before));
    assert.deepEqual([scheduleOf(copy)['slug'], scheduleOf(copy)['jitter'], copy['on_crash']], ['night', 60, 'resume']);
    const kept = await api.useCases.readDeployment({ id: id as DeploymentId });
    assert.equal(kept?.schedules[0]?.policy?.overlap, 'skip');
  }));
