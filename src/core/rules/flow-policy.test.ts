import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateId } from '../ids.ts';
import type { ProposedState } from '../state.ts';
import type { ValueRef } from '../value.ts';
import { decide } from './decide.ts';
import type { FlowRunFacts } from './facts.ts';
import { flowPolicy, minimalFlowPolicy, ownedFlowPolicy, resumePolicy } from './flow-policy.ts';
import type { Policy } from './policy.ts';
import { FLOW_FACTS, sampleState, seconds, T0 } from './fixtures/sample.ts';

const ID = 'next' as StateId;
const KEPT: ValueRef = { kind: 'inline', text: '1', hash: 'h' };
const pending: ProposedState = { type: 'PENDING' };
const submitting: ProposedState = { type: 'PENDING', name: 'Submitting' };
const running: ProposedState = { type: 'RUNNING' };
const scheduled: ProposedState = { type: 'SCHEDULED', scheduledTime: T0 };
const future: ProposedState = { type: 'SCHEDULED', scheduledTime: seconds(60) };
const late: ProposedState = { ...future, name: 'Late' };
const paused: ProposedState = { type: 'PAUSED' };
const cancelling: ProposedState = { type: 'CANCELLING' };
const cancelled: ProposedState = { type: 'CANCELLED' };
const completed: ProposedState = { type: 'COMPLETED', data: null };
const kept: ProposedState = { type: 'COMPLETED', data: KEPT };
const failed: ProposedState = { type: 'FAILED', failure: null };
const crashed: ProposedState = { type: 'CRASHED' };

function answer(
  from: ProposedState | null,
  to: ProposedState,
  facts: Partial<FlowRunFacts> = {},
  policy: Policy<FlowRunFacts> = flowPolicy,
): string {
  const decision = decide(policy, from && sampleState(from), to, { ...FLOW_FACTS, ...facts }, seconds(1), ID);
  if (decision.status === 'reject' && decision.written) return `reject → ${decision.state.type} ${decision.state.name}`;
  return decision.status;
}

/** The transition table that was observed on Prefect 3.8.8 for a flow run without a deployment. */
const OBSERVED: readonly (readonly [string, ProposedState, ProposedState, string])[] = [
  ['PENDING → PENDING', pending, pending, 'abort'],
  ['PENDING → Submitting', pending, submitting, 'accept'],
  ['Submitting → Submitting', submitting, submitting, 'abort'],
  ['PENDING → Late', pending, late, 'reject'],
  ['PENDING → PAUSED', pending, paused, 'reject'],
  ['PENDING → RUNNING', pending, running, 'accept'],
  ['RUNNING → PENDING', running, pending, 'abort'],
  ['RUNNING → SCHEDULED', running, scheduled, 'accept'],
  ['SCHEDULED → RUNNING', scheduled, running, 'accept'],
  ['SCHEDULED in the future → RUNNING', future, running, 'wait'],
  ['RUNNING → CANCELLING', running, cancelling, 'accept'],
  ['CANCELLING → CANCELLING', cancelling, cancelling, 'reject'],
  ['CANCELLING → COMPLETED', cancelling, completed, 'reject'],
  ['CANCELLING → FAILED', cancelling, failed, 'reject'],
  ['CANCELLING → CANCELLED', cancelling, cancelled, 'accept'],
  ['CANCELLED → CANCELLING', cancelled, cancelling, 'abort'],
  ['CANCELLED → PENDING', cancelled, pending, 'abort'],
  ['CANCELLED → RUNNING', cancelled, running, 'accept'],
  ['COMPLETED with data → RUNNING', kept, running, 'reject'],
  ['COMPLETED with data → COMPLETED', kept, completed, 'reject'],
  ['COMPLETED → FAILED', kept, failed, 'accept'],
  ['FAILED → CRASHED', failed, crashed, 'abort'],
  ['FAILED → SCHEDULED', failed, scheduled, 'abort'],
  ['SCHEDULED → Late', future, late, 'accept'],
  ['Late → Late', late, late, 'reject'],
  ['SCHEDULED → CANCELLING', future, cancelling, 'reject → CANCELLED Cancelled'],
  ['RUNNING → PAUSED to be rescheduled', running, { type: 'PAUSED', details: { pauseReschedule: true } }, 'abort'],
  ['RUNNING → PAUSED', running, paused, 'accept'],
  ['PAUSED → PENDING', paused, pending, 'reject'],
  ['PAUSED → RUNNING', paused, running, 'accept'],
];

for (const [name, from, to, expected] of OBSERVED) {
  test(`observed: ${name} is answered with ${expected}`, () => assert.equal(answer(from, to), expected));
}

