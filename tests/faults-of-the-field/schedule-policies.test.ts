/** Faults of catching up and of overlaps that users of other orchestrators have reported, each by its report. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi, type ApiUnderTest } from '../../src/api/fixtures/api-under-test.ts';
import type { FlowRunId } from '../../src/core/ids.ts';
import { tickScheduler } from '../../src/services/scheduler.ts';
import { makeProcess } from '../conformance/samples.ts';

type Fields = Readonly<Record<string, unknown>>;

const HOURLY = { interval: 3600, anchor_date: '2026-01-01T00:00:00Z' };
const HOUR = 3600;

async function deploy(api: ApiUnderTest, policy: Fields): Promise<string> {
  // A quarter past the hour.
  api.advance(HOUR - ((api.now() / 1_000_000) % HOUR) + 900);
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Fields;
  const schedules = [{ schedule: HOURLY, ...policy }];
  const made = await api.post('/deployments/', { name: 'daily', flow_id: flow['id'], schedules });
  assert.equal(made.status, 201, made.text);
  await tickScheduler(api.useCases);
  return String((made.body as Fields)['id']);
}

async function tickFor(api: ApiUnderTest, seconds: number, step = 300): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    api.advance(step);
    await tickScheduler(api.useCases);
  }
}

/** What became of the slots that are due, the first first. */
async function outcomes(api: ApiUnderTest, id: string): Promise<readonly unknown[]> {
  const before = new Date(api.now() / 1000).toISOString();
  const { slots } = (await api.post(`/deployments/${id}/slots/filter`, { before })).body as {
    slots: readonly Fields[];
  };
  return slots.map(({ outcome }) => outcome).toReversed();
}

async function due(api: ApiUnderTest): Promise<readonly Fields[]> {
  const runs = (await api.post('/flow_runs/filter', { sort: 'EXPECTED_START_TIME_ASC' })).body as readonly Fields[];
  const now = api.now() / 1000;
  return runs.filter(
    (run) => run['state_type'] === 'SCHEDULED' && Date.parse(String(run['expected_start_time'])) <= now,
  );
}

/** As our workers do. */
async function claim(api: ApiUnderTest, run: Fields | undefined): Promise<{ status: string; reason: unknown }> {
  const worker = makeProcess({ heartbeatAt: api.now() });
  await api.storage.writeProcess(worker);
  const { id: processId } = worker;
  const answer = await api.useCases.claimFlowRun({ id: run?.['id'] as FlowRunId, processId });
  return { status: answer.status, reason: 'reason' in answer ? answer.reason : null };
}

const end = async (api: ApiUnderTest, run: Fields | undefined, type = 'COMPLETED'): Promise<void> => {
  const answer = await api.post(`/flow_runs/${String(run?.['id'])}/set_state`, { state: { type }, force: true });
  assert.equal(answer.status, 201, answer.text);
};

for (const way of ['an outage', 'a pause', 'a schedule that is not active', 'no worker'] as const) {
  const pass = async (api: ApiUnderTest, id: string): Promise<void> => {
    const [schedule] = (await api.get(`/deployments/${id}/schedules`)).body as readonly Fields[];
    const one = `/deployments/${id}/schedules/${String(schedule?.['id'])}`;
    switch (way) {
      case 'an outage':
        api.advance(5 * HOUR);
        break;
      case 'a pause':
        await api.post(`/deployments/${id}/pause_deployment`);
        await tickFor(api, 5 * HOUR);
        await api.post(`/deployments/${id}/resume_deployment`);
        break;
      case 'a schedule that is not active':
        await api.send('PATCH', one, { active: false });
        await tickFor(api, 5 * HOUR);
        await api.send('PATCH', one, { active: true });
        break;
      case 'no worker':
        await tickFor(api, 5 * HOUR);
    }
    await tickScheduler(api.useCases);
  };

  test(`Kestra #14349, Prefect #15886: after ${way}, the latest of five missed slots runs, and the others say so`, () =>
    withApi({}, async (api) => {
      const id = await deploy(api, { catch_up: 'latest' });
      await pass(api, id);
      assert.deepEqual(await outcomes(api, id), [...Array.from({ length: 4 }, () => 'collapsed'), null]);
      assert.equal((await due(api)).length, 1);
      assert.equal((await claim(api, (await due(api))[0])).status, 'accept');
    }));

  test(`after ${way}, all missed slots run where all are to be caught up, but those that are too late`, () =>
    withApi({}, async (api) => {
      const id = await deploy(api, { catch_up: 'all', max_lateness: 3 * HOUR });
      await pass(api, id);
      assert.deepEqual(await outcomes(api, id), ['expired', 'expired', null, null, null]);
      assert.equal((await due(api)).length, 3);
    }));

  test(`after ${way}, nothing runs that was missed where nothing is caught up`, () =>
    withApi({}, async (api) => {
      const id = await deploy(api, { catch_up: 'none' });
      await pass(api, id);
      const all = await outcomes(api, id);
      const rested = way === 'a pause' || way === 'a schedule that is not active';
      assert.deepEqual(new Set(all), new Set([rested ? 'held' : 'expired']));
      assert.equal((await due(api)).length, 0);
    }));
}

