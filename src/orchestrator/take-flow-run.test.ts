import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRun } from '../core/flow-run.ts';
import type { FlowWords } from '../core/flow-run-request.ts';
import type { ProcessId } from '../core/ids.ts';
import type { ProcessRecord } from '../core/process-record.ts';
import { allOf } from '../core/query.ts';
import { openWorld, type World } from './fixtures/world.ts';
import { DUE } from './work-pools/due-runs.ts';

const WORDS: FlowWords = {
  policy: { retries: 2, retryDelaySeconds: [5], retryType: 'in_process' },
  flowVersion: 'v7',
  entrypoint: { file: '/flows/sales.ts', exportName: null },
  durability: 'none',
  tags: ['nightly', 'eu'],
  labels: { team: 'sales' },
};

async function due(world: World): Promise<FlowRun> {
  const state = { type: 'SCHEDULED', scheduledTime: world.now() } as const;
  return await world.use.createFlowRun(
    world.request({
      runner: 'worker',
      state,
      parameters: { kind: 'foreign', text: '{}' },
      tags: ['eu'],
      labels: { region: 'north' },
    }),
  );
}

function toldOf(run: FlowRun | null) {
  return run && [run.lease, run.durability, run.flowVersion, run.entrypoint, run.policy, run.tags, run.labels];
}

function unregistered(world: World): ProcessRecord {
  const now = world.now();
  const id = world.ids.next<ProcessId>();
  return { id, pid: 7, host: 'barn', startMark: null, command: 'node serve.ts', startedAt: now, heartbeatAt: now };
}

test('a run is taken from its queue by one request: the row of the process, the lease, and what the flow says', async () => {
  const world = openWorld();
  const { id } = await due(world);
  const process = unregistered(world);
  const taken = await world.use.resumeFlowRun({ id, processId: process.id, process, isQueued: true, words: WORDS });
  assert.equal(taken.status, 'accept');
  assert.equal(taken.run.state.type, 'PENDING');
  assert.equal(taken.run.lease?.processId, process.id);
  assert.equal(taken.hasSteps, false);
  const { flowVersion, entrypoint, durability, policy, tags, labels } = taken.run;
  assert.deepEqual([flowVersion, entrypoint, durability], [WORDS.flowVersion, WORDS.entrypoint, 'none']);
  assert.deepEqual([policy.retries, policy.retryDelaySeconds, policy.resume], [2, [5], 'manual']);
  assert.deepEqual([tags, labels], [['eu', 'nightly'], { region: 'north', team: 'sales' }]);
  assert.deepEqual(toldOf(await world.use.readFlowRun(id)), toldOf(taken.run));
  assert.deepEqual(
    (await world.storage.listProcesses()).map(({ id: known }) => known),
    [process.id],
  );
  assert.ok((await world.eventNames()).includes('ostinato.flow-run.updated'));

  const other = await world.use.resumeFlowRun({ id, processId: await world.start(), isQueued: true, words: WORDS });
  assert.equal(other.status, 'abort');
  const again = await world.use.resumeFlowRun({ id, processId: process.id, isQueued: true, words: WORDS });
  assert.deepEqual([again.status, again.run.lease], ['accept', taken.run.lease], 'it did not hear the answer');

  const late = unregistered(world);
  const refused = await world.use.resumeFlowRun({ id, processId: late.id, process: late, isQueued: true });
  assert.equal(refused.status, 'abort');
  assert.ok(!(await world.storage.listProcesses()).some(({ id: known }) => known === late.id), 'it has no run');
});

test('the process that a worker has started says what its flow says while it takes the run over', async () => {
  const world = openWorld();
  const { id } = await due(world);
  const claimed = await world.use.claimFlowRun({ id, processId: await world.start() });
  const process = unregistered(world);
  const handedOver = claimed.run.lease ?? undefined;
  const taken = await world.use.resumeFlowRun({ id, processId: process.id, process, handedOver, words: WORDS });
  assert.equal(taken.status, 'accept');
  assert.deepEqual([taken.run.flowVersion, taken.run.policy.retries], ['v7', 2]);
  assert.deepEqual(toldOf(await world.use.readFlowRun(id)), toldOf(taken.run));
});

test('a run whose process died before its first attempt is due for workers again, whatever its flow has said', async () => {
  const world = openWorld();
  const { id } = await due(world);
  const process = await world.start();
  await world.use.resumeFlowRun({ id, processId: process, isQueued: true, words: WORDS });
  world.kill(process);
  await world.use.reapLostRuns();
  assert.equal((await world.use.readFlowRun(id))?.state.type, 'SCHEDULED');
  const given = await world.storage.find('flow_run', { where: allOf(DUE), sort: [], limit: 5, offset: 0 });
  assert.deepEqual(
    given.map((run) => run.id),
    [id],
  );
});

test('a run that has begun keeps what was said of it, and tells that it has steps', async () => {
  const world = openWorld();
  const { id } = await due(world);
  const first = await world.start();
  const taken = await world.use.resumeFlowRun({ id, processId: first, isQueued: true, words: WORDS });
  const leaseToken = taken.run.lease?.token;
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken });
  await world.addTask(id, 'load', { type: 'COMPLETED', data: null }, first);
  await world.use.setFlowRunState({ id, state: { type: 'CRASHED', evidence: 'gone' }, leaseToken });
  const next = await world.use.resumeFlowRun({
    id,
    processId: await world.start(),
    words: { ...WORDS, flowVersion: 'v8' },
  });
  assert.equal(next.status, 'accept');
  assert.deepEqual([next.hasSteps, next.run.flowVersion], [true, 'v7']);
});
