import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { acted, actOnDue, orderAction, recordOf } from '../../api/fixtures/acted.ts';
import {
  alertsOf,
  channelBlock,
  failedRun,
  fakeChannel,
  lookAtAlerts,
  newRun,
  notify,
  state,
  toldOfAlerts,
} from '../../api/fixtures/alerted.ts';
import { withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { addSeconds } from '../../core/time.ts';

test('a cause is told once: the first message says what its automation says, repeats are counted in it', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const first = await notify(api, (await failedRun(api)).event, { block });
    assert.deepEqual([first.status, first.text], ['done', 'It was taken.']);
    const [alert] = await alertsOf(api);
    assert.ok(alert);
    assert.deepEqual(
      heard.map(({ how, subject, body, key, idempotencyKey, severity }) => [
        how,
        subject,
        body,
        key,
        idempotencyKey,
        severity,
      ]),
      [['send', 'a run failed', 'It failed.', alert.id, first.order.id, 'error']],
    );
    for (let index = 0; index < 40; index += 1) {
      const message = `Flow run encountered an exception: ValueError: no row ${index}`;
      const again = await notify(api, (await failedRun(api, { message })).event, { block });
      assert.deepEqual([again.status, again.text], ['done', `It was folded into the alert ${alert.id}.`]);
    }
    await lookAtAlerts(api);
    assert.equal(heard.length, 1, 'not at once');
    api.advance(5);
    await lookAtAlerts(api);
    const edit = heard[1];
    assert.deepEqual([heard.length, edit?.how, edit?.handle, edit?.key], [2, 'edit', 'm1', alert.id]);
    assert.equal(edit?.subject, 'a run failed (41 times)');
    assert.match(
      edit?.body ?? '',
      /^It failed\.\n\n41 times since .* UTC, last at .* UTC\.\nCause: ValueError: no row <n> \(flow sales\)\n/,
    );
    assert.match(edit?.body ?? '', /Affected: \w+-\w+(?:, [\w-]+){9} and 31 more\./);
    const [after] = await alertsOf(api);
    assert.ok(after);
    assert.equal(await api.storage.nextAlertAt(), addSeconds(after.repeatedAt, 86_400), 'all is told');
    assert.deepEqual(await toldOfAlerts(api), ['opened']);
  });
});

test('another cause, and another channel, are told by themselves', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const [block, other] = [await channelBlock(api), await channelBlock(api)];
    const { event } = await failedRun(api);
    await notify(api, event, { block });
    await notify(api, event, { block: other });
    await notify(api, (await failedRun(api, { message: 'TypeError: no row 17' })).event, { block });
    await notify(api, (await failedRun(api, { flow: 'stock' })).event, { block });
    assert.equal(heard.length, 4);
    assert.equal((await alertsOf(api)).length, 4);
  });
});

test('what has no cause that can be told is sent each time; so is what shall not be folded', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const own = { event: 'sales.closed', resource: { 'prefect.resource.id': 'sales' } };
    for (const event of [own, own, null, null]) assert.equal((await notify(api, event, { block })).status, 'done');
    const run = await newRun(api);
    await state(api, run, 'COMPLETED');
    const { event } = await failedRun(api);
    await notify(api, event, { block, alert: { fold: false } });
    await notify(api, event, { block, alert: { fold: false } });
    assert.equal(heard.length, 6);
    assert.deepEqual(await alertsOf(api), []);
    // With a cause of its own it is folded, and only with the same.
    for (const name of ['a', 'a', 'b'])
      await notify(api, { ...own, payload: { name } }, { block, alert: { cause: 'of {{ event.payload.name }}' } });
    assert.equal(heard.length, 8);
    // Alerts about alerts would have no end.
    await notify(api, { ...own, event: 'ostinato.alert.opened' }, { block, alert: { cause: 'x' } });
    assert.equal((await alertsOf(api)).length, 2);
  });
});

test('a channel with threads is replied to at the 2nd, 10th, 100th; one without hears of repeats an hour later', async () => {
  for (const [abilities, told] of [
    [['reply'], [2, 10]],
    [[], []],
  ] as const) {
    const { heard, openChannel } = fakeChannel(...abilities);
    await withApi({ openChannel }, async (api) => {
      const block = await channelBlock(api);
      for (let count = 1; count <= 12; count += 1) {
        await notify(api, (await failedRun(api)).event, { block });
        api.advance(5);
        await lookAtAlerts(api);
      }
      const further = heard.slice(1);
      assert.deepEqual(
        further.map(({ how, handle }) => [how, handle]),
        told.map(() => ['reply', 'm1']),
      );
      assert.deepEqual(
        further.map(({ subject }) => subject),
        told.map((count) => `a run failed (${count} times)`),
      );
      api.advance(3600);
      await lookAtAlerts(api);
      assert.equal(heard.at(-1)?.subject, 'a run failed (12 times)');
      assert.equal(heard.length, told.length + 2);
    });
  }
});

