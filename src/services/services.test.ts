import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApi, type ApiUnderTest } from '../api/fixtures/api-under-test.ts';
import { addSeconds, instantFromMs } from '../core/time.ts';
import { createManualClock } from './fixtures/manual-clock.ts';
import { CancelledRuns, endCancelling } from './cancellation.ts';
import { markLateRuns } from './late-runs.ts';
import { startLoops } from './loops.ts';
import { expirePauses } from './pause-expiry.ts';

interface Row {
  readonly id: string;
  readonly state_type: string;
  readonly state_name: string;
  readonly state: { readonly message: string | null };
}

async function openRun(api: ApiUnderTest, body: object = {}): Promise<string> {
  const flow = (await api.post('/flows/', { name: 'sales' })).body as Row;
  return ((await api.post('/flow_runs/', { flow_id: flow.id, ...body })).body as Row).id;
}

async function stateOf(api: ApiUnderTest, path: string): Promise<readonly (string | null)[]> {
  const { state_type, state_name, state } = (await api.get(path)).body as Row;
  return [state_type, state_name, state.message];
}

const iso = (instant: number): string => new Date(instant / 1000).toISOString();

test('a pause that nobody ended in time has failed; others wait on', async () => {
  const api = openApi();
  const [late, waiting] = [await openRun(api), await openRun(api)];
  for (const [id, after] of [
    [late, 10],
    [waiting, 100],
  ] as const) {
    await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' } });
    const details = { pause_key: '1', pause_timeout: iso(addSeconds(api.now(), after)) };
    await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'PAUSED', state_details: details } });
  }
  assert.equal(await expirePauses(api.useCases, api.now()), 0);
  api.advance(11);
  assert.equal(await expirePauses(api.useCases, api.now()), 1);
  assert.deepEqual(await stateOf(api, `/flow_runs/${late}`), [
    'FAILED',
    'Failed',
    'The flow was paused and never resumed.',
  ]);
  assert.equal((await stateOf(api, `/flow_runs/${waiting}`))[0], 'PAUSED');
  await api.close();
});

test('cancelling that nobody confirms ends after five minutes', async () => {
  const api = openApi();
  const id = await openRun(api);
  await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' } });
  await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'CANCELLING' } });
  api.advance(299);
  assert.equal(await endCancelling(api.useCases, api.now()), 0);
  api.advance(2);
  assert.equal(await endCancelling(api.useCases, api.now()), 1);
  assert.deepEqual(await stateOf(api, `/flow_runs/${id}`), [
    'CANCELLED',
    'Cancelled',
    'Flow run cancellation timed out; marked this flow run as Cancelled.',
  ]);
  await api.close();
});

test('what is open below a cancelled run is cancelled: its tasks, and its subflows with theirs', async () => {
  const api = openApi();
  const parent = await openRun(api, { state: { type: 'RUNNING' } });
  const task = async (flowRun: string, key: string, state: object) =>
    ((await api.post('/task_runs/', { flow_run_id: flowRun, task_key: key, dynamic_key: '0', state })).body as Row).id;
  const open = await task(parent, 'extract', { type: 'RUNNING' });
  const done = await task(parent, 'load', { type: 'COMPLETED' });
  const placeholder = await task(parent, 'sub', { type: 'PENDING' });
  const child = await openRun(api, { parent_task_run_id: placeholder, state: { type: 'RUNNING' } });
  const inner = await task(child, 'deep', { type: 'RUNNING' });
  await api.post(`/flow_runs/${parent}/set_state`, { state: { type: 'CANCELLED' }, force: true });
  const service = new CancelledRuns(api.useCases);
  assert.equal(await service.tick(api.now()), 2);
  assert.equal(await service.tick(api.now()), 1, 'the subflow is a cancelled run by now');
  assert.equal(await service.tick(api.now()), 0);
  for (const id of [open, placeholder, inner])
    assert.deepEqual(await stateOf(api, `/task_runs/${id}`), [
      'CANCELLED',
      'Cancelled',
      'The parent flow run was cancelled.',
    ]);
  assert.deepEqual(await stateOf(api, `/flow_runs/${child}`), [
    'CANCELLED',
    'Cancelled',
    'The parent flow run was cancelled.',
  ]);
  assert.equal((await stateOf(api, `/task_runs/${done}`))[0], 'COMPLETED');
  await api.close();
});

test('runs that nobody took at their time are marked late, once, and keep their time', async () => {
  const api = openApi();
  const due = await openRun(api, { state: { type: 'SCHEDULED' } });
  const later = await openRun(api, {
    state: { type: 'SCHEDULED', state_details: { scheduled_time: iso(addSeconds(api.now(), 60)) } },
  });
  const retrying = await openRun(api, { state: { type: 'SCHEDULED', name: 'AwaitingRetry' } });
  const scheduledFor = ((await api.get(`/flow_runs/${due}`)).body as { next_scheduled_start_time: string })
    .next_scheduled_start_time;
  api.advance(14);
  assert.equal(await markLateRuns(api.useCases, api.now()), 0);
  api.advance(2);
  assert.equal(await markLateRuns(api.useCases, api.now()), 1);
  assert.equal(await markLateRuns(api.useCases, api.now()), 0);
  assert.equal((await stateOf(api, `/flow_runs/${due}`))[1], 'Late');
  assert.equal(
    ((await api.get(`/flow_runs/${due}`)).body as { next_scheduled_start_time: string }).next_scheduled_start_time,
    scheduledFor,
  );
  assert.deepEqual(
    [(await stateOf(api, `/flow_runs/${later}`))[1], (await stateOf(api, `/flow_runs/${retrying}`))[1]],
    ['Scheduled', 'AwaitingRetry'],
  );
  await api.close();
});

test('loops run one at a time, go on after a failure, and end what runs when they are stopped', async () => {
  const clock = createManualClock(instantFromMs(0));
  const failures: unknown[] = [];
  let ticks = 0;
  let release = (): void => {};
  const tick = (): Promise<void> => {
    ticks += 1;
    if (ticks === 1) throw new Error('no');
    return new Promise((resolve) => (release = resolve));
  };
  const loops = startLoops(clock, [{ name: 'it', everySeconds: 5, tick: async () => tick() }], (name, error) =>
    failures.push([name, String(error)]),
  );
  await clock.advance(5);
  assert.deepEqual(failures, [['it', 'Error: no']]);
  await clock.advance(5);
  assert.equal(ticks, 2);
  await clock.advance(60);
  assert.equal(ticks, 2, 'it still runs');
  let isStopped = false;
  const stopped = loops.stop().then(() => (isStopped = true));
  await clock.advance(0);
  assert.equal(isStopped, false);
  release();
  await stopped;
  await clock.advance(60);
  assert.equal(ticks, 2);
});
