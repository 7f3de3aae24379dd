/** Runs that a worker takes before their time, and those that it may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRunId } from '../core/ids.ts';
import { tickScheduler } from '../services/scheduler.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';

type Fields = Readonly<Record<string, unknown>>;

const WORKER = '018f0000-0000-7000-8000-0000000000aa';

async function deploy(api: ApiUnderTest, fields: Fields = {}): Promise<string> {
  await api.post('/work_pools/', { name: 'p', type: 'process' });
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
  const body = { name: 'nightly', flow_id: flow['id'], work_pool_name: 'p', ...fields };
  const made = await api.post('/deployments/', body);
  assert.equal(made.status, 201, made.text);
  return String((made.body as Fields)['id']);
}

async function run(api: ApiUnderTest, deployment: string, seconds: number, name?: string): Promise<string> {
  const at = new Date(api.now() / 1000 + seconds * 1000).toISOString();
  const state = { type: 'SCHEDULED', state_details: { scheduled_time: at }, ...(name === undefined ? {} : { name }) };
  const made = await api.post(`/deployments/${deployment}/create_flow_run`, { state });
  assert.equal(made.status, 201, made.text);
  return String((made.body as Fields)['id']);
}

/** Why it is not given; `null`: it is. */
async function claim(api: ApiUnderTest, id: string): Promise<unknown> {
  const claimed = await api.post(`/ostinato/flow_runs/${id}/claim`, { process_id: WORKER, worker: 'w' });
  assert.equal(claimed.status, 200, claimed.text);
  return (claimed.body as Fields)['reason'];
}

const told = async (api: ApiUnderTest, prefetchSeconds: number) => {
  const look = await api.useCases.lookForDue({ poolName: 'p', queueNames: [], prefetchSeconds }, 10);
  const next = look.nextAt === null ? null : (look.nextAt - api.now()) / 1_000_000;
  return { ids: look.due.map(({ id }) => id as string), next };
};

test('a run is taken before its time, says so, and begins at its time', () =>
  withApi({}, async (api) => {
    const deployment = await deploy(api);
    const [soon, later, now] = [
      await run(api, deployment, 8),
      await run(api, deployment, 60),
      await run(api, deployment, 0),
    ];
    assert.deepEqual(await told(api, 0), { ids: [now], next: 8 });
    assert.deepEqual(await told(api, 10), { ids: [now, soon], next: 8 });
    assert.equal(await claim(api, soon), null);
    const found = (await api.get(`/flow_runs/${soon}`)).body as { state: Fields } & Fields;
    assert.equal(found.state['type'], 'PENDING');
    assert.match(String(found.state['message']), /^It is prepared before its time: it begins at 20.*Z\.$/);
    const why = (await api.get(`/flow_runs/${soon}/why`)).body as Fields;
    assert.match(String(why['headline']), /^Is being prepared, and waits for its scheduled time, 20.*Z \(in 8 s\)\.$/);
    const begin = async () =>
      ((await api.post(`/flow_runs/${soon}/set_state`, { state: { type: 'RUNNING' } })).body as Fields)['status'];
    assert.equal(await begin(), 'WAIT');
    assert.deepEqual(await told(api, 10), { ids: [now], next: 50 }, 'the next is looked at when it is to be prepared');
    api.advance(8);
    assert.equal(await begin(), 'ACCEPT');
    api.advance(42);
    assert.deepEqual((await told(api, 10)).ids, [now, later]);
  }));

test('one that waits for more than its time is not told of, nor given, before it', () =>
  withApi({}, async (api) => {
    const retried = await run(api, await deploy(api), 8, 'AwaitingRetry');
    assert.deepEqual(await told(api, 10), { ids: [], next: 8 });
    assert.equal(await claim(api, retried), 'It is AwaitingRetry, and given at its time.');
    api.advance(7.5);
    assert.equal(await claim(api, retried), null, 'clocks are no more exact');
  }));

for (const [where, limit] of [
  ['of the pool', (api: ApiUnderTest) => api.send('PATCH', '/work_pools/p', { concurrency_limit: 5 })],
  ['of the queue', (api: ApiUnderTest) => api.send('PATCH', '/work_pools/p/queues/default', { concurrency_limit: 5 })],
] as const)
  test(`a slot ${where} is for who runs: nothing is taken early`, () =>
    withApi({}, async (api) => {
      const early = await run(api, await deploy(api), 8);
      assert.equal((await limit(api)).status, 204);
      assert.deepEqual(await told(api, 10), { ids: [], next: 8 });
      assert.equal(await claim(api, early), 'A limit counts its runs: it is given at its time.');
      api.advance(8);
      assert.deepEqual((await told(api, 10)).ids, [early]);
      assert.equal(await claim(api, early), null);
    }));

test('nor is a slot of its deployment', () =>
  withApi({}, async (api) => {
    const early = await run(api, await deploy(api, { concurrency_limit: 2 }), 8);
    assert.equal(await claim(api, early), 'A limit counts its runs: it is given at its time.');
  }));

test('a slot of a schedule whose fate is open is given at its time, others early', () =>
  withApi({}, async (api) => {
    api.advance(60 - ((api.now() / 1_000_000) % 60));
    const schedule = { interval: 60, anchor_date: '2026-01-01T00:00:00Z' };
    const deployment = await deploy(api, { schedules: [{ schedule, catch_up: 'latest', overlap: 'skip' }] });
    await tickScheduler(api.useCases);
    const nextRun = async (): Promise<string> => {
      const found = (await api.post('/flow_runs/filter', {
        flow_runs: { state: { type: { any_: ['SCHEDULED'] } }, deployment_id: { any_: [deployment] } },
        sort: 'NEXT_SCHEDULED_START_TIME_ASC',
        limit: 1,
      })) as { body: Fields[] };
      return String(found.body[0]?.['id']);
    };
    const first = await nextRun();
    api.advance(55);
    assert.equal(await claim(api, first), null, 'nothing else of the schedule is there');
    api.advance(5);
    await tickScheduler(api.useCases);
    assert.equal((await api.post(`/flow_runs/${first}/set_state`, { state: { type: 'RUNNING' } })).status, 201);
    const second = await nextRun();
    assert.notEqual(second, first);
    api.advance(55);
    assert.equal(await claim(api, second), 'What becomes of its slot is decided at its time.');
    assert.notEqual(await api.useCases.readFlowRun(second as FlowRunId), null, 'nothing was decided');
    api.advance(1);
    await api.post(`/flow_runs/${first}/set_state`, { state: { type: 'COMPLETED' } });
    await tickScheduler(api.useCases);
    assert.equal(await claim(api, second), null);
  }));
