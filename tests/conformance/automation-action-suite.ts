import assert from 'node:assert/strict';

import type { ActionReceipt, ActionStatus } from '../../src/core/action-receipt.ts';
import type { ActionOrder } from '../../src/core/automation-firing.ts';
import type { AutomationId } from '../../src/core/automation.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import type { TakeActions } from '../../src/store/port/automation-actions.ts';
import { makeActionOrder, makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const LEASE_SECONDS = 60;

function take(storage: Storage, now: Instant, more: Partial<TakeActions> = {}) {
  const leaseUntil = addSeconds(now, LEASE_SECONDS);
  return storage.takeActionOrders({ now, leaseUntil, limit: 10, automationMax: 10, underWay: new Map(), ...more });
}

const DONE: ActionReceipt = { status: 'done', text: 'it was ü' };

export const automationActionTests: StorageTests = {
  'an order is inserted once, taken, and ended with its events': async (storage) => {
    const now = newInstant();
    const order = makeActionOrder();
    assert.equal(await storage.nextActionOrderAt(), null);
    await storage.insertActionOrders([order, order], now);
    await storage.insertActionOrders([{ ...order, action: '{}' }], addSeconds(now, 1));
    assert.equal(await storage.nextActionOrderAt(), now);
    assert.deepEqual(await take(storage, addSeconds(now, -1)), [], 'not due');
    assert.deepEqual(await take(storage, now), [{ order, attempt: 1 }]);
    assert.deepEqual(await take(storage, now), [], 'it is leased');

    const at = addSeconds(now, 2);
    const ended = { receipt: DONE, at, events: [makeEvent({ name: 'executed' })] };
    assert.equal(await storage.endActionAttempt(order.id, 1, ended), true);
    assert.equal(await storage.endActionAttempt(order.id, 1, ended), false, 'it has ended');
    await storage.insertActionOrders([order], at);
    assert.equal(await storage.nextActionOrderAt(), null, 'one that has ended is not ordered again');
    assert.deepEqual(await storage.listActionRecords(order.firing.automationId, 10), [
      { order, createdAt: now, attempts: 1, dueAt: null, receipt: DONE, problem: null, endedAt: at },
    ]);
    const told = await storage.readEvents({ afterSeq: 0, limit: 10 });
    assert.deepEqual(
      told.map(({ name }) => name),
      ['executed'],
    );
  },

  'an order whose lease is over is taken by another, and lost to the first': async (storage, { openSecond }) => {
    const other = openSecond === null ? storage : await openSecond();
    const now = newInstant();
    const order = makeActionOrder();
    await storage.insertActionOrders([order], now);
    assert.deepEqual(await take(storage, now), [{ order, attempt: 1 }]);
    const later = addSeconds(now, LEASE_SECONDS);
    assert.equal(await storage.nextActionOrderAt(), later);
    assert.deepEqual(await take(other, later), [{ order, attempt: 2 }]);
    const late = { receipt: DONE, at: later, events: [makeEvent({ name: 'late' })] };
    assert.equal(await storage.endActionAttempt(order.id, 1, late), false);
    assert.deepEqual(await storage.readEvents({ afterSeq: 0, limit: 10 }), [], 'nor are its events told');
    assert.equal(await other.endActionAttempt(order.id, 2, { receipt: DONE, at: later, events: [] }), true);
    if (other !== storage) await other.close();
  },

  'an attempt that is to be made again is due at its time, with what went wrong': async (storage) => {
    const now = newInstant();
    const order = makeActionOrder();
    await storage.insertActionOrders([order], now);
    await take(storage, now);
    const retryAt = addSeconds(now, 7);
    assert.equal(await storage.endActionAttempt(order.id, 1, { retryAt, problem: 'HTTP 503' }), true);
    assert.deepEqual(await take(storage, addSeconds(now, 6)), []);
    const [record] = await storage.listActionRecords(order.firing.automationId, 1);
    assert.deepEqual([record?.problem, record?.receipt, record?.dueAt], ['HTTP 503', null, retryAt]);
    assert.deepEqual(await take(storage, retryAt), [{ order, attempt: 2 }]);
  },

  'of one automation no more are taken than it may have under way': async (storage) => {
    const now = newInstant();
    const [busy, calm] = [newId<AutomationId>(), newId<AutomationId>()];
    const many = Array.from({ length: 4 }, (_, index) => makeActionOrder(busy, index));
    await storage.insertActionOrders(many, now);
    const last = makeActionOrder(calm);
    await storage.insertActionOrders([last], addSeconds(now, 1));
    const then = addSeconds(now, 1);
    const first = await take(storage, then, { automationMax: 2 });
    assert.equal(first.filter(({ order }) => order.firing.automationId === busy).length, 2);
    assert.ok(first.some(({ order }) => order.id === last.id));
    assert.deepEqual(await take(storage, then, { automationMax: 2, underWay: new Map([[busy, 2]]) }), []);
    assert.equal((await take(storage, then, { automationMax: 2, underWay: new Map([[busy, 1]]) })).length, 1);
    assert.equal((await take(storage, then, { limit: 0 })).length, 0);
  },

  'records are listed by automation, the newest first, and deleted when they ended long ago': async (storage) => {
    const now = newInstant();
    const automationId = newId<AutomationId>();
    const [old, kept, open] = [
      makeActionOrder(automationId),
      makeActionOrder(automationId),
      makeActionOrder(automationId),
    ];
    for (const [seconds, order] of [old, kept, open].entries())
      await storage.insertActionOrders([order], addSeconds(now, seconds));
    await storage.insertActionOrders([makeActionOrder()], now);
    await take(storage, addSeconds(now, 2));
    await storage.endActionAttempt(old.id, 1, { receipt: DONE, at: addSeconds(now, 3), events: [] });
    await storage.endActionAttempt(kept.id, 1, { receipt: DONE, at: addSeconds(now, 4), events: [] });
    const ids = async (limit = 10) =>
      (await storage.listActionRecords(automationId, limit)).map(({ order }) => order.id);
    assert.deepEqual(await ids(), [open.id, kept.id, old.id]);
    assert.deepEqual(await ids(1), [open.id]);
    assert.equal(await storage.deleteActionRecordsBefore(addSeconds(now, 9), 1), 1);
    assert.deepEqual(await ids(), [open.id, kept.id]);
    assert.equal(await storage.deleteActionRecordsBefore(addSeconds(now, 4), 10), 0);
    assert.equal(await storage.deleteActionRecordsBefore(addSeconds(now, 9), 10), 1);
    assert.deepEqual(await ids(), [open.id]);
    assert.deepEqual(await storage.listActionRecords('none' as AutomationId, 10), []);
  },

  'what became of orders is counted by automation, of those made since a time': async (storage) => {
    const now = newInstant();
    const [one, other] = [newId<AutomationId>(), newId<AutomationId>()];
    const counted = async (ids: readonly AutomationId[], since: Instant) =>
      (await storage.countActionRecords(ids, since))
        .map(({ automationId, status, count }) => `${automationId === one ? 'one' : 'other'} ${status} ${count}`)
        .toSorted();
    assert.deepEqual(await counted([one, other], now), []);
    const orders = [makeActionOrder(one), makeActionOrder(one), makeActionOrder(one), makeActionOrder(other)];
    for (const [seconds, order] of orders.entries())
      await storage.insertActionOrders([order], addSeconds(now, seconds));
    await take(storage, addSeconds(now, 9));
    const at = addSeconds(now, 9);
    const end = (order: ActionOrder | undefined, status: ActionStatus) =>
      storage.endActionAttempt(order?.id ?? '', 1, { receipt: { status, text: '' }, at, events: [] });
    for (const [index, status] of (['failed', 'failed', 'done', 'refused'] as const).entries())
      await end(orders[index], status);
    await storage.insertActionOrders([makeActionOrder(one)], now);
    assert.deepEqual(await counted([one, other], now), ['one done 1', 'one failed 2', 'other refused 1']);
    assert.deepEqual(await counted([one], addSeconds(now, 1)), ['one done 1', 'one failed 1']);
    assert.deepEqual(await counted([], now), []);
  },
};
