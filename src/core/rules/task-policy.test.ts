import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateId } from '../ids.ts';
import type { ProposedState } from '../state.ts';
import { applyToTaskRun } from './apply-task-run.ts';
import { decide } from './decide.ts';
import type { TaskRunFacts } from './facts.ts';
import type { Policy } from './policy.ts';
import { ownedTaskPolicy, taskPolicy } from './task-policy.ts';
import { sampleState, sampleTaskRun, seconds, T0, TASK_FACTS } from './fixtures/sample.ts';

const ID = 'next' as StateId;
const running: ProposedState = { type: 'RUNNING' };
const awaiting: ProposedState = { type: 'SCHEDULED', name: 'AwaitingRetry', scheduledTime: T0 };
const failed: ProposedState = { type: 'FAILED', failure: null };
const unkept: ProposedState = { type: 'COMPLETED', data: { kind: 'unpersisted' } };
const kept: ProposedState = { type: 'COMPLETED', data: { kind: 'inline', text: '1', hash: 'h' } };

function decideTask(
  from: ProposedState,
  to: ProposedState,
  facts: Partial<TaskRunFacts> = {},
  policy: Policy<TaskRunFacts> = ownedTaskPolicy,
) {
  return decide(policy, sampleState(from), to, { ...TASK_FACTS, ...facts }, seconds(1), ID);
}

test('a run that starts again is named after why', () => {
  const again = decideTask(awaiting, running, { runCount: 1 });
  assert.equal(again.status === 'accept' && again.state.name, 'Retrying');
  const rerun = decideTask({ type: 'PENDING' }, running, { runCount: 1 });
  assert.equal(rerun.status === 'accept' && rerun.state.name, 'Rerunning');
  const first = decideTask({ type: 'PENDING' }, running);
  assert.equal(first.status === 'accept' && first.state.name, 'Running');
});

test('the delay of a retry: the policy, jitter by the draw, or what was asked for', () => {
  const policy = { ...TASK_FACTS.policy, retries: 3, retryDelaySeconds: [10], retryJitterFactor: 0.5 };
  const delay = (facts: Partial<TaskRunFacts>): number | null => {
    const decision = decideTask(running, failed, { policy, runCount: 1, ...facts });
    return decision.status === 'reject' && decision.state?.type === 'SCHEDULED'
      ? (decision.state.scheduledTime - seconds(1)) / 1e6
      : null;
  };
  assert.equal(delay({}), 10);
  assert.equal(delay({ draw: 0 }), 5);
  assert.equal(delay({ draw: 0.75 }), 12.5);
  assert.equal(delay({ retryDelaySeconds: 42, draw: 0 }), 42);
  assert.equal(delay({ runCount: 4 }), null);
});

test('no task starts in a flow run that stands still', () => {
  assert.equal(decideTask({ type: 'PENDING' }, running, { flowRunStateType: 'CANCELLING' }).status, 'abort');
  const paused = decideTask({ type: 'PENDING' }, running, { flowRunStateType: 'PAUSED' });
  assert.equal(paused.status === 'reject' && paused.state?.name, 'NotReady');
  assert.equal(decideTask({ type: 'PENDING' }, running, { flowRunStateType: 'RUNNING' }).status, 'accept');
});

test('a new attempt of the flow opens its failed tasks again, with their own retries', () => {
  assert.equal(decideTask(failed, running).status, 'reject');
  const reopened = decideTask(failed, running, { flowRunAttempt: 2, runCount: 4 });
  assert.equal(reopened.status, 'accept');
  assert.ok(reopened.status === 'accept');
  assert.equal(reopened.state.name, 'Retrying');
  const run = applyToTaskRun(
    sampleTaskRun('a', sampleState(failed), { runCount: 4 }),
    reopened.state,
    reopened.effects,
    2,
  );
  assert.deepEqual([run.runCount, run.flowRunRunCount, run.endTime], [1, 2, null]);
});

test('a kept result is not computed twice, one that nobody kept is', () => {
  assert.equal(decideTask(kept, running, { flowRunAttempt: 2 }).status, 'reject');
  assert.equal(decideTask(unkept, running, { flowRunAttempt: 2 }).status, 'accept');
});

test('for outsiders the answers are Prefect’s', () => {
  for (const type of ['CANCELLING', 'PAUSED', 'CRASHED'] as const) {
    assert.equal(decideTask(failed, { type }, {}, taskPolicy).status, 'abort');
  }
  assert.equal(decideTask(kept, failed, {}, taskPolicy).status, 'reject');
  assert.equal(decideTask(failed, unkept, {}, taskPolicy).status, 'accept');
});