test('Prefect #9054: a run that a worker finds too late is not begun, also when no server has looked since', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { max_lateness: 60 });
    await tickFor(api, HOUR - 900);
    const [late] = await due(api);
    api.advance(600);
    const answer = await claim(api, late);
    assert.equal(answer.status, 'abort');
    assert.match(String(answer.reason), /schedule history/);
    assert.deepEqual(await outcomes(api, id), ['expired']);
  }));

test('Windmill #10844: slots that come while a run is under way are told as skipped, each', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { overlap: 'skip' });
    await tickFor(api, HOUR);
    const [first] = await due(api);
    assert.equal((await claim(api, first)).status, 'accept');
    await tickFor(api, 3 * HOUR);
    assert.deepEqual(await outcomes(api, id), ['run', 'skipped', 'skipped', 'skipped']);
    await end(api, first);
    await tickFor(api, HOUR);
    assert.deepEqual((await outcomes(api, id)).slice(-2), ['skipped', null], 'the next one runs');
    assert.equal((await claim(api, (await due(api))[0])).status, 'accept');
  }));

test('Temporal #11530: with overlap queue one slot waits, none is lost, none is doubled', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { overlap: 'queue', catch_up: 'all' });
    await tickFor(api, HOUR);
    const [first] = await due(api);
    assert.equal((await claim(api, first)).status, 'accept');
    await tickFor(api, 2 * HOUR);
    const waiting = await due(api);
    assert.equal(waiting.length, 2);
    for (const run of waiting) assert.equal((await claim(api, run)).status, 'abort', 'not while the first is running');
    await end(api, first);
    assert.equal((await claim(api, waiting[1])).status, 'abort', 'the other one is first');
    assert.equal((await claim(api, waiting[0])).status, 'accept');
    assert.equal((await claim(api, waiting[1])).status, 'abort');
    await end(api, waiting[0]);
    assert.equal((await claim(api, waiting[1])).status, 'accept');
    assert.deepEqual(await outcomes(api, id), ['run', 'run', 'run']);
  }));

test('Kestra #7429: with overlap cancelOldest the run under way is cancelled, and the slot begins when it is gone', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { overlap: 'cancelOldest' });
    await tickFor(api, HOUR);
    const [first] = await due(api);
    assert.equal((await claim(api, first)).status, 'accept');
    await tickFor(api, HOUR);
    const state = (await api.get(`/flow_runs/${String(first?.['id'])}`)).body as Fields;
    assert.match(String(state['state_type']), /^CANCELL(ING|ED)$/);
    const [second] = await due(api);
    if (state['state_type'] === 'CANCELLING') {
      assert.equal((await claim(api, second)).status, 'abort');
      await end(api, first, 'CANCELLED');
    }
    assert.equal((await claim(api, second)).status, 'accept');
    assert.equal((await outcomes(api, id)).length, 2);
  }));

test('with overlap cancelNewest slots end as cancelled while a run is under way', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, { overlap: 'cancelNewest' });
    await tickFor(api, HOUR);
    assert.equal((await claim(api, (await due(api))[0])).status, 'accept');
    await tickFor(api, 2 * HOUR);
    assert.deepEqual(await outcomes(api, id), ['run', 'cancelled', 'cancelled']);
  }));

test('a worker of Prefect is told not to begin, too', () =>
  withApi({}, async (api) => {
    await deploy(api, { overlap: 'skip', catch_up: 'all' });
    await tickFor(api, HOUR);
    const asked = async (run: Fields | undefined) => {
      const headers = { 'user-agent': 'prefect/3.9.1 (API 0.8.4)' };
      const body = { state: { type: 'PENDING' } };
      const answer = await api.send('POST', `/flow_runs/${String(run?.['id'])}/set_state`, body, headers);
      return (answer.body as Fields)['status'];
    };
    const [first] = await due(api);
    assert.equal(await asked(first), 'ACCEPT');
    api.advance(HOUR);
    assert.equal(await asked((await due(api))[0]), 'ABORT');
  }));

test('schedules of clients of Prefect have no policy: all runs that were made ahead stay', () =>
  withApi({}, async (api) => {
    const id = await deploy(api, {});
    await tickFor(api, 5 * HOUR);
    assert.deepEqual(await outcomes(api, id), [null, null, null, null, null]);
    assert.equal((await due(api)).length, 5);
    const { schedules } = (await api.post(`/deployments/${id}/slots/filter`)).body as { schedules: readonly Fields[] };
    assert.equal(schedules[0]?.['policy'], null);
  }));
