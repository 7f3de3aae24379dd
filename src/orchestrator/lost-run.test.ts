import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowRun } from '../core/flow-run.ts';
import type { ProcessId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import { openWorld, type World } from './fixtures/world.ts';
import { reapLostRuns } from './reap-lost-runs.ts';

async function running(world: World, processId: ProcessId): Promise<FlowRun> {
  const { id } = await world.use.createFlowRun(world.request({ processId }));
  return (await world.use.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: 1 })).run;
}

test('a run whose process is gone is marked Crashed with the evidence, and so are its open tasks', async () => {
  const world = openWorld();
  const process = await world.start();
  const run = await running(world, process);
  const done = await world.addTask(run.id, 'load', { type: 'COMPLETED', data: null });
  const open = await world.addTask(run.id, 'clean', { type: 'RUNNING' });
  const waiting = await world.addTask(run.id, 'report', { type: 'PENDING' });
  assert.deepEqual(await world.use.reapLostRuns(), []);
  world.advance(3);
  world.kill(process);
  const lost = await world.use.reapLostRuns();
  assert.deepEqual(
    lost.map((each) => each.id),
    [run.id],
  );
  const state = (await world.use.readFlowRun(run.id))?.state;
  assert.equal(
    state?.type === 'CRASHED' && state.evidence,
    'Process 42 on barn is gone: no such pid. Its last heartbeat came at 2025-06-15T15:06:40Z. Then ran: "clean" (since 2025-06-15T15:06:40Z).',
  );
  assert.deepEqual(world.recovered, [process]);
  assert.equal((await world.use.readTaskRun(done.id))?.state.type, 'COMPLETED');
  for (const task of [open, waiting]) assert.equal((await world.use.readTaskRun(task.id))?.state.type, 'CRASHED');
  assert.deepEqual(await world.use.reapLostRuns(), []);
  assert.deepEqual(await world.storage.listProcesses(), []);
});

test('the runs of a process that was heard of just now are left when that is asked for', async () => {
  const world = openWorld();
  const process = await world.start();
  const run = await running(world, process);
  world.kill(process);
  world.advance(59);
  assert.deepEqual(await world.use.reapLostRuns({ quietSeconds: 60 }), []);
  assert.equal((await world.storage.listProcesses()).length, 1, 'its row is still needed');
  world.advance(1);
  assert.deepEqual(
    (await world.use.reapLostRuns({ quietSeconds: 60 })).map(({ id }) => id),
    [run.id],
  );
});

test('a process that only seemed gone is refused when it comes back', async () => {
  const world = openWorld();
  const process = await world.start();
  const run = await running(world, process);
  world.kill(process);
  await world.use.reapLostRuns();
  assert.throws(
    () => world.use.setFlowRunState({ id: run.id, state: { type: 'COMPLETED', data: null }, leaseToken: 1 }),
    { code: 'lease-lost' },
  );
});

test('a run that was being cancelled when its process was lost is Cancelled', async () => {
  const world = openWorld();
  const process = await world.start();
  const run = await running(world, process);
  await world.use.setFlowRunState({ id: run.id, state: { type: 'CANCELLING' } });
  world.kill(process);
  await world.use.reapLostRuns();
  assert.equal((await world.use.readFlowRun(run.id))?.state.type, 'CANCELLED');
});

test('a task outside any flow is lost with its process, once, and with the evidence', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const open = await world.addTask(null, 'poll', { type: 'RUNNING' }, first);
  const waiting = await world.addTask(null, 'later', { type: 'PENDING' }, first);
  const done = await world.addTask(null, 'load', { type: 'COMPLETED', data: null }, first);
  const living = await world.addTask(null, 'watch', { type: 'RUNNING' }, second);
  await world.use.endProcess(first);
  assert.equal((await world.storage.listProcesses()).length, 2, 'a process that holds a task keeps its row');
  world.kill(first);
  assert.deepEqual(await world.use.reapLostRuns(), []);
  await world.use.reapLostRuns();
  const state = (await world.use.readTaskRun(open.id))?.state;
  assert.match(
    state?.type === 'CRASHED' ? (state.evidence ?? '') : '',
    /^Process 42 on barn is gone: no such pid\. Its last heartbeat came at/,
  );
  assert.match((await world.use.explainRun(open.id))?.headline ?? '', /^Crashed: Process 42 on barn is gone/);
  assert.deepEqual(
    await Promise.all(
      [open, waiting, done, living].map(async ({ id }) =>
        (await world.use.listTaskRunStates(id)).map(({ type }) => type),
      ),
    ),
    [['RUNNING', 'CRASHED'], ['PENDING', 'CRASHED'], ['COMPLETED'], ['RUNNING']],
  );
  assert.deepEqual(world.recovered, [first]);
  assert.deepEqual(
    (await world.storage.listProcesses()).map(({ id }) => id),
    [second],
  );
});

