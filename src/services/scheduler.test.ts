import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApi, withApi, type ApiUnderTest } from '../api/fixtures/api-under-test.ts';
import type { Instant } from '../core/time.ts';
import { markLateRuns } from './late-runs.ts';
import { tickScheduler } from './scheduler.ts';

type Fields = Readonly<Record<string, unknown>>;

const fields = (answer: { readonly body: unknown }): Fields => answer.body as Fields;
const HALF_HOURLY = { interval: 1800, anchor_date: '2026-01-01T00:00:00Z' };

async function deploy(api: ApiUnderTest, more: Fields): Promise<string> {
  const flow = fields(await api.post('/flows/', { name: 'sales' }));
  return String(fields(await api.post('/deployments/', { name: 'daily', flow_id: flow['id'], ...more }))['id']);
}

async function runsOf(api: ApiUnderTest): Promise<readonly Fields[]> {
  const answer = await api.post('/flow_runs/filter', { sort: 'EXPECTED_START_TIME_ASC' });
  return answer.body as readonly Fields[];
}

const times = async (api: ApiUnderTest): Promise<readonly unknown[]> =>
  (await runsOf(api)).map((run) => run['expected_start_time']);

test('a schedule makes runs ahead, as Prefect makes them', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, {
      tags: ['t'],
      version: '7',
      parameters: { a: 1, b: 1 },
      schedules: [{ schedule: HALF_HOURLY, slug: 'often', parameters: { b: 2 } }],
    });
    const [schedule] = (await api.get(`/deployments/${id}/schedules`)).body as readonly Fields[];
    assert.deepEqual(await times(api), [], 'nothing by itself');
    const before = (await api.storage.readEvents({ afterSeq: 0, limit: 100 })).length;
    assert.equal(await tickScheduler(api.useCases), 1);
    const runs = await runsOf(api);
    const now = api.now() / 1_000_000;
    const first = Math.ceil(now / 1800) * 1800;
    const at = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', '.000000Z');
    assert.deepEqual(
      runs.map((run) => run['expected_start_time']),
      [at(first), at(first + 1800), at(first + 3600)],
      'three, and an hour',
    );
    const [run] = runs;
    const { state, created_by, labels } = run as {
      readonly state: Fields;
      readonly created_by: Fields;
      readonly labels: Fields;
    };
    assert.deepEqual(
      {
        tags: run?.['tags'],
        parameters: run?.['parameters'],
        version: run?.['deployment_version'],
        auto: run?.['auto_scheduled'],
        key: run?.['idempotency_key'],
        state: [state['type'], state['name'], state['message']],
        creator: created_by,
        deployment: labels['prefect.deployment.id'],
      },
      {
        tags: ['auto-scheduled', 't'],
        parameters: { a: 1, b: 2 },
        version: '7',
        auto: true,
        key: `scheduled ${id} ${String(schedule?.['id'])} ${at(first).replace('T', ' ').replace('.000000Z', '+00:00')}`,
        state: ['SCHEDULED', 'Scheduled', 'Flow run scheduled'],
        creator: { id: schedule?.['id'], type: 'SCHEDULE', display_value: 'often' },
        deployment: id,
      },
    );
    assert.equal((await api.storage.readEvents({ afterSeq: 0, limit: 100 })).length, before, 'nothing is told of them');
  }));

test('parameters of a schedule say which slot a run is for; an unknown name is refused, and nothing is made', () =>
  withApi({}, async (api) => {
    const parameters = { from: '{{ slot.start }}', to: '{{ slot.end }}', other: '{{ region }}', count: 1 };
    const schedule = { interval: 1800, anchor_date: '2026-01-01T00:00:00Z', timezone: 'Asia/Kolkata' };
    const id = await deploy(api, { schedules: [{ schedule, parameters }] });
    await tickScheduler(api.useCases);
    const [run] = await runsOf(api);
    const start = Date.parse(String(run?.['expected_start_time']));
    const local = (ms: number): string => new Date(ms + 19_800_000).toISOString().replace('.000Z', '+05:30');
    const told = { from: local(start), to: local(start + 1_800_000), other: '{{ region }}', count: 1 };
    assert.deepEqual(run?.['parameters'], told);
    const wrong = [{ schedule, parameters: { from: '{{ slot.begin }}' } }];
    const refused = await api.post(`/deployments/${id}/schedules`, wrong);
    assert.deepEqual([refused.status, JSON.stringify(refused.body).includes('parameter from has')], [422, true]);
    assert.equal(((await api.get(`/deployments/${id}/schedules`)).body as unknown[]).length, 1);
  }));

test('what is not due is not looked at; as time passes, runs follow; none is made twice', () =>
  withApi({}, async (api) => {
    await deploy(api, { schedules: [{ schedule: HALF_HOURLY }] });
    assert.equal(await tickScheduler(api.useCases), 1);
    assert.equal(await tickScheduler(api.useCases), 0);
    for (let step = 0; step < 48; step += 1) {
      api.advance(600);
      await tickScheduler(api.useCases);
    }
    const all = await times(api);
    assert.equal(new Set(all).size, all.length);
    const start = Date.parse(String(all[0]));
    assert.deepEqual(
      all,
      all.map((_, index) => new Date(start + index * 1_800_000).toISOString().replace('.000Z', '.000000Z')),
      'none is missing',
    );
    const ahead = all.filter((time) => Date.parse(String(time)) * 1000 >= api.now());
    assert.ok(ahead.length >= 3 && ahead.length <= 4, `${ahead.length}`);
  }));

