import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ConcurrencyLeaseId, ConcurrencyLimitId, FlowRunId } from '../ids.ts';
import { sampleState, seconds, T0 } from '../rules/fixtures/sample.ts';
import type { ProposedState } from '../state.ts';
import { slotFacts, slotsAfter, type DeploymentSlots } from './deployment-slots.ts';
import type { ConcurrencyLease, ConcurrencyLimit } from './limit.ts';
import { SLOT_WAITS_DEFAULT } from './slots.ts';

const RUN = 'run' as FlowRunId;
const limit: ConcurrencyLimit = {
  id: 'limit' as ConcurrencyLimitId,
  name: 'deployment:d',
  limit: 1,
  active: true,
  activeSlots: 1,
  deniedSlots: 0,
  slotDecayPerSecond: 0,
  avgSlotOccupancySeconds: 2,
  slotsAt: T0,
  createdAt: T0,
  updatedAt: T0,
};
const lease: ConcurrencyLease = {
  id: 'lease' as ConcurrencyLeaseId,
  slots: 1,
  limitIds: [limit.id],
  holder: { type: 'flow_run', id: RUN },
  createdAt: T0,
  expiresAt: seconds(60),
};
const full: DeploymentSlots = { limit, leases: [] };
const own: DeploymentSlots = { limit, leases: [lease] };

function ask(
  slots: DeploymentSlots | null,
  clientVersion: string | null = null,
  state: ProposedState['type'] = 'PENDING',
) {
  const named = { type: state, details: { deploymentConcurrencyLeaseId: lease.id } } as ProposedState;
  return slotFacts(slots, {
    state: sampleState(named),
    nextLeaseId: () => 'fresh' as ConcurrencyLeaseId,
    clientVersion,
    now: seconds(90),
    waits: SLOT_WAITS_DEFAULT,
  });
}

test('a limit that is not there, or switched off, limits nobody, and draws no id', () => {
  for (const slots of [null, { limit: null, leases: [lease] }, { limit: { ...limit, active: false }, leases: [] }])
    assert.equal(ask(slots), null);
});

test('a slot is not free to others, but to who holds it himself; a lease that is over lives until it is taken away', () => {
  assert.deepEqual([ask(full)?.isFree, ask(full)?.isLeaseAlive], [false, false]);
  assert.deepEqual([ask(own)?.isFree, ask(own)?.isLeaseAlive, ask(own)?.nextLeaseId], [true, true, 'fresh']);
});

test('clients renew from 3.4.11 on; of others it is not known', () => {
  const renews = (version: string | null) => ask(own, version)?.clientRenewsLeases;
  for (const version of ['3.4.11', '3.4.12', '3.5', '3.10.0', '4', '3.8.8.dev1']) assert.equal(renews(version), true);
  for (const version of ['3.4.10', '3.4', '3.3.99', '2.20.25', 'unknown', '', null])
    assert.equal(renews(version), false);
});

function after(
  slots: DeploymentSlots | null,
  to: ProposedState,
  effects: Parameters<typeof slotsAfter>[1]['effects'] = [],
) {
  return slotsAfter(slots, {
    run: { id: RUN, state: sampleState({ type: 'PENDING' }) },
    to: sampleState(to),
    effects,
    isReplacement: false,
    nextLimitId: () => 'drawn' as ConcurrencyLimitId,
    now: seconds(90),
    waits: SLOT_WAITS_DEFAULT,
  });
}

test('what is taken has its run as holder, and takes the place of what it held', () => {
  const writes = after({ limit: { ...limit, limit: 5, activeSlots: 3 }, leases: [lease] }, { type: 'PENDING' }, [
    { kind: 'acquire', leaseId: 'fresh', ttlSeconds: 600 },
  ]);
  assert.deepEqual(
    [writes?.limits[0]?.activeSlots, writes?.deletedLeases, writes?.leases[0]?.holder, writes?.leases[0]?.expiresAt],
    [3, ['lease'], lease.holder, seconds(690)],
  );
});

test('leaving gives everything back, also of a limit that is gone, and whatever else was decided', () => {
  const left = after(own, { type: 'CANCELLED' }, [{ kind: 'renew', leaseId: 'lease', ttlSeconds: 600 }]);
  assert.deepEqual([left?.limits[0]?.activeSlots, left?.leases, left?.deletedLeases], [0, [], ['lease']]);
  const ofNone = after({ limit: null, leases: [lease] }, { type: 'CANCELLED' });
  assert.deepEqual(ofNone, { limits: [], leases: [], deletedLeases: ['lease'] });
  assert.equal(after(full, { type: 'CANCELLED' }), null);
  assert.equal(after(null, { type: 'CANCELLED' }), null);
  assert.equal(after(own, { type: 'RUNNING' }), null);
});

test('a limit of one key comes with the first slot, and goes with the last one', () => {
  const acquire = { kind: 'acquire', leaseId: 'fresh', ttlSeconds: 600 } as const;
  const first = after(
    { limit: { ...limit, limit: 2, activeSlots: 0 }, keyed: 'new', leases: [] },
    { type: 'PENDING' },
    [acquire],
  );
  assert.deepEqual([first?.limits[0]?.id, first?.limits[0]?.activeSlots], ['drawn', 1]);
  assert.deepEqual(first?.leases[0]?.limitIds, ['drawn']);
  const last = after({ ...own, keyed: 'there' }, { type: 'COMPLETED', data: null });
  assert.deepEqual([last?.limits, last?.deletedLimits], [[], [limit.id]]);
  const notLast = after(
    { limit: { ...limit, limit: 2, activeSlots: 2 }, keyed: 'there', leases: [lease] },
    { type: 'COMPLETED', data: null },
  );
  assert.deepEqual([notLast?.limits[0]?.activeSlots, notLast?.deletedLimits], [1, undefined]);
});
