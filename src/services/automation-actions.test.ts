import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TakenOrder } from '../core/action-receipt.ts';
import type { AutomationId } from '../core/automation.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import { ActionService, forgetReceipts, RECEIPTS_KEPT_SECONDS } from './automation-actions.ts';
import { createManualClock } from './fixtures/manual-clock.ts';

const START = 1_790_000_000_000_000 as Instant;

function orderOf(automation: string, id: string): TakenOrder {
  const automationId = automation as AutomationId;
  const firing = { id, automationId, triggerId: id, state: 'Triggered', at: START, labels: {}, eventId: null } as const;
  return { order: { id, index: 0, action: '{}', firing }, attempt: 1 };
}

function world() {
  const clock = createManualClock(START);
  const due: { readonly at: Instant; readonly one: TakenOrder }[] = [];
  const counts = { looks: 0, takes: 0 };
  const acting: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const failures: unknown[] = [];
  const underWay: ReadonlyMap<AutomationId, number>[] = [];
  const service = new ActionService({
    clock,
    onFailure: (_message, error) => failures.push(error),
    useCases: {
      nextActionOrderAt: () => {
        counts.looks += 1;
        return due.length === 0 ? null : (Math.min(...due.map(({ at }) => at)) as Instant);
      },
      takeActionOrders: (asked) => {
        counts.takes += 1;
        underWay.push(asked.underWay);
        const found = due.filter(({ at }) => at <= clock.now()).slice(0, asked.limit);
        for (const one of found) due.splice(due.indexOf(one), 1);
        return found.map(({ one }) => one);
      },
      actOn: async ({ order }) => {
        acting.push(order.id);
        await new Promise<void>((resolve, reject) =>
          ends.set(order.id, (error) => (error === undefined ? resolve() : reject(error))),
        );
        return null;
      },
    },
  });
  const add = (automation: string, id: string, afterSeconds = 0): void =>
    void due.push({ at: addSeconds(clock.now(), afterSeconds), one: orderOf(automation, id) });
  return { clock, service, counts, acting, ends, failures, underWay, add };
}

test('orders are taken when something was committed, when they are due, and when a place is free', async () => {
  const { clock, service, acting, ends, add, underWay } = world();
  await clock.advance(0);
  add('a', '1');
  await clock.advance(0);
  assert.deepEqual(acting, [], 'nobody has said that there is one');
  service.wake();
  await clock.advance(0.05);
  assert.deepEqual(acting, ['1']);
  add('a', 'later', 3);
  service.wake();
  await clock.advance(0.05);
  await clock.advance(2);
  assert.deepEqual(acting, ['1']);
  await clock.advance(1);
  assert.deepEqual(acting, ['1', 'later']);
  assert.deepEqual(underWay.at(-1), new Map([['a', 1]]));

  for (let index = 0; index < 20; index += 1) add('b', `b${index}`);
  service.wake();
  await clock.advance(0.05);
  assert.equal(acting.length, 16, 'all places are taken');
  ends.get('1')?.();
  await clock.advance(0);
  await clock.advance(0);
  assert.equal(acting.length, 17, 'at once');
  for (const end of ends.values()) end();
  await clock.advance(0.05);
  await clock.advance(0.05);
  assert.equal(acting.length, 22);
  for (const end of ends.values()) end();
  await service.stop();
});

test('while nothing is due it only looks', async () => {
  const { clock, service, counts } = world();
  await clock.advance(0);
  assert.deepEqual(counts, { looks: 1, takes: 0 });
  for (let index = 0; index < 100; index += 1) service.wake();
  await clock.advance(0);
  assert.equal(counts.looks, 2);
  await clock.advance(5);
  await clock.advance(5);
  assert.deepEqual(counts, { looks: 4, takes: 0 }, 'now and then, for what others have left');
  await service.stop();
  service.wake();
  await clock.advance(10);
  assert.equal(counts.looks, 4);
});

test('an action that fails is told of, and stops no other; one that hangs does not keep the server', async () => {
  const { clock, service, acting, ends, failures, add } = world();
  add('a', 'fails');
  add('a', 'hangs');
  await clock.advance(0);
  ends.get('fails')?.(new Error('no disk'));
  await clock.advance(0);
  assert.deepEqual([acting, failures.map(String)], [['fails', 'hangs'], ['Error: no disk']]);
  const stopped = service.stop();
  await clock.advance(0);
  await clock.advance(5);
  await stopped;
});

test('receipts are forgotten when events are, page by page', async () => {
  const asked: [Instant, number][] = [];
  const answers = [500, 3];
  const useCases = {
    deleteActionRecordsBefore: (before: Instant, limit: number) => {
      asked.push([before, limit]);
      return answers.shift() ?? 0;
    },
  };
  assert.equal(await forgetReceipts(useCases, START), 503);
  const before = addSeconds(START, -RECEIPTS_KEPT_SECONDS);
  assert.deepEqual(asked, [
    [before, 500],
    [before, 500],
  ]);
});
