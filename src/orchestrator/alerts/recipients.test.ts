import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  alertsOf,
  channelBlock,
  failedRun,
  fakeChannel,
  lookAtAlerts,
  notify,
  state,
  toldOfAlerts,
} from '../../api/fixtures/alerted.ts';
import { withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { NOBODY, type Fields } from '../../api/fixtures/deployed.ts';

const OWN = { event: 'sales.closed', resource: { 'prefect.resource.id': 'sales' } };
/** The clock of the test stands at 14:13:20 UTC, on a Monday. */
const QUIET = { from: '14:00', until: '15:00' };
const UNTIL_THREE = 46 * 60 + 40;

const urlsOf = (heard: readonly { readonly url: unknown }[]) => heard.map(({ url }) => String(url).slice(-1));
const blocks = async (api: ApiUnderTest, ...ends: readonly string[]): Promise<readonly string[]> =>
  await Promise.all(ends.map((end) => channelBlock(api, `https://hooks.example/services/T/B/${end}`)));

test('in quiet hours what can wait is told when they are over; what is critical does not wait', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const alert = { quiet: QUIET };
    const waits = await notify(api, (await failedRun(api)).event, { block, alert });
    assert.match(waits.text, /^The alert \S+ tells it at 2026-09-21T15:00:00\.000000Z\.$/);
    assert.equal((await notify(api, (await failedRun(api)).event, { block, alert })).status, 'done');
    // What is not folded waits, too, each by itself.
    for (const event of [OWN, OWN]) assert.equal((await notify(api, event, { block, alert })).status, 'done');
    await lookAtAlerts(api);
    assert.equal(heard.length, 0);
    const critical = { ...alert, severity: 'critical' };
    await notify(api, (await failedRun(api, { message: 'B: x' })).event, { block, alert: critical });
    await notify(api, OWN, { block, alert: critical });
    assert.deepEqual(
      heard.map(({ severity }) => severity),
      ['critical', 'critical'],
    );
    api.advance(UNTIL_THREE - 1);
    await lookAtAlerts(api);
    assert.equal(heard.length, 2);
    api.advance(1);
    await lookAtAlerts(api);
    assert.deepEqual(
      heard
        .slice(2)
        .map(({ subject }) => subject)
        .toSorted((a, b) => (a < b ? -1 : 1)),
      ['a run failed', 'a run failed', 'a run failed (2 times)'],
    );
    const once = (await alertsOf(api)).filter(({ isOnce }) => isOnce);
    assert.deepEqual(
      once.map(({ state }) => state),
      ['closed', 'closed'],
    );
    assert.equal((await toldOfAlerts(api)).filter((what) => what === 'closed').length, 2);
    assert.ok(Number(await api.storage.nextAlertAt()) > api.now());
  });
});

test('what has recovered in quiet hours is told as that when they are over', () => {
  const { heard, openChannel, answers } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const alert = { quiet: QUIET, recovered_after: 0 };
    for (const message of ['A: x', 'B: x']) {
      const { id, event } = await failedRun(api, { message });
      await notify(api, event, { block, alert });
      api.advance(1);
      await state(api, id, 'RUNNING');
      await state(api, id, 'COMPLETED');
      await lookAtAlerts(api);
    }
    assert.deepEqual(
      (await alertsOf(api)).map((one) => one.state),
      ['recovered', 'recovered'],
    );
    assert.equal(heard.length, 0);
    for (let count = 0; count < 6; count += 1) answers.push({ outcome: 'refused', receipt: 'channel_not_found' });
    api.advance(UNTIL_THREE);
    await lookAtAlerts(api);
    // They are tried as often as any change of a message.
    for (let count = 0; count < 10; count += 1) {
      api.advance(3600);
      await lookAtAlerts(api);
    }
    assert.ok(heard.every(({ subject }) => subject === 'Recovered: a run failed'));
    assert.ok(heard.length <= 12, String(heard.length));
    assert.equal((await alertsOf(api)).filter(({ told }) => told.isTold).length, 2);
    assert.equal(await api.storage.nextAlertAt(), null);
  });
});