test('a pause fires once', () => {
  const proposal: ProposedState = { type: 'PAUSED', details: { pauseKey: 'k' } };
  const first = decide(flowPolicy, sampleState(running), proposal, FLOW_FACTS, seconds(1), ID);
  assert.deepEqual(first.status === 'accept' && first.effects, { policyAfter: { pauseKeys: ['k'] } });
  const facts = { ...FLOW_FACTS, policy: { ...FLOW_FACTS.policy, pauseKeys: ['k'] } };
  const second = decide(flowPolicy, sampleState(running), proposal, facts, seconds(2), ID);
  assert.deepEqual(second, {
    status: 'reject',
    state: sampleState(running),
    written: false,
    reason: 'This pause has already fired.',
    effects: {},
  });
});

test('a pause that nobody answered in time has failed', () => {
  const from: ProposedState = { type: 'PAUSED', details: { pauseTimeout: T0 } };
  assert.equal(answer(from, running), 'reject → FAILED Failed');
  assert.equal(answer(from, cancelled), 'reject → FAILED Failed');
  assert.equal(answer(from, cancelling), 'accept');
});

test('resuming a pause is marked in the policy', () => {
  const decision = decide(flowPolicy, sampleState(paused), running, FLOW_FACTS, seconds(1), ID);
  assert.deepEqual(decision.status === 'accept' && decision.effects, { policyAfter: { resuming: true } });
});

test('a repeated transport of one proposal changes nothing', () => {
  const marked: ProposedState = { ...running, details: { transitionId: 'a' } };
  assert.equal(answer(marked, marked), 'reject');
  assert.equal(answer(marked, { ...completed, details: { transitionId: 'b' } }), 'accept');
});

test('a failure with retries left awaits its retry; the failure is its message', () => {
  const facts = { ...FLOW_FACTS, policy: { ...FLOW_FACTS.policy, retries: 2, retryDelaySeconds: [3, 7] } };
  const broken: ProposedState = { type: 'FAILED', failure: { name: 'Error', message: 'no disk' } };
  const decision = decide(flowPolicy, sampleState(running), broken, { ...facts, runCount: 2 }, seconds(1), ID);
  assert.equal(decision.status, 'reject');
  const state = decision.status === 'reject' ? decision.state : null;
  assert.deepEqual(state, {
    type: 'SCHEDULED',
    name: 'AwaitingRetry',
    id: ID,
    timestamp: seconds(1),
    scheduledTime: seconds(8),
    message: 'Error: no disk',
    details: {},
  });
  assert.equal(answer(running, broken, { ...facts, runCount: 3 }), 'accept');
  assert.equal(answer(running, { ...broken, details: { retriable: false } }, facts), 'accept');
});

test('a SCHEDULED run keeps its time when it is submitted', () => {
  const decision = decide(flowPolicy, sampleState(future), pending, FLOW_FACTS, seconds(1), ID);
  assert.equal(
    decision.status === 'accept' && decision.state.type === 'PENDING' && decision.state.scheduledTime,
    seconds(60),
  );
});

test('waiting is answered with exact seconds', () => {
  const decision = decide(flowPolicy, sampleState(future), running, FLOW_FACTS, seconds(59.75), ID);
  assert.deepEqual(decision, { status: 'wait', delaySeconds: 0.25, reason: 'Scheduled time is in the future' });
});

test('a run that a process holds is asked to cancel, also while it waits for its retry', () => {
  const waiting: ProposedState = { ...future, name: 'AwaitingRetry' };
  assert.equal(answer(waiting, cancelling, { hasInfrastructure: true }), 'accept');
});

test('the holder of a finished run cannot move it', () => {
  for (const from of [kept, completed, failed, crashed, cancelled]) {
    const others: readonly ProposedState[] = [running, pending, completed, failed, crashed, cancelled, cancelling];
    for (const to of others) assert.equal(answer(from, to, {}, ownedFlowPolicy), 'reject');
  }
});

test('force skips the rules but does not lose a result', () => {
  assert.equal(answer(cancelling, completed, {}, minimalFlowPolicy), 'accept');
  assert.equal(answer(kept, completed, {}, minimalFlowPolicy), 'reject');
});

test('a new attempt is opened for what failed, crashed or was cancelled, and for nothing else', () => {
  for (const from of [failed, crashed, cancelled]) assert.equal(answer(from, scheduled, {}, resumePolicy), 'accept');
  for (const from of [completed, kept, running, pending, paused])
    assert.equal(answer(from, scheduled, {}, resumePolicy), 'abort');
});
