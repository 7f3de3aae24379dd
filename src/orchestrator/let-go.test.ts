import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRunId, ProcessId } from '../core/ids.ts';
import { allOf } from '../core/query.ts';
import type { ProposedState } from '../core/state.ts';
import { openWorld, SAMPLE_WORDS, type World } from './fixtures/world.ts';
import { DUE } from './work-pools/due-runs.ts';

const ENDS: readonly ProposedState[] = [
  { type: 'FAILED', failure: null, message: 'no such file' },
  { type: 'CRASHED', evidence: 'exit code 7' },
  { type: 'CANCELLED' },
];

/** A program that serves has taken a run from its queue, and runs it. */
async function served(world: World): Promise<{ id: FlowRunId; program: ProcessId; token: number | undefined }> {
  const state = { type: 'SCHEDULED', scheduledTime: world.now() } as const;
  const { id } = await world.use.createFlowRun(
    world.request({ runner: 'worker', state, parameters: { kind: 'foreign', text: '{}' } }),
  );
  const program = await world.start();
  const { run } = await world.use.resumeFlowRun({ id, processId: program, isQueued: true, words: SAMPLE_WORDS });
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: run.lease?.token });
  return { id, program, token: run.lease?.token };
}

async function scheduleAgain(world: World, id: FlowRunId): Promise<void> {
  const state = { type: 'SCHEDULED', scheduledTime: world.now() } as const;
  assert.equal((await world.use.setFlowRunState({ id, state, force: true })).status, 'accept');
}

async function isDue(world: World, id: FlowRunId): Promise<boolean> {
  const due = await world.storage.find('flow_run', { where: allOf(DUE), sort: [], limit: 5, offset: 0 });
  return due.some((run) => run.id === id);
}

for (const end of ENDS) {
  test(`a served run that has ended ${end.type} and is scheduled again is taken while its program lives`, async () => {
    const world = openWorld();
    const { id, program, token } = await served(world);
    await world.use.setFlowRunState({ id, state: end, leaseToken: token });
    await scheduleAgain(world, id);
    assert.equal(await isDue(world, id), true);
    const again = await world.use.resumeFlowRun({ id, processId: program, isQueued: true, words: SAMPLE_WORDS });
    assert.equal(again.status, 'accept');
    assert.equal(again.run.lease?.processId, program);
    assert.equal((await world.use.claimFlowRun({ id, processId: await world.start() })).status, 'abort');
  });
}

test('a run that has suspended itself goes on in whatever takes it', async () => {
  const world = openWorld();
  const { id, token } = await served(world);
  const state = { type: 'PAUSED', name: 'Suspended', details: { pauseReschedule: true } } as const;
  await world.use.setFlowRunState({ id, state, leaseToken: token, force: true });
  await scheduleAgain(world, id);
  assert.equal(await isDue(world, id), true);
  assert.equal((await world.use.claimFlowRun({ id, processId: await world.start() })).status, 'accept');
});

test('a run that waits to be taken again is not lost with the process that had it last', async () => {
  const world = openWorld();
  const { id, program, token } = await served(world);
  await world.use.setFlowRunState({ id, state: { type: 'CRASHED', evidence: 'SIGKILL' }, leaseToken: token });
  world.kill(program);
  await scheduleAgain(world, id);
  world.advance(600);
  assert.deepEqual(await world.use.reapLostRuns({ isThorough: true }), []);
  assert.equal((await world.use.readFlowRun(id))?.state.type, 'SCHEDULED');
  assert.equal((await world.use.claimFlowRun({ id, processId: await world.start() })).status, 'accept');
});

test('a run that was found lost and is scheduled again waits, too', async () => {
  const world = openWorld();
  const { id, program } = await served(world);
  world.kill(program);
  await world.use.reapLostRuns();
  assert.equal((await world.use.readFlowRun(id))?.state.type, 'CRASHED');
  await scheduleAgain(world, id);
  assert.deepEqual(await world.use.reapLostRuns({ isThorough: true }), []);
  assert.equal(await isDue(world, id), true);
});

test('a run that a worker had claimed only, and that it says has crashed, is taken again while the worker lives', async () => {
  const world = openWorld();
  const state = { type: 'SCHEDULED', scheduledTime: world.now() } as const;
  const { id } = await world.use.createFlowRun(world.request({ runner: 'worker', state }));
  const worker = await world.start();
  const { run } = await world.use.claimFlowRun({ id, processId: worker });
  const crashed = { type: 'CRASHED', evidence: 'its process could not be started' } as const;
  await world.use.setFlowRunState({ id, state: crashed, leaseToken: run.lease?.token });
  await scheduleAgain(world, id);
  const other = await world.start();
  assert.equal((await world.use.claimFlowRun({ id, processId: other })).status, 'accept');
});

test('a run that others have ended by force is its living holder’s until that is gone: its body may still run', async () => {
  const world = openWorld();
  const { id, program } = await served(world);
  await world.use.setFlowRunState({ id, state: { type: 'FAILED', failure: null }, force: true });
  await scheduleAgain(world, id);
  const other = await world.start();
  assert.equal((await world.use.claimFlowRun({ id, processId: other })).status, 'abort');
  world.kill(program);
  assert.equal((await world.use.claimFlowRun({ id, processId: other })).status, 'accept');
});