test('an escalation waits for the end of quiet hours, too', () => {
  const { heard, openChannel } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const [block, second] = (await blocks(api, '1', '2')) as [string, string];
    const alert = { quiet: { from: '14:20', until: '16:00' }, escalate: [{ after: '15m', block_document_id: second }] };
    await notify(api, (await failedRun(api)).event, { block, alert });
    api.advance(3600);
    await lookAtAlerts(api);
    assert.deepEqual(urlsOf(heard), ['1']);
    api.advance(UNTIL_THREE);
    await lookAtAlerts(api);
    assert.deepEqual(urlsOf(heard), ['1', '2']);
  });
});

test('a digest gathers causes until its time, and begins anew; what is critical is told at once', () => {
  const { heard, openChannel, answers } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const alert = { digest: '1h' };
    const asked = { name: 'nightly' };
    // One automation orders all of it, as it would be.
    const first = await notify(api, (await failedRun(api)).event, { block, alert, asked });
    const again = async (event: Fields): Promise<void> => {
      const order = { ...first.order, id: crypto.randomUUID() };
      const eventId = crypto.randomUUID();
      assert.equal(
        (
          await api.post('/events', [
            { occurred: '2026-09-21T14:00:00Z', related: [], payload: {}, ...event, id: eventId },
          ])
        ).status,
        204,
      );
      await api.useCases.orderActions([{ ...order, firing: { ...order.firing, eventId } }]);
      for (const taken of await api.useCases.takeActionOrders({ limit: 10, underWay: new Map() }))
        await api.useCases.actOn(taken);
    };
    for (let count = 0; count < 3; count += 1) await again((await failedRun(api)).event);
    await again((await failedRun(api, { message: 'B: x' })).event);
    await again(OWN);
    await lookAtAlerts(api);
    assert.equal(heard.length, 0);
    await notify(api, (await failedRun(api)).event, { block, alert: { ...alert, severity: 'critical' } });
    assert.equal(heard.length, 1);
    answers.push({ outcome: 'delayed', receipt: 'It answered 503.', afterSeconds: null });
    api.advance(UNTIL_THREE);
    await lookAtAlerts(api);
    api.advance(10);
    await lookAtAlerts(api);
    const digest = heard.at(-1);
    assert.equal(heard.length, 3);
    assert.equal(digest?.subject, 'Digest of nightly: 6 times');
    assert.match(
      digest?.body ?? '',
      /^Since 2026-09-21 14:13 UTC, 6 affected:\n4 × ValueError: no row <n> \(flow sales\)\n1 × B: x \(flow sales\)\n1 × sales\.closed$/,
    );
    await again(OWN);
    await lookAtAlerts(api);
    assert.equal(heard.length, 3, 'the next one is gathered');
    api.advance(3600);
    await lookAtAlerts(api);
    assert.equal(heard.at(-1)?.subject, 'Digest of nightly: 1 time');
  });
});

test('a group is told as one: taken when one of them took it, edited where all can', () => {
  const { heard, openChannel, answers } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const [block, second] = (await blocks(api, '1', '2')) as [string, string];
    answers.push({ outcome: 'refused', receipt: 'channel_not_found' });
    const alert = { group: [second, NOBODY, second] };
    const done = await notify(api, (await failedRun(api)).event, { block, alert });
    assert.equal(done.status, 'done');
    assert.match(done.text, /^1 of 3 took it\. channel_not_found It was taken\. .*Block document not found/);
    assert.deepEqual(urlsOf(heard), ['1', '2']);
    await notify(api, (await failedRun(api)).event, { block, alert });
    assert.equal((await alertsOf(api)).length, 1);
    api.advance(3600);
    await lookAtAlerts(api);
    // One of them cannot be opened, so that the group cannot edit.
    assert.deepEqual(
      heard.slice(2).map(({ how }) => how),
      ['send', 'send'],
    );

    heard.length = 0;
    const both = { group: [second] };
    await notify(api, (await failedRun(api, { message: 'B: x' })).event, { block, alert: both });
    await notify(api, (await failedRun(api, { message: 'B: x' })).event, { block, alert: both });
    api.advance(5);
    await lookAtAlerts(api);
    assert.deepEqual(
      heard.map(({ how }) => how),
      ['send', 'send', 'edit', 'edit'],
    );
    assert.notEqual(heard[2]?.handle, heard[3]?.handle);
    // Also what is sent by itself.
    heard.length = 0;
    await notify(api, OWN, { block, alert: both });
    assert.deepEqual(urlsOf(heard), ['1', '2']);
    // All of them refuse.
    answers.push(new Error('broken'), { outcome: 'refused', receipt: 'no' });
    assert.equal((await notify(api, OWN, { block, alert: both })).status, 'waits');
  });
});

