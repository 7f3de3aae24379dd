import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StateId } from '../ids.ts';
import type { ProposedState } from '../state.ts';
import { decide } from './decide.ts';
import { leavesSlot, SLOT_WAIT_SECONDS } from './deployment-slots.ts';
import type { FlowRunFacts } from './facts.ts';
import { FLOW_FACTS, sampleState, seconds, T0 } from './fixtures/sample.ts';
import { flowPolicy, latePolicy } from './flow-policy.ts';
import type { DeploymentSlotFacts } from './slot-facts.ts';

const SLOTS: DeploymentSlotFacts = {
  limit: 1,
  isFree: true,
  whenFull: 'enqueue',
  waitSeconds: 30,
  graceSeconds: 600,
  nextLeaseId: 'fresh',
  isLeaseAlive: true,
  clientRenewsLeases: true,
};
const scheduled: ProposedState = { type: 'SCHEDULED', scheduledTime: T0 };
const leased = (type: 'PENDING' | 'RUNNING'): ProposedState => ({
  type,
  details: { deploymentConcurrencyLeaseId: 'lease' },
});

function move(
  from: ProposedState,
  to: ProposedState,
  slots: Partial<DeploymentSlotFacts>,
  facts: Partial<FlowRunFacts> = {},
  policy = flowPolicy,
) {
  return decide(
    policy,
    sampleState(from),
    to,
    { ...FLOW_FACTS, hasDeployment: true, slots: { ...SLOTS, ...slots }, ...facts },
    seconds(1),
    'next' as StateId,
  );
}

test('a slot is taken with PENDING, by a lease that the state names', () => {
  const taken = move(scheduled, { type: 'PENDING' }, {});
  assert.ok(taken.status === 'accept');
  assert.equal(taken.state.details.deploymentConcurrencyLeaseId, 'fresh');
  assert.deepEqual(taken.effects.slots, [{ kind: 'acquire', leaseId: 'fresh', ttlSeconds: 600 }]);
  assert.equal(move(scheduled, { type: 'PENDING' }, { limit: 0 }).status, 'abort');
});

test('without a slot a run waits in line or ends, as its deployment says', () => {
  const queued = move(scheduled, { type: 'PENDING' }, { isFree: false });
  assert.ok(queued.status === 'reject' && queued.written && queued.state.type === 'SCHEDULED');
  assert.deepEqual(
    [queued.state.name, queued.state.scheduledTime],
    ['AwaitingConcurrencySlot', seconds(1 + SLOT_WAIT_SECONDS)],
  );
  assert.deepEqual(queued.effects, {});
  const ended = move(scheduled, { type: 'PENDING' }, { isFree: false, whenFull: 'cancel-new' });
  assert.ok(ended.status === 'reject' && ended.written && ended.state.type === 'CANCELLED');
  const late = move(
    scheduled,
    { ...scheduled, name: 'Late' },
    { isFree: false, whenFull: 'cancel-new' },
    {},
    latePolicy,
  );
  assert.ok(late.status === 'reject' && late.written && late.state.type === 'CANCELLED');
  assert.equal(move(scheduled, { ...scheduled, name: 'Late' }, { isFree: false }, {}, latePolicy).status, 'accept');
});

test('a lease is renewed when its run begins, taken anew when it ran out, and missed when the slot is gone', () => {
  const effects = (slots: Partial<DeploymentSlotFacts>) => {
    const decision = move(leased('PENDING'), { type: 'RUNNING' }, slots);
    return decision.status === 'accept' ? decision.effects.slots : decision.status;
  };
  assert.deepEqual(effects({}), [{ kind: 'renew', leaseId: 'lease', ttlSeconds: 600 }]);
  assert.deepEqual(effects({ isLeaseAlive: false }), [{ kind: 'acquire', leaseId: 'fresh', ttlSeconds: 600 }]);
  assert.equal(effects({ isLeaseAlive: false, isFree: false }), 'reject');
  assert.deepEqual(effects({ clientRenewsLeases: false }), [{ kind: 'revoke', leaseId: 'lease' }]);
});

test('a lease goes from state to state, and is released by leaving, but not by awaiting a retry in the same process', () => {
  const running = sampleState(leased('RUNNING'));
  const completed = move(leased('RUNNING'), { type: 'COMPLETED', data: null }, {});
  assert.ok(completed.status === 'accept');
  assert.equal(completed.state.details.deploymentConcurrencyLeaseId, 'lease');
  assert.equal(leavesSlot(running, completed.state, false), true);
  const retried = move(
    leased('RUNNING'),
    { type: 'FAILED', failure: null },
    {},
    { policy: { ...FLOW_FACTS.policy, retries: 1 } },
  );
  assert.ok(retried.status === 'reject' && retried.written);
  assert.equal(retried.state.details.deploymentConcurrencyLeaseId, 'lease');
  assert.equal(leavesSlot(running, retried.state, true), false);
  assert.equal(leavesSlot(running, retried.state, false), true);
  assert.equal(leavesSlot(retried.state, sampleState({ type: 'CANCELLED' }), false), true);
  assert.equal(leavesSlot(sampleState(scheduled), sampleState({ ...scheduled, name: 'Late' }), false), false);
});
