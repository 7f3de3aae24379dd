import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  alertsOf,
  channelBlock,
  eventOf,
  failedRun,
  fakeChannel,
  lookAtAlerts,
  newRun,
  notify,
  state,
  toldOfAlerts,
} from '../../api/fixtures/alerted.ts';
import { withApi, type ApiUnderTest } from '../../api/fixtures/api-under-test.ts';
import { deploy } from '../../api/fixtures/deployed.ts';
import { ALERTS_CURSOR } from '../../store/port/alerts.ts';

async function succeed(api: ApiUnderTest, more: Parameters<typeof newRun>[2] = {}, flow = 'sales'): Promise<void> {
  const run = await newRun(api, flow, more);
  await state(api, run, 'RUNNING');
  await state(api, run, 'COMPLETED');
}

const stateOf = async (api: ApiUnderTest) => (await alertsOf(api)).map((alert) => alert.state);

test('a further run that succeeds ends an alert, after a while without a failure; the next failure opens another', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    for (let count = 0; count < 37; count += 1) await notify(api, (await failedRun(api)).event, { block });
    api.advance(720);
    await succeed(api);
    await lookAtAlerts(api);
    api.advance(59);
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['open']);
    api.advance(1);
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['recovered']);
    const last = heard.at(-1);
    assert.deepEqual(
      [last?.how, last?.handle, last?.severity, last?.isResolved, last?.subject],
      ['edit', 'm1', 'success', true, 'Recovered: a run failed (37 times)'],
    );
    assert.match(last?.body ?? '', /Recovered after 13 m, 37 times\./);
    assert.equal(await api.storage.nextAlertAt(), null);
    assert.equal(
      (await api.storage.listCursors()).some(({ name }) => name === ALERTS_CURSOR),
      false,
    );
    await notify(api, (await failedRun(api)).event, { block });
    assert.deepEqual((await stateOf(api)).toSorted(), ['open', 'recovered']);
    assert.deepEqual(await toldOfAlerts(api), ['opened', 'recovered', 'opened']);
  });
});

test('a success among failures ends nothing; nor does one that was under way, or of another flow', () => {
  const { openChannel } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const underWay = await newRun(api);
    await state(api, underWay, 'RUNNING');
    api.advance(1);
    await notify(api, (await failedRun(api)).event, { block });
    api.advance(1);
    await state(api, underWay, 'COMPLETED');
    await succeed(api, {}, 'stock');
    await lookAtAlerts(api);
    api.advance(60);
    await lookAtAlerts(api);
    assert.equal((await alertsOf(api))[0]?.healthySince, null);
    await succeed(api);
    await lookAtAlerts(api);
    assert.notEqual((await alertsOf(api))[0]?.healthySince, null);
    api.advance(30);
    await notify(api, (await failedRun(api)).event, { block });
    api.advance(60);
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['open']);
  });
});

test('the run that failed ends it when it is tried again; of several deployments each has to succeed', () => {
  const { openChannel } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const alert = { recovered_after: 0 };
    const { id, event } = await failedRun(api);
    await notify(api, event, { block, alert });
    api.advance(1);
    await state(api, id, 'RUNNING');
    await state(api, id, 'COMPLETED');
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['recovered']);

    const [one, other] = [await deploy(api, { name: 'one' }), await deploy(api, { name: 'other' })];
    const message = 'Flow run encountered an exception: TypeError: x';
    for (const { id: of } of [one, other])
      await notify(api, (await failedRun(api, { deployment: String(of), message })).event, { block, alert });
    api.advance(1);
    await succeed(api);
    await succeed(api, { deployment: String(one['id']) });
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['open', 'recovered']);
    await succeed(api, { deployment: String(other['id']) });
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['recovered', 'recovered']);
  });
});

test('one that shall not be ended by successes is closed when it is not repeated; that is no further message', () => {
  const { heard, openChannel } = fakeChannel('reply');
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    await notify(api, (await failedRun(api)).event, { block, alert: { recovered_after: null, close_after: '2h' } });
    await succeed(api);
    await lookAtAlerts(api);
    api.advance(7199);
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['open']);
    api.advance(1);
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['closed']);
    assert.equal(heard.length, 1);
    assert.deepEqual(await toldOfAlerts(api), ['opened', 'closed']);
  });
});

test('a pool that is not ready is told once, until it is ready', () => {
  const { heard, openChannel } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    const resource = { 'prefect.resource.id': 'prefect.work-pool.x', 'prefect.resource.name': 'mine' };
    const event = { event: 'prefect.work-pool.not-ready', resource };
    for (let count = 0; count < 3; count += 1) await notify(api, event, { block, alert: { recovered_after: 0 } });
    assert.equal(heard.length, 1);
    api.advance(1);
    const ready = { event: 'prefect.work-pool.ready', occurred: '2027-01-01T00:00:00Z', resource };
    assert.equal(
      (await api.post('/events', [{ ...ready, related: [], payload: {}, id: crypto.randomUUID() }])).status,
      204,
    );
    await lookAtAlerts(api);
    assert.deepEqual(await stateOf(api), ['recovered']);
    assert.match(heard[1]?.body ?? '', /^Recovered after .*, 3 times\.\nCause: mine is not ready\n/);
  });
});

test('many events are passed, and the cursor moves now and then; what is found twice changes nothing', () => {
  const { openChannel } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const block = await channelBlock(api);
    await notify(api, (await failedRun(api)).event, { block });
    const at = async () => (await api.storage.listCursors()).find(({ name }) => name === ALERTS_CURSOR)?.seq;
    const before = await at();
    const events = Array.from({ length: 1200 }, (_, index) => ({
      id: crypto.randomUUID(),
      event: 'sales.closed',
      occurred: '2026-09-21T14:00:00Z',
      resource: { 'prefect.resource.id': `sales.${index}` },
      related: [],
      payload: {},
    }));
    for (let start = 0; start < events.length; start += 100)
      assert.equal((await api.post('/events', events.slice(start, start + 100))).status, 204);
    const first = await api.useCases.lookForRecoveries(null);
    assert.deepEqual([first?.isBehind, await at()], [true, before]);
    let looked = first;
    while (looked?.isBehind === true) looked = await api.useCases.lookForRecoveries(looked.seq);
    assert.ok(((await at()) ?? 0) > (before ?? 0));
    const run = await newRun(api);
    await state(api, run, 'RUNNING');
    await state(api, run, 'COMPLETED');
    await api.useCases.lookForRecoveries(null);
    const [once] = await alertsOf(api);
    assert.notEqual(once?.healthySince, null);
    api.advance(5);
    await api.useCases.lookForRecoveries(null);
    assert.deepEqual((await alertsOf(api))[0], once);
    assert.ok(await eventOf(api, run));
  });
});
