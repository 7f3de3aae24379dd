import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FlowRun } from '../core/flow-run.ts';
import { openWorld, type World } from './fixtures/world.ts';

/** A run of a deployment that waits for a worker. */
async function due(world: World): Promise<FlowRun> {
  const state = { type: 'SCHEDULED', scheduledTime: world.now() } as const;
  return await world.use.createFlowRun(
    world.request({ runner: 'worker', state, parameters: { kind: 'foreign', text: '{}' } }),
  );
}

test('of two workers, one gets the run, with its lease', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const { id } = await due(world);
  const claimed = await world.use.claimFlowRun({ id, processId: first });
  assert.equal(claimed.status, 'accept');
  assert.equal(claimed.run.state.type, 'PENDING');
  assert.equal(claimed.run.lease?.processId, first);
  const other = await world.use.claimFlowRun({ id, processId: second });
  assert.equal(other.status, 'abort');
  assert.equal((await world.use.readFlowRun(id))?.lease?.processId, first);
});

test('a worker that did not hear that it has the run asks again, and has it under the same lease', async () => {
  const world = openWorld();
  const [worker, child] = [await world.start(), await world.start()];
  const { id } = await due(world);
  const { run } = await world.use.claimFlowRun({ id, processId: worker });
  const again = await world.use.claimFlowRun({ id, processId: worker });
  assert.deepEqual([again.status, again.run.lease], ['accept', run.lease]);
  await world.use.resumeFlowRun({ id, processId: child, handedOver: run.lease ?? undefined });
  assert.equal((await world.use.claimFlowRun({ id, processId: worker })).status, 'abort', 'its process has it now');
});

test('the process that the worker started takes the run over from it, and nobody else does', async () => {
  const world = openWorld();
  const [worker, child, stranger] = [await world.start(), await world.start(), await world.start()];
  const { id } = await due(world);
  const { run } = await world.use.claimFlowRun({ id, processId: worker });
  const handedOver = run.lease ?? undefined;
  assert.equal((await world.use.resumeFlowRun({ id, processId: stranger })).status, 'abort');
  const taken = await world.use.resumeFlowRun({ id, processId: child, handedOver });
  assert.equal(taken.status, 'accept');
  assert.deepEqual(taken.run.lease, { processId: child, token: (handedOver?.token ?? 0) + 1 });
  const again = await world.use.resumeFlowRun({ id, processId: stranger, handedOver });
  assert.equal(again.status, 'abort');
  const unheard = await world.use.resumeFlowRun({ id, processId: child, handedOver });
  assert.deepEqual([unheard.status, unheard.run.lease], ['accept', taken.run.lease], 'it did not hear the answer');
  assert.throws(
    () => world.use.setFlowRunState({ id, state: { type: 'CRASHED', evidence: '' }, leaseToken: handedOver?.token }),
    { code: 'lease-lost' },
  );
});

test('a run whose worker died before anything began is due again, and what the dead one left is refused', async () => {
  const world = openWorld();
  const [worker, next, late] = [await world.start(), await world.start(), await world.start()];
  const { id } = await due(world);
  const { run } = await world.use.claimFlowRun({ id, processId: worker });
  const before = run.lease;
  world.advance(20);
  world.kill(worker);
  assert.deepEqual(await world.use.reapLostRuns(), [], 'nothing has ended');
  const back = await world.use.readFlowRun(id);
  assert.equal(back?.state.type, 'SCHEDULED');
  assert.match(back?.state.message ?? '', /The worker that had taken it is gone/);
  assert.equal(back?.lease, null);
  const orphan = await world.use.resumeFlowRun({ id, processId: late, handedOver: before ?? undefined });
  assert.equal(orphan.status, 'abort');
  const claimed = await world.use.claimFlowRun({ id, processId: next });
  assert.equal(claimed.status, 'accept');
  assert.ok((claimed.run.lease?.token ?? 0) > (before?.token ?? 0), 'the token has grown');
  const processes = await world.storage.listProcesses();
  assert.deepEqual(new Set(processes.map((each) => each.id)), new Set([next, late]), 'its row is of no more use');
});

test('a run that has begun is lost with its process, as any other', async () => {
  const world = openWorld();
  const [worker, child] = [await world.start(), await world.start()];
  const { id } = await due(world);
  const { run } = await world.use.claimFlowRun({ id, processId: worker });
  const taken = await world.use.resumeFlowRun({ id, processId: child, handedOver: run.lease ?? undefined });
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: taken.run.lease?.token });
  world.kill(worker);
  await world.use.reapLostRuns();
  assert.equal((await world.use.readFlowRun(id))?.state.type, 'RUNNING', 'the worker may go');
  world.kill(child);
  await world.use.reapLostRuns();
  assert.equal((await world.use.readFlowRun(id))?.state.type, 'CRASHED');
});

test('a run that waits for its next attempt in its own living process is not given away', async () => {
  const world = openWorld();
  const [owner, worker] = [await world.start(), await world.start()];
  const state = { type: 'SCHEDULED', scheduledTime: world.now() } as const;
  const { id } = await world.use.createFlowRun(world.request({ processId: owner, state }));
  assert.equal((await world.use.claimFlowRun({ id, processId: worker })).status, 'abort');
});