test('a process that takes leave while it holds runs keeps its row, by which they are found', async () => {
  const world = openWorld();
  const free = await world.use.createFlowRun(world.request());
  const process = await world.start();
  const run = await running(world, process);
  await world.use.endProcess(process);
  assert.deepEqual(await world.use.reapLostRuns(), []);
  world.kill(process);
  assert.deepEqual(
    (await world.use.reapLostRuns()).map((each) => each.id),
    [run.id],
  );
  assert.equal((await world.use.readFlowRun(free.id))?.state.type, 'PENDING');
  const other = await world.start();
  await world.use.endProcess(other);
  assert.deepEqual(await world.storage.listProcesses(), []);
});

test('a run of a process without a row is found with the next lost process', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const run = await running(world, first);
  await world.storage.deleteProcess(first);
  world.kill(second);
  assert.deepEqual(
    (await world.use.reapLostRuns()).map((each) => each.id),
    [run.id],
  );
  assert.match((await world.use.readFlowRun(run.id))?.state.message ?? '', /no longer registered/);
});

test('many runs and tasks are reaped page by page', async () => {
  const world = openWorld();
  const process = await world.start();
  const first = await running(world, process);
  for (let i = 0; i < 1100; i += 1) await world.addTask(first.id, `task-${i}`, { type: 'RUNNING' });
  for (let i = 0; i < 600; i += 1) await world.use.createFlowRun(world.request({ processId: process }));
  world.kill(process);
  assert.equal((await world.use.reapLostRuns()).length, 601);
  assert.deepEqual(await world.use.countByState('task_run', matching({ flowRunId: first.id })), { CRASHED: 1100 });
});

test('a new attempt: what failed is opened again under a newer lease', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const run = await running(world, first);
  await world.use.setFlowRunState({ id: run.id, state: { type: 'FAILED', failure: null }, leaseToken: 1 });
  const opened = await world.use.resumeFlowRun({ id: run.id, processId: second });
  assert.equal(opened.status, 'accept');
  assert.deepEqual(opened.run.lease, { processId: second, token: 2 });
  assert.equal(opened.run.state.name, 'AwaitingRetry');
  assert.equal(opened.run.endTime, null);
  const again = await world.use.setFlowRunState({ id: run.id, state: { type: 'RUNNING' }, leaseToken: 2 });
  assert.deepEqual([again.status, again.run.runCount], ['accept', 2]);
});

test('a lost run is continued without waiting for the reaper: first its loss is recorded', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const run = await running(world, first);
  const open = await world.addTask(run.id, 'clean', { type: 'RUNNING' });
  world.kill(first);
  const opened = await world.use.resumeFlowRun({ id: run.id, processId: second });
  assert.equal(opened.status, 'accept');
  assert.deepEqual(world.recovered, [first]);
  assert.deepEqual(
    (await world.use.listFlowRunStates(run.id)).map((state) => state.name),
    ['Pending', 'Running', 'Crashed', 'AwaitingRetry'],
  );
  assert.equal((await world.use.readTaskRun(open.id))?.state.type, 'CRASHED');
  assert.equal(opened.run.lease?.processId, second);
});

test('no second process gets a run that is held by a living one, or that completed', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const run = await running(world, first);
  const held = await world.use.resumeFlowRun({ id: run.id, processId: second });
  assert.equal(held.status === 'abort' && held.reason, 'Run is Running in a process that is alive (pid 42 on barn).');
  await world.use.setFlowRunState({ id: run.id, state: { type: 'COMPLETED', data: null }, leaseToken: 1 });
  assert.equal((await world.use.resumeFlowRun({ id: run.id, processId: second })).status, 'abort');
});

test('of two that open a new attempt at once, one gets it', async () => {
  const world = openWorld();
  const [first, second, third] = [await world.start(), await world.start(), await world.start()];
  const run = await running(world, first);
  world.kill(first);
  const answers = await Promise.all(
    [second, third].map(async (processId) => world.use.resumeFlowRun({ id: run.id, processId })),
  );
  assert.deepEqual(answers.map((answer) => answer.status).toSorted(), ['abort', 'accept']);
});

