import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowRunId } from '../core/ids.ts';
import { isPromise } from '../core/maybe-promise.ts';
import { EVERYTHING } from '../core/query.ts';
import { openWorld } from './fixtures/world.ts';

test('a run is created with its flow, a name, a lease, a state and an event, without a turn of the loop', async () => {
  const world = openWorld();
  const process = await world.start();
  const made = world.use.createFlowRun(world.request({ processId: process }));
  assert.ok(!isPromise(made));
  assert.equal(made.name, 'agile-alpaca');
  assert.equal(made.state.type, 'PENDING');
  assert.deepEqual(made.lease, { processId: process, token: 1 });
  assert.equal(made.expectedStartTime, world.now());
  assert.deepEqual(await world.eventNames(), ['prefect.flow.created', 'prefect.flow-run.Pending']);
  assert.deepEqual(await world.use.readFlowRun(made.id), made);
});

test('a repeated request and a repeated idempotency key answer the run that is there', async () => {
  const world = openWorld();
  const request = world.request({ idempotencyKey: 'november', name: 'first' });
  const made = await world.use.createFlowRun(request);
  await world.use.setFlowRunState({ id: made.id, state: { type: 'RUNNING' } });
  assert.equal((await world.use.createFlowRun(request)).state.type, 'RUNNING');
  const other = await world.use.createFlowRun(world.request({ idempotencyKey: 'november' }));
  assert.equal(other.id, made.id);
  assert.equal(await world.use.count('flow_run', EVERYTHING), 1);
  assert.throws(() => world.use.createFlowRun(world.request({ flowName: ' ' })), { code: 'bad-input' });
});

test('a run moves by the rules; every written state has its event', async () => {
  const world = openWorld();
  const { id } = await world.use.createFlowRun(
    world.request({ policy: { retries: 1, retryDelaySeconds: [5], timeoutSeconds: null, resume: 'manual' } }),
  );
  world.advance(1);
  assert.equal((await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } })).status, 'accept');
  world.advance(2);
  const failed = await world.use.setFlowRunState({
    id,
    state: { type: 'FAILED', failure: { name: 'Error', message: 'no' } },
  });
  assert.equal(failed.status, 'reject');
  assert.equal(failed.run.state.name, 'AwaitingRetry');
  const early = await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } });
  assert.ok(early.status === 'wait' && early.delaySeconds === 5);
  world.advance(5);
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } });
  world.advance(3);
  await world.use.setFlowRunState({ id, state: { type: 'COMPLETED', data: { kind: 'unpersisted' } } });
  const run = await world.use.readFlowRun(id);
  assert.equal(run?.runCount, 2);
  assert.equal(run?.totalRunTimeUs, 5_000_000);
  const names = (await world.use.listFlowRunStates(id)).map((state) => state.name);
  assert.deepEqual(names, ['Pending', 'Running', 'AwaitingRetry', 'Running', 'Completed']);
  assert.deepEqual(await world.eventNames(), [
    'prefect.flow.created',
    ...names.map((name) => `prefect.flow-run.${name}`),
  ]);
});

test('the delay that a failed call asked for wins over the policy', async () => {
  const world = openWorld();
  const { id } = await world.use.createFlowRun(
    world.request({ policy: { retries: 1, retryDelaySeconds: [5], timeoutSeconds: null, resume: 'manual' } }),
  );
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } });
  const failed = await world.use.setFlowRunState({
    id,
    state: { type: 'FAILED', failure: null },
    retryDelaySeconds: 60,
  });
  const state = failed.run.state;
  assert.equal(state.type === 'SCHEDULED' && state.scheduledTime - world.now(), 60_000_000);
});

test('states of one run are a microsecond apart at least, also when the clock stands', async () => {
  const world = openWorld();
  const { id } = await world.use.createFlowRun(world.request());
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } });
  await world.use.setFlowRunState({ id, state: { type: 'FAILED', failure: null } });
  assert.deepEqual(
    (await world.use.listFlowRunStates(id)).map((state) => state.timestamp - world.now()),
    [0, 1, 2],
  );
});

test('an owner with an old lease is refused, forced or not', async () => {
  const world = openWorld();
  const first = await world.start();
  const second = await world.start();
  const { id } = await world.use.createFlowRun(world.request({ processId: first }));
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: 1 });
  await world.use.setFlowRunState({ id, state: { type: 'FAILED', failure: null }, leaseToken: 1 });
  await world.use.resumeFlowRun({ id, processId: second });
  const late = { id, state: { type: 'RUNNING' }, leaseToken: 1 } as const;
  assert.throws(() => world.use.setFlowRunState(late), { code: 'lease-lost' });
  assert.throws(() => world.use.setFlowRunState({ ...late, force: true }), { code: 'lease-lost' });
  assert.equal((await world.use.setFlowRunState({ ...late, leaseToken: 2 })).status, 'accept');
});

test('a missing run is not found', () => {
  const world = openWorld();
  const id = world.ids.next<FlowRunId>();
  assert.throws(() => world.use.setFlowRunState({ id, state: { type: 'RUNNING' } }), { code: 'not-found' });
  assert.throws(() => world.use.resumeFlowRun({ id, processId: world.ids.next() }), { code: 'not-found' });
  assert.throws(() => world.use.updateFlowRun(id, { name: 'x' }), { code: 'not-found' });
  assert.throws(() => world.use.cancelFlowRun(id), { code: 'not-found' });
});

test('people rename, tag and delete runs', async () => {
  const world = openWorld();
  const { id } = await world.use.createFlowRun(world.request());
  await world.use.updateFlowRun(id, { name: 'november', tags: ['eu'] });
  const run = await world.use.readFlowRun(id);
  assert.deepEqual([run?.name, run?.tags], ['november', ['eu']]);
  assert.throws(() => world.use.updateFlowRun(id, { name: '' }), { code: 'bad-input' });
  assert.equal(await world.use.deleteFlowRun(id), true);
  assert.equal(await world.use.deleteFlowRun(id), false);
  assert.deepEqual((await world.eventNames()).slice(2), ['ostinato.flow-run.updated', 'ostinato.flow-run.deleted']);
});

test('who runs a run stays so whatever else is said of it', async () => {
  const world = openWorld();
  const { id } = await world.use.createFlowRun(world.request());
  await world.use.updateFlowRun(id, { infrastructurePid: 'barn:42' });
  const run = await world.use.readFlowRun(id);
  assert.deepEqual([run?.runner, run?.submission?.infrastructurePid], ['ostinato', 'barn:42']);
  await world.use.setFlowRunState({ id, state: { type: 'FAILED', failure: null } });
  assert.equal((await world.use.foretellRetry(id))?.way, 'process');
});

test('a run is cancelled by its process when it has one, at once when it has none', async () => {
  const world = openWorld();
  const free = await world.use.createFlowRun(world.request());
  assert.equal((await world.use.cancelFlowRun(free.id)).run.state.type, 'CANCELLED');
  assert.equal((await world.use.cancelFlowRun(free.id)).status, 'abort');
  const process = await world.start();
  const held = await world.use.createFlowRun(world.request({ processId: process }));
  assert.equal((await world.use.cancelFlowRun(held.id)).run.state.type, 'CANCELLING');
  assert.deepEqual((await world.use.beat(process)).cancelling, [held.id]);
  world.kill(process);
  const gone = await world.use.createFlowRun(world.request({ processId: process }));
  const answer = await world.use.cancelFlowRun(gone.id);
  assert.equal(answer.run.state.type, 'CANCELLED');
  assert.match(answer.run.state.message ?? '', /Process 42 on barn is gone/);
});
