import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leavesPoolSlot, poolSlotFacts, poolSlotsAfter, type PoolSlots } from '../concurrency/pool-slots.ts';
import type { ConcurrencyLease } from '../concurrency/limit.ts';
import type { ConcurrencyLeaseId, StateId, WorkPoolId, WorkQueueId } from '../ids.ts';
import type { ProposedState } from '../state.ts';
import { decide } from './decide.ts';
import { FLOW_FACTS, sampleFlowRun, sampleState, seconds, T0 } from './fixtures/sample.ts';
import { flowPolicy } from './flow-policy.ts';
import type { PoolSlotFacts } from './slot-facts.ts';

const ID = 'next' as StateId;
const FULL: PoolSlotFacts = { full: { what: 'work queue', name: 'q', slots: 2 }, isHeld: false };
const FREE: PoolSlotFacts = { full: null, isHeld: false };
const scheduled: ProposedState = { type: 'SCHEDULED', scheduledTime: T0 };

const lease: ConcurrencyLease = {
  id: 'l' as ConcurrencyLeaseId,
  slots: 1,
  limitIds: [],
  holder: { type: 'flow_run', id: 'r' },
  createdAt: T0,
  expiresAt: seconds(600),
};
const slots = (fields: Partial<PoolSlots> = {}): PoolSlots => ({
  pool: { id: 'p' as WorkPoolId, name: 'p', concurrencyLimit: 3 },
  queue: { id: 'q' as WorkQueueId, name: 'q', concurrencyLimit: null },
  takenOfPool: 0,
  takenOfQueue: 0,
  leases: [],
  ...fields,
});

function verdict(from: ProposedState, to: ProposedState, poolSlot: PoolSlotFacts | null) {
  const decision = decide(flowPolicy, sampleState(from), to, { ...FLOW_FACTS, poolSlot }, seconds(1), ID);
  return decision.status === 'accept' ? (decision.effects.poolSlot ?? 'accept') : decision.status;
}

test('a slot is taken before a run is started, and looked for again when it begins', () => {
  assert.equal(verdict(scheduled, { type: 'PENDING' }, null), 'accept');
  assert.equal(verdict(scheduled, { type: 'PENDING' }, FREE), 'take');
  assert.equal(verdict(scheduled, { type: 'PENDING' }, FULL), 'abort');
  assert.equal(verdict(scheduled, { type: 'PENDING' }, { ...FULL, isHeld: true }), 'accept');
  assert.equal(verdict({ type: 'PENDING' }, { type: 'RUNNING' }, { ...FULL, isHeld: true }), 'accept');
  assert.equal(verdict({ type: 'PENDING' }, { type: 'RUNNING' }, FREE), 'take');
  assert.equal(verdict({ type: 'PENDING' }, { type: 'RUNNING' }, FULL), 'wait');
  assert.equal(verdict({ type: 'RUNNING' }, { type: 'COMPLETED', data: null }, FULL), 'accept');
});

test('the pool and the queue each have their limit; none counts where there is none', () => {
  assert.deepEqual(poolSlotFacts(null), null);
  assert.deepEqual(poolSlotFacts(slots({ takenOfPool: 2, takenOfQueue: 99 })), FREE);
  assert.deepEqual(poolSlotFacts(slots({ takenOfPool: 3, leases: [lease] })), {
    full: { what: 'work pool', name: 'p', slots: 3 },
    isHeld: true,
  });
  const limited = slots({ queue: { id: 'q' as WorkQueueId, name: 'q', concurrencyLimit: 2 }, takenOfQueue: 2 });
  assert.deepEqual(poolSlotFacts(limited), FULL);
});

test('one lease counts in the pool and in the queue, and ends with what takes the run from them', () => {
  const move = {
    run: sampleFlowRun(sampleState(scheduled)),
    to: sampleState({ type: 'PENDING' }),
    effect: 'take',
    isReplacement: false,
    leaseId: () => 'new' as ConcurrencyLeaseId,
    now: T0,
  } as const;
  const taken = poolSlotsAfter(slots(), move);
  assert.deepEqual(
    taken?.leases.map(({ id, limitIds, holder }) => [id, limitIds, holder?.id]),
    [['new', ['p', 'q'], move.run.id]],
  );
  assert.equal(poolSlotsAfter(null, move), null);
  assert.equal(poolSlotsAfter(slots({ leases: [lease] }), move), null, 'it has one');
  const ended = { ...move, to: sampleState({ type: 'CRASHED', failure: null }), effect: undefined };
  assert.deepEqual(poolSlotsAfter(slots({ leases: [lease] }), ended)?.deletedLeases, ['l']);
  assert.equal(poolSlotsAfter(slots(), ended), null);
});

test('what keeps its process keeps its slot', () => {
  const leaves = (to: ProposedState, isReplacement = false) => leavesPoolSlot(sampleState(to), isReplacement);
  const retry: ProposedState = { ...scheduled, name: 'AwaitingRetry' };
  assert.deepEqual([leaves(retry, true), leaves(retry), leaves(scheduled)], [false, true, true]);
  assert.equal(leaves({ type: 'PAUSED' }), false);
  assert.equal(leaves({ type: 'PAUSED', details: { pauseReschedule: true } }), true);
  assert.deepEqual([leaves({ type: 'CANCELLING' }), leaves({ type: 'CANCELLED' })], [false, true]);
});
