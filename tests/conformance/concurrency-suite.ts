import assert from 'node:assert/strict';
import type { ConcurrencyLease, ConcurrencyLimit } from '../../src/core/concurrency/limit.ts';
import type { ConcurrencyLeaseId, ConcurrencyLimitId } from '../../src/core/ids.ts';
import { EVERYTHING, type Condition } from '../../src/core/query.ts';
import { addSeconds } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import { makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

function makeLimit(name: string, fields: Partial<ConcurrencyLimit> = {}): ConcurrencyLimit {
  const now = newInstant();
  return {
    id: newId<ConcurrencyLimitId>(),
    name,
    limit: 3,
    active: true,
    activeSlots: 1,
    deniedSlots: 2,
    slotDecayPerSecond: 0.25,
    avgSlotOccupancySeconds: 2.5,
    slotsAt: now,
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
}

function makeLease(limitIds: readonly ConcurrencyLimitId[], fields: Partial<ConcurrencyLease> = {}): ConcurrencyLease {
  const now = newInstant();
  return {
    id: newId<ConcurrencyLeaseId>(),
    slots: 1,
    limitIds,
    holder: { type: 'task_run', id: newId() },
    createdAt: now,
    expiresAt: addSeconds(now, 60),
    ...fields,
  };
}

async function put(
  storage: Storage,
  limits: readonly ConcurrencyLimit[],
  leases: readonly ConcurrencyLease[] = [],
): Promise<void> {
  await storage.changeSlots({}, () => ({ limits, leases, answer: null }));
}

const limitsOf = (storage: Storage, where: Condition = EVERYTHING, limit = 10, offset = 0) =>
  storage.find('concurrency_limit', { where, sort: [{ field: 'name', direction: 'asc' }], limit, offset });

export const concurrencyTests: StorageTests = {
  'limits are written, read by name and id, changed, listed and deleted': async (storage) => {
    const [a, b, tag] = [makeLimit('a'), makeLimit('b', { active: false }), makeLimit('tag:x')];
    await put(storage, [tag, b, a]);
    assert.deepEqual((await storage.readSlots({ names: ['b', 'a', 'none'] })).limits, [a, b]);
    assert.deepEqual((await storage.readSlots({ limitIds: [tag.id, newId()], names: ['tag:x'] })).limits, [tag]);
    const event = makeEvent({ name: 'changed' });
    const renamed = { ...a, name: 'c', activeSlots: 2, updatedAt: newInstant() };
    assert.equal(
      await storage.changeSlots({ names: ['a'] }, ({ limits }) => ({
        limits: [renamed],
        events: [event],
        answer: limits.length,
      })),
      1,
    );
    assert.deepEqual(await limitsOf(storage), [b, renamed, tag]);
    assert.deepEqual(await limitsOf(storage, EVERYTHING, 1, 1), [renamed]);
    assert.deepEqual(await limitsOf(storage, { op: 'hasPrefix', field: 'name', text: 'tag:' }), [tag]);
    await storage.changeSlots({}, () => ({ deletedLimits: [renamed.id], answer: null }));
    assert.deepEqual(await limitsOf(storage), [b, tag]);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map(({ name }) => name),
      ['changed'],
    );
  },

  'two limits do not have one name, and what fails leaves nothing behind': async (storage) => {
    const a = makeLimit('a');
    await put(storage, [a]);
    await assert.rejects(async () => await put(storage, [makeLimit('b'), makeLimit('a')]), { code: 'conflict' });
    await assert.rejects(
      async () =>
        await storage.changeSlots({}, () => {
          throw new Error('no');
        }),
      /no/,
    );
    assert.deepEqual(await limitsOf(storage), [a]);
  },

  'leases are selected by id, limit, holder and end, with their limits': async (storage) => {
    const [a, b] = [makeLimit('a'), makeLimit('b')];
    const both = makeLease([a.id, b.id]);
    const free = makeLease([], { holder: null });
    const long = makeLease([b.id], { expiresAt: addSeconds(newInstant(), 1000) });
    await put(storage, [a, b], [both, free, long]);
    const sorted = (lease: ConcurrencyLease) => ({ ...lease, limitIds: lease.limitIds.toSorted() });
    const facts = async (selection: Parameters<Storage['readSlots']>[0]) => {
      const { limits, leases } = await storage.readSlots(selection);
      return { limits, leases: leases.map(sorted) };
    };
    assert.deepEqual(await facts({ leaseIds: [both.id] }), { limits: [a, b], leases: [sorted(both)] });
    assert.deepEqual(await facts({ leaseIds: [free.id, newId()] }), { limits: [], leases: [free] });
    assert.deepEqual(await facts({ names: ['b'], withLeases: true }), { limits: [a, b], leases: [sorted(both), long] });
    assert.deepEqual(await facts({ names: ['b'] }), { limits: [b], leases: [] });
    assert.deepEqual(await facts({ holderId: long.holder?.id ?? '' }), { limits: [b], leases: [long] });
    assert.deepEqual((await facts({ expiredBefore: addSeconds(newInstant(), 100), leasesMax: 1 })).leases, [
      sorted(both),
    ]);
    assert.deepEqual((await facts({ expiredBefore: addSeconds(newInstant(), 100) })).leases, [sorted(both), free]);
    const renewed = { ...both, expiresAt: addSeconds(newInstant(), 500), limitIds: [a.id] };
    await storage.changeSlots({}, () => ({ leases: [renewed], deletedLeases: [long.id], answer: null }));
    assert.deepEqual(await facts({ leaseIds: [both.id, long.id] }), { limits: [a], leases: [renewed] });
    await storage.changeSlots({}, () => ({ deletedLimits: [a.id], answer: null }));
    assert.deepEqual(await facts({ leaseIds: [both.id] }), { limits: [], leases: [{ ...renewed, limitIds: [] }] });
  },
};
