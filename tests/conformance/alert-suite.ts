import assert from 'node:assert/strict';

import type { Alert, AlertId } from '../../src/core/alerts/alert.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';
import { ALERTS_CURSOR, type AlertChange, type AlertMark, type FoundAlert } from '../../src/store/port/alerts.ts';
import { makeActionOrder, makeAlert, makeEvent, newId, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

const CAUSE: AlertMark = { kind: 'cause', name: 'it\'s "a" ü' };
const HIT: AlertMark = { kind: 'hit', name: 'c prefect.flow-run.1' };
const WATCH: AlertMark = { kind: 'watch', name: 'prefect.flow.1' };
const KEY = { marks: [CAUSE], hit: HIT.name };

/** Inserts it, unless one with its cause is open; answers the one that is open then. */
async function open(storage: Storage, alert: Alert, marks: readonly AlertMark[] = [CAUSE, HIT, WATCH]): Promise<Alert> {
  const changed = await storage.changeAlert(KEY, (found): AlertChange<Alert> =>
    found === null ? { alert, dueAt: alert.openedAt, marks, answer: alert } : { answer: found.alert },
  );
  assert.ok(changed);
  return changed.answer;
}

async function found(storage: Storage, key: Parameters<Storage['changeAlert']>[0]): Promise<FoundAlert | null> {
  const changed = await storage.changeAlert(key, (there): AlertChange<FoundAlert | null> => ({ answer: there }));
  return changed?.answer ?? null;
}

const cursors = async (storage: Storage) => (await storage.listCursors()).map(({ name }) => name);

export const alertTests: StorageTests = {
  'of one cause one alert is open, whoever opens it': async (storage, { openSecond }) => {
    const other = openSecond === null ? storage : await openSecond();
    const alerts = Array.from({ length: 6 }, () => makeAlert());
    const opened = await Promise.all(alerts.map((alert, index) => open(index % 2 === 0 ? storage : other, alert)));
    assert.equal(new Set(opened.map(({ id }) => id)).size, 1);
    const [first] = opened;
    assert.ok(first);
    assert.deepEqual(await storage.readAlert(first.id), first, 'as it was written');
    assert.equal((await storage.listAlerts({ limit: 10 })).length, 1);
    if (other !== storage) await other.close();
  },

  'changes at the same time are all there': async (storage, { openSecond }) => {
    const other = openSecond === null ? storage : await openSecond();
    const { id } = await open(storage, makeAlert());
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        Promise.resolve(
          (index % 2 === 0 ? storage : other).changeAlert(KEY, (there): AlertChange<null> => {
            assert.ok(there);
            const alert = { ...there.alert, count: there.alert.count + 1 };
            return { alert, dueAt: null, marks: [{ kind: 'hit', name: `run ${index}` }], answer: null };
          }),
        ),
      ),
    );
    assert.equal((await storage.readAlert(id))?.count, 21);
    if (other !== storage) await other.close();
  },

  'it is found by its first mark, told what it has hit, and not found when it is over': async (storage) => {
    const alert = await open(storage, makeAlert());
    assert.deepEqual(await storage.findOpenAlert([{ kind: 'cause', name: 'x' }, HIT]), alert);
    assert.equal(await storage.findOpenAlert([{ kind: 'hit', name: CAUSE.name }]), null);
    assert.equal((await found(storage, KEY))?.isHit, true);
    assert.equal((await found(storage, { marks: [CAUSE], hit: 'another' }))?.isHit, false);
    assert.equal((await found(storage, { marks: [{ kind: 'cause', name: 'x' }, HIT], hit: null }))?.alert.id, alert.id);
    assert.equal(await found(storage, { marks: [{ kind: 'cause', name: HIT.name }], hit: null }), null);
    assert.deepEqual(await storage.findAlerts(WATCH, 10), [alert.id]);
    const byId = await found(storage, { id: alert.id });
    assert.deepEqual(
      [byId?.watches, byId?.attempt, byId?.leasedUntil],
      [[{ name: WATCH.name, at: alert.repeatedAt }], 0, null],
    );
    assert.equal(await found(storage, { id: newId<AlertId>() }), null);
    assert.equal(await storage.readAlert('no id' as AlertId), null);

    const over: Alert = { ...alert, state: 'closed', closedAt: addSeconds(alert.openedAt, 9) };
    await storage.changeAlert({ id: alert.id }, () => ({ alert: over, dueAt: null, answer: null }));
    assert.equal(await found(storage, KEY), null);
    assert.equal(await storage.findOpenAlert([CAUSE, HIT]), null);
    assert.deepEqual(await storage.findAlerts(WATCH, 10), []);
    assert.deepEqual(await storage.readAlert(alert.id), over);
    const next = makeAlert();
    assert.equal((await open(storage, next)).id, next.id);
  },

  'a watch mark is marked anew, never earlier; the cursor is there while one waits': async (storage) => {
    assert.deepEqual(await cursors(storage), []);
    const alert = await open(storage, makeAlert());
    assert.deepEqual(await cursors(storage), [ALERTS_CURSOR]);
    const mark = (at: Instant) =>
      storage.changeAlert({ id: alert.id }, () => ({ alert, dueAt: null, marks: [WATCH], markedAt: at, answer: null }));
    const later = addSeconds(alert.repeatedAt, 7);
    await mark(later);
    await mark(addSeconds(later, -3));
    assert.deepEqual((await found(storage, { id: alert.id }))?.watches, [{ name: WATCH.name, at: later }]);
    await storage.changeAlert({ id: alert.id }, () => ({ alert, dueAt: null, unwatched: [WATCH.name], answer: null }));
    assert.deepEqual((await found(storage, { id: alert.id }))?.watches, []);
    const over: Alert = { ...alert, state: 'recovered', closedAt: later };
    await storage.changeAlert({ id: alert.id }, () => ({ alert: over, dueAt: null, answer: null }));
    assert.deepEqual(await cursors(storage), []);
  },

  'those that are due are taken by one, until the lease is over': async (storage, { openSecond }) => {
    const other = openSecond === null ? storage : await openSecond();
    assert.equal(await storage.nextAlertAt(), null);
    const alert = await open(storage, makeAlert());
    const now = alert.openedAt;
    assert.equal(await storage.nextAlertAt(), now);
    const take = (from: Storage, at: Instant) => from.takeAlerts({ now: at, leaseUntil: addSeconds(at, 60), limit: 5 });
    assert.deepEqual(await take(storage, addSeconds(now, -1)), []);
    const both = await Promise.all([take(storage, now), take(other, now)]);
    assert.deepEqual(both.flat(), [{ alert, attempt: 1 }]);
    assert.equal(await storage.nextAlertAt(), addSeconds(now, 60));
    assert.deepEqual(await take(other, addSeconds(now, 60)), [{ alert, attempt: 2 }]);
    assert.equal((await found(storage, { id: alert.id }))?.attempt, 2);
    await storage.changeAlert({ id: alert.id }, () => ({ alert, dueAt: null, leasedUntil: null, answer: null }));
    assert.equal(await storage.nextAlertAt(), null);
    if (other !== storage) await other.close();
  },

  'an order ends with the change, or nothing of it is written': async (storage) => {
    const alert = await open(storage, makeAlert());
    const order = makeActionOrder();
    await storage.insertActionOrders([order], alert.openedAt);
    await storage.takeActionOrders({
      now: alert.openedAt,
      leaseUntil: addSeconds(alert.openedAt, 60),
      limit: 1,
      automationMax: 1,
      underWay: new Map(),
    });
    const end = (attempt: number, count: number) =>
      storage.changeAlert({ id: alert.id }, () => ({
        alert: { ...alert, count },
        dueAt: null,
        events: [makeEvent({ name: `told ${count}` })],
        ends: {
          orderId: order.id,
          attempt,
          outcome: { receipt: { status: 'done', text: 'x' }, at: alert.openedAt, events: [] },
        },
        answer: count,
      }));
    assert.equal(await end(2, 7), null);
    assert.equal((await storage.readAlert(alert.id))?.count, 1);
    assert.deepEqual(await end(1, 8), { answer: 8 });
    assert.equal(await end(1, 9), null, 'it has ended');
    assert.equal((await storage.readAlert(alert.id))?.count, 8);
    const told = await storage.readEvents({ afterSeq: 0, limit: 10 });
    assert.deepEqual(
      told.map(({ name }) => name),
      ['told 8'],
    );
  },

  'lists have the newest first, by state, page by page; those that are over are forgotten': async (storage) => {
    const now = newInstant();
    const alerts: Alert[] = [];
    for (let index = 0; index < 5; index += 1) {
      const isOver = index < 2;
      const openedAt = addSeconds(now, index < 4 ? index : 3);
      const alert = makeAlert({ openedAt, ...(isOver ? { state: 'closed', closedAt: addSeconds(openedAt, 10) } : {}) });
      alerts.push(alert);
      await storage.changeAlert({ id: alert.id }, () => ({ alert, dueAt: null, answer: null }));
    }
    const all = await storage.listAlerts({ limit: 10 });
    const expected = alerts.toSorted((a, b) => b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1));
    assert.deepEqual(
      all.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
    const page = await storage.listAlerts({ limit: 2, after: all[1] });
    assert.deepEqual(
      page.map(({ id }) => id),
      all.slice(2, 4).map(({ id }) => id),
    );
    assert.deepEqual((await storage.listAlerts({ states: ['closed', 'recovered'], limit: 10 })).length, 2);
    assert.deepEqual(await storage.listAlerts({ states: [], limit: 10 }), []);
    assert.equal(await storage.deleteAlertsBefore(addSeconds(now, 11), 10), 1);
    assert.equal(await storage.deleteAlertsBefore(addSeconds(now, 100), 10), 1);
    assert.equal((await storage.listAlerts({ limit: 10 })).length, 3);
  },
};