test('two automations that tell one channel of one cause send one message, which names them', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const { event } = await failedRun(api);
    await notify(api, event, { block, asked: { name: 'all' } });
    await notify(api, event, { block, asked: { name: 'sales only' } });
    api.advance(5);
    await lookAtAlerts(api);
    assert.deepEqual([heard.length, heard[1]?.body.includes('Told by the automations all, sales only.')], [2, true]);
    assert.match(heard[1]?.body ?? '', /Affected: [\w-]+\.\n/, 'one run');
  });
});

test('a first message that is not taken is tried by its order, then by its alert; nothing is lost', () => {
  const { heard, openChannel, answers } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const delayed = { outcome: 'delayed', receipt: 'It answered 503.', afterSeconds: null } as const;
    answers.push(delayed, { outcome: 'refused', receipt: 'channel_not_found' });
    const first = await notify(api, (await failedRun(api)).event, { block });
    assert.deepEqual([first.status, first.text], ['waits', 'It answered 503.']);
    const second = await notify(api, (await failedRun(api)).event, { block });
    assert.equal(second.status, 'done');
    api.advance(1);
    await actOnDue(api);
    assert.deepEqual((await recordOf(api, first)).receipt, { status: 'refused', text: 'channel_not_found' });
    await lookAtAlerts(api);
    assert.equal(heard.length, 2);
    answers.push(delayed);
    api.advance(600);
    await lookAtAlerts(api);
    api.advance(10);
    await lookAtAlerts(api);
    assert.deepEqual(
      heard.map(({ how }) => how),
      ['send', 'send', 'send', 'send'],
    );
    assert.equal(heard.at(-1)?.subject, 'a run failed (2 times)');
    assert.equal(new Set(heard.map(({ idempotencyKey }) => idempotencyKey)).size, 1);
    // Without a repeat there is nothing more to tell than its receipt, and the next one is told.
    answers.push({ outcome: 'refused', receipt: 'channel_not_found' });
    const other = { message: 'TypeError: x' };
    assert.equal((await notify(api, (await failedRun(api, other)).event, { block })).status, 'refused');
    assert.equal((await notify(api, (await failedRun(api, other)).event, { block })).text, 'It was taken.');
  });
});

test('an order that is begun again after its server died opens no second alert, and is counted once', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const action = { type: 'send-notification', block_document_id: block, body: 'x' };
    const first = await orderAction(api, action, { event: (await failedRun(api)).event });
    const [taken] = await api.useCases.takeActionOrders({ limit: 1, underWay: new Map() });
    assert.ok(taken);
    api.advance(120);
    await actOnDue(api);
    assert.equal((await recordOf(api, first)).receipt?.status, 'done');
    assert.equal(await api.useCases.actOn(taken), null, 'the first server comes too late');
    const second = await orderAction(api, action, { event: (await failedRun(api)).event });
    const [late] = await api.useCases.takeActionOrders({ limit: 1, underWay: new Map() });
    assert.ok(late);
    api.advance(120);
    await actOnDue(api);
    assert.equal(await api.useCases.actOn(late), null);
    assert.equal((await recordOf(api, second)).receipt?.status, 'done');
    const [alert] = await alertsOf(api);
    assert.equal(alert?.count, 2);
    assert.equal(heard.length, 1);
  });
});

test('a message about a secret tells it not in what is kept of it', () => {
  const { openChannel, answers } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    answers.push({ outcome: 'accepted', receipt: 'Taken by /services/T/B/secret-path.', handle: 'm1' });
    const done = await acted(
      api,
      { type: 'send-notification', block_document_id: block, body: 'x' },
      { event: (await failedRun(api)).event },
    );
    assert.equal(done.text, 'Taken by ********.');
    assert.equal((await alertsOf(api))[0]?.told.receipt, 'Taken by ********.');
  });
});

test('two servers on one database tell one message, and count each order once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  const { heard, openChannel } = fakeChannel('edit');
  const path = join(folder, 'ostinato.db');
  try {
    await withApi({ openChannel, path }, (one) =>
      withApi({ openChannel, path }, async (other) => {
        const block = await channelBlock(one);
        const action = { type: 'send-notification', block_document_id: block, subject: 'a run failed', body: 'x' };
        for (let index = 0; index < 24; index += 1)
          await orderAction(one, action, { event: (await failedRun(one)).event });
        const act = async (api: ApiUnderTest): Promise<void> => {
          for (;;) {
            const taken = await api.useCases.takeActionOrders({ limit: 4, underWay: new Map() });
            if (taken.length === 0) return;
            await Promise.all(taken.map((order) => api.useCases.actOn(order)));
          }
        };
        await Promise.all([act(one), act(other)]);
        for (const api of [one, other]) api.advance(10);
        await Promise.all([lookAtAlerts(one), lookAtAlerts(other)]);
        const alerts = await alertsOf(one);
        assert.deepEqual(
          alerts.map(({ count, affectedCount, told }) => [count, affectedCount, told.count]),
          [[24, 24, 24]],
        );
        assert.deepEqual(
          heard.map(({ how }) => how),
          ['send', 'edit'],
        );
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