test('who owns what failed is told, by its tag; else who is on call', () => {
  const { heard, openChannel } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const [block, data, ops, turn] = (await blocks(api, '1', '2', '3', '4')) as [string, string, string, string];
    const alert = {
      owners: { data: [data], ops: [ops], __proto__: [ops] },
      on_call: { start: '2026-09-21', every: '7d', block_document_ids: [turn, data] },
    };
    const tagged = (...tags: readonly string[]): Fields => ({
      ...OWN,
      related: tags.map((tag) => ({ 'prefect.resource.id': `prefect.tag.${tag}`, 'prefect.resource.role': 'tag' })),
    });
    for (const tags of [['owner:data'], ['owner:data', 'owner:ops'], ['owner:nobody', 'data'], ['owner:constructor']])
      await notify(api, tagged(...tags), { block, alert });
    assert.deepEqual(urlsOf(heard), ['2', '2', '3', '4', '4']);
    heard.length = 0;
    await notify(api, (await failedRun(api)).event, { block, alert });
    api.advance(7 * 86_400);
    // What is open stays with whoever was told; the next cause is told who is on call then.
    await notify(api, (await failedRun(api)).event, { block, alert: { ...alert, close_after: '30d' } });
    await notify(api, (await failedRun(api, { message: 'B: x' })).event, { block, alert });
    assert.deepEqual(urlsOf(heard), ['4', '2']);
    const before = { ...alert, on_call: { ...alert.on_call, start: '2030-01-01T09:00' } };
    await notify(api, OWN, { block, alert: before });
    assert.deepEqual(urlsOf(heard), ['4', '2', '1'], 'nobody is on call yet');
  });
});

test('what is wrong about times and people is told when it is saved', () =>
  withApi({}, async (api) => {
    const block = await channelBlock(api);
    const save = (alert: Fields) =>
      api.post('/automations/', {
        name: 'watch',
        trigger: { type: 'event', posture: 'Reactive', expect: ['x'] },
        actions: [{ type: 'send-notification', block_document_id: block, body: 'x', alert }],
      });
    const rota = { start: '2026-09-21T09:00', every: '7d', block_document_ids: [block] };
    for (const wrong of [
      { digest: '1s' },
      { digest: 'now and then' },
      { digest: '0 9 31 2 *' },
      { digest: 0 },
      { quiet: { from: '22:00' } },
      { quiet: { from: '22:00', until: '25:00' } },
      { quiet: { from: '22:00', until: '07:00', days: ['Friday'] } },
      { quiet: { from: '22:00', until: '07:00', days: 'fri' } },
      { time_zone: 'Mars/Olympus' },
      { time_zone: 'x'.repeat(1000) },
      { group: 'x' },
      { group: Array.from({ length: 11 }, () => block) },
      { group: [17] },
      { owners: [] },
      { owners: { data: [] } },
      { owners: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`o${index}`, [block]])) },
      { on_call: { ...rota, every: '10m' } },
      { on_call: { ...rota, start: 'Monday' } },
      { on_call: { ...rota, block_document_ids: [] } },
      { on_call: { ...rota, overrides: [{ from: '2026-01-01', until: '2026-02-30', block_document_id: block }] } },
    ])
      assert.equal((await save(wrong)).status, 422, JSON.stringify(wrong));
    for (const right of [
      { digest: '0 9 * * 1-5', time_zone: 'Europe/Berlin' },
      { quiet: { from: '22:00', until: '07:00', days: ['fri', 'fri'] } },
      { group: [], owners: {} },
      { on_call: { ...rota, overrides: [{ from: '2026-01-01', until: '2026-02-01', block_document_id: block }] } },
    ])
      assert.equal((await save(right)).status, 201, JSON.stringify(right));
  }));
