/** Requests whose answer was lost come again: they are answered as the first time, and nothing is done twice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProposedState } from '../core/state.ts';
import { openWorld } from './fixtures/world.ts';

function marked(state: ProposedState, transitionId: string): ProposedState {
  return { ...state, details: { ...state.details, transitionId } };
}

test('a state that is proposed twice is entered once, and accepted twice', async () => {
  const world = openWorld();
  const process = await world.start();
  const { id } = await world.use.createFlowRun(world.request({ processId: process }));
  const request = { id, state: marked({ type: 'RUNNING' }, 'mark-1'), leaseToken: 1 };
  const first = await world.use.setFlowRunState(request);
  const again = await world.use.setFlowRunState(request);
  assert.deepEqual([first.status, again.status, again.run.runCount], ['accept', 'accept', 1]);
  assert.deepEqual(again.run, first.run);
});

test('a failure that became a wait for the next attempt is answered with that wait again', async () => {
  const world = openWorld();
  const process = await world.start();
  const made = world.request({ processId: process });
  const { id } = await world.use.createFlowRun({
    ...made,
    policy: { ...made.policy, retries: 1, retryDelaySeconds: [5] },
  });
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: 1 });
  const request = { id, state: marked({ type: 'FAILED', failure: null }, 'mark-1'), leaseToken: 1 };
  const [first, again] = [await world.use.setFlowRunState(request), await world.use.setFlowRunState(request)];
  assert.deepEqual([first.status, first.run.state.name], ['reject', 'AwaitingRetry']);
  assert.deepEqual(
    [again.status, again.status === 'reject' && again.written, again.run.state.id],
    ['reject', true, first.run.state.id],
  );
  const second = await world.use.setFlowRunState({
    ...request,
    state: marked({ type: 'FAILED', failure: null }, 'mark-2'),
  });
  assert.equal(second.run.state.type, 'FAILED', 'another mark is another proposal');
});

test('a process that asks for a lost run twice holds it once; without the mark it is told that it is held', async () => {
  const world = openWorld();
  const [first, second] = [await world.start(), await world.start()];
  const { id } = await world.use.createFlowRun(world.request({ processId: first }));
  await world.use.setFlowRunState({ id, state: { type: 'RUNNING' }, leaseToken: 1 });
  world.kill(first);
  const request = { id, processId: second, transitionId: 'mark-1' };
  const [opened, again] = [await world.use.resumeFlowRun(request), await world.use.resumeFlowRun(request)];
  assert.deepEqual([opened.status, again.status], ['accept', 'accept']);
  assert.deepEqual(again.run.lease, opened.run.lease);
  assert.equal((await world.use.resumeFlowRun({ id, processId: second })).status, 'abort');
});