test('a run that waits for somebody is taken as it is', async () => {
  const world = openWorld();
  const process = await world.start();
  const { id } = await world.use.createFlowRun(world.request());
  const taken = await world.use.resumeFlowRun({ id, processId: process });
  assert.deepEqual(
    [taken.status, taken.run.state.type, taken.run.lease],
    ['accept', 'PENDING', { processId: process, token: 1 }],
  );
  const outside = await world.use.createFlowRun(world.request({ state: { type: 'RUNNING' } }));
  assert.equal((await world.use.resumeFlowRun({ id: outside.id, processId: process })).status, 'abort');
});

test('a run that is marked Crashed leaves no task run open, whoever ran it', async () => {
  const world = openWorld();
  for (const runner of ['ostinato', 'worker'] as const) {
    const { id } = await world.use.createFlowRun(world.request({ runner }));
    await world.use.setFlowRunState({ id, state: { type: 'RUNNING' } });
    const done = await world.addTask(id, `load ${runner}`, { type: 'COMPLETED', data: null });
    const open = await world.addTask(id, `clean ${runner}`, { type: 'RUNNING' });
    const state = { type: 'CRASHED', message: 'the machine is gone', evidence: 'the machine is gone' } as const;
    await world.use.setFlowRunState({ id, state, force: true });
    assert.equal((await world.use.readTaskRun(done.id))?.state.type, 'COMPLETED');
    const ended = (await world.use.readTaskRun(open.id))?.state;
    assert.deepEqual([ended?.type, ended?.message], ['CRASHED', 'the machine is gone']);
  }
});

test('what else it is marked: its open task runs are cancelled with it, or Crashed', async () => {
  const world = openWorld();
  for (const [state, end] of [
    [{ type: 'CANCELLED' }, 'CANCELLED'],
    [{ type: 'COMPLETED', data: null }, 'CRASHED'],
    [{ type: 'FAILED', failure: null }, 'CRASHED'],
  ] as const) {
    const { id } = await world.use.createFlowRun(world.request());
    const open = await world.addTask(id, `clean ${state.type}`, { type: 'RUNNING' });
    await world.use.setFlowRunState({ id, state, force: true });
    const ended = (await world.use.readTaskRun(open.id))?.state;
    assert.equal(ended?.type, end);
    assert.match(ended?.message ?? '', /^Its flow run was marked/);
  }
});

test('of a process that was found dead first, its worker tells how it ended; the outcome and its time stay', async () => {
  const world = openWorld();
  const process = await world.start();
  const run = await running(world, process);
  world.kill(process);
  const [lost] = await world.use.reapLostRuns();
  world.advance(2);
  const told = { id: run.id, leaseToken: 0, evidence: 'Signal SIGKILL.', message: 'Signal SIGKILL. It wrote: x' };
  const events = await world.eventNames();
  assert.equal(await world.use.tellProcessEnd({ ...told, leaseToken: 5 }), false, 'another lease');
  for (let times = 0; times < 2; times += 1) assert.equal(await world.use.tellProcessEnd(told), true);
  const state = (await world.use.readFlowRun(run.id))?.state;
  assert.deepEqual([state?.id, state?.type, state?.timestamp], [lost?.state.id, 'CRASHED', lost?.state.timestamp]);
  assert.equal(state?.message, 'Signal SIGKILL. It wrote: x');
  assert.match((state?.type === 'CRASHED' && state.evidence) || '', /^Signal SIGKILL\. Process 42 on barn is gone/);
  assert.deepEqual((await world.use.listFlowRunStates(run.id)).at(-1), state);
  assert.deepEqual(await world.eventNames(), events);
});

test('runs that wait for their time are not read, however many there are', async () => {
  const world = openWorld();
  const process = await world.start();
  const run = await running(world, process);
  for (let made = 0; made < 600; made += 1)
    await world.use.createFlowRun(world.request({ state: { type: 'SCHEDULED', scheduledTime: world.now() } }));
  let reads = 0;
  const storage = new Proxy(world.storage, {
    get(target, name): unknown {
      if (name === 'list') reads += 1;
      return Reflect.get(target, name);
    },
  });
  assert.deepEqual(await reapLostRuns({ ...world.ports, storage }, { isThorough: true }), []);
  assert.equal(reads, 1, 'one page, of those that somebody holds');
  world.kill(process);
  const lost = await reapLostRuns({ ...world.ports, storage });
  assert.deepEqual(
    lost.map(({ id }) => id),
    [run.id],
  );
});