test('runs that people took away stay away', () =>
  withApi({}, async (api) => {
    await deploy(api, { schedules: [{ schedule: HALF_HOURLY }] });
    await tickScheduler(api.useCases);
    const [first] = await runsOf(api);
    await api.send('DELETE', `/flow_runs/${String(first?.['id'])}`);
    api.advance(1200);
    await tickScheduler(api.useCases);
    assert.equal((await times(api)).includes(first?.['expected_start_time']), false);
  }));

test('a change takes back what was made ahead, and not what has begun', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { schedules: [{ schedule: HALF_HOURLY }] });
    await tickScheduler(api.useCases);
    const [begun] = await runsOf(api);
    await api.post(`/flow_runs/${String(begun?.['id'])}/set_state`, { state: { type: 'PENDING' } });
    const manual = fields(await api.post(`/deployments/${id}/create_flow_run`, {}))['id'];
    await api.send('PATCH', `/deployments/${id}`, { parameters: { x: 1 } });
    const ids = async () => new Set((await runsOf(api)).map((run) => run['id']));
    assert.deepEqual(await ids(), new Set([begun?.['id'], manual]));
    await tickScheduler(api.useCases);
    const after = await runsOf(api);
    assert.equal(after.length, 4, 'the slot that has begun is not made again');
    assert.deepEqual(
      after.filter((run) => run['auto_scheduled']).map((run) => run['parameters']),
      [{}, { x: 1 }, { x: 1 }],
    );
  }));

test('nothing is made while a deployment or a schedule rests, and what was made is taken back', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { schedules: [{ schedule: HALF_HOURLY, slug: 'a' }] });
    const [schedule] = (await api.get(`/deployments/${id}/schedules`)).body as readonly Fields[];
    const one = `/deployments/${id}/schedules/${String(schedule?.['id'])}`;
    const counts: number[] = [];
    const tick = async () => {
      await tickScheduler(api.useCases);
      counts.push((await times(api)).length);
    };
    await tick();
    assert.equal((await api.post(`/deployments/${id}/pause_deployment`)).status, 200);
    await tick();
    assert.equal((await api.post(`/deployments/${id}/resume_deployment`)).status, 200);
    await tick();
    await api.send('PATCH', one, { active: false });
    await tick();
    await api.send('PATCH', one, { active: true });
    await tick();
    await api.send('DELETE', one);
    await tick();
    assert.deepEqual(counts, [3, 0, 3, 0, 3, 0]);
    assert.equal(
      (await api.post(`/deployments/${'0'.repeat(8)}-0000-4000-8000-000000000000/pause_deployment`)).status,
      404,
    );
  }));

test('runs are made of a range on demand, of none twice', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { schedules: [{ schedule: HALF_HOURLY }] });
    const range = { start_time: '2026-02-01T00:00:00Z', end_time: '2026-02-01T03:00:00Z', min_runs: 100 };
    for (let time = 0; time < 2; time += 1)
      assert.deepEqual(
        [(await api.post(`/deployments/${id}/schedule`, range)).status, (await times(api)).length],
        [200, 7],
      );
  }));

test('a schedule of each second makes a hundred runs at once, and half of them before it is looked at again', () =>
  withApi({}, async (api) => {
    await deploy(api, { schedules: [{ schedule: { interval: 1, anchor_date: '2026-01-01T00:00:00Z' } }] });
    const ticks: number[] = [];
    for (let second = 0; second < 60; second += 10) {
      ticks.push(await tickScheduler(api.useCases));
      api.advance(10);
    }
    assert.deepEqual(ticks, [1, 0, 0, 0, 0, 1]);
    assert.equal((await api.post('/flow_runs/count', {})).body, 150);
  }));

test('a schedule that comes to its end is looked at no more', () =>
  withApi({}, async (api) => {
    await deploy(api, { schedules: [{ schedule: { rrule: 'DTSTART:20260101T000000\nRRULE:FREQ=DAILY;COUNT=3' } }] });
    assert.equal(await tickScheduler(api.useCases), 1);
    api.advance(400 * 86_400);
    assert.equal(await tickScheduler(api.useCases), 0);
    assert.deepEqual(await times(api), []);
  }));

test('a run that nobody takes at its time is late', () =>
  withApi({}, async (api) => {
    await deploy(api, { schedules: [{ schedule: HALF_HOURLY }] });
    await tickScheduler(api.useCases);
    api.advance(1830);
    assert.equal(await markLateRuns(api.useCases, api.now()), 1);
    const [late] = await runsOf(api);
    assert.equal(late?.['state_name'], 'Late');
  }));

test('two servers make each run once', async () => {
  const api = openApi();
  await deploy(api, { schedules: [{ schedule: HALF_HOURLY }, { schedule: HALF_HOURLY }] });
  await Promise.all([tickScheduler(api.useCases), tickScheduler(api.useCases)]);
  assert.equal((await times(api)).length, 6, 'two schedules are two, though they are alike');
  assert.equal((await api.storage.listDueSchedules(api.now() as Instant, 10)).length, 0);
  await api.close();
});
