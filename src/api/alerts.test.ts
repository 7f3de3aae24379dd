import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  alertsOf,
  channelBlock,
  failedRun,
  fakeChannel,
  lookAtAlerts,
  notify,
  toldOfAlerts,
} from './fixtures/alerted.ts';
import { PAGES, withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { fields, NOBODY, type Fields } from './fixtures/deployed.ts';

const ESCALATED = 'https://hooks.example/services/T/B/second';

async function opened(api: ApiUnderTest, alert: Fields = { acknowledge: true }, message?: string): Promise<string> {
  const block = await channelBlock(api);
  const { event } = await failedRun(api, message === undefined ? {} : { message });
  assert.equal((await notify(api, event, { block, alert })).status, 'done');
  return String((await alertsOf(api))[0]?.id);
}

const linkIn = (links: readonly { readonly url: string }[] | undefined): string =>
  String(links?.[0]?.url).slice(`${PAGES}/api`.length);

test('nobody acknowledges: further people are told, one after the other; then somebody does', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const [second, third] = [await channelBlock(api, ESCALATED), await channelBlock(api, `${ESCALATED}/3`)];
    const escalate = [
      { after: '15m', block_document_id: second },
      { after: '1h', block_document_id: third },
    ];
    const id = await opened(api, { escalate });
    assert.deepEqual(
      heard[0]?.links.map(({ text }) => text),
      ['Acknowledge'],
    );
    api.advance(899);
    await lookAtAlerts(api);
    assert.equal(heard.length, 1);
    api.advance(1);
    await lookAtAlerts(api);
    await lookAtAlerts(api);
    assert.deepEqual([heard.length, heard[1]?.how, heard[1]?.url], [2, 'send', ESCALATED]);
    assert.equal(heard[1]?.subject, 'Escalated: a run failed');
    assert.match(heard[1]?.body ?? '', /Nobody has acknowledged it\. It has gone on for 15 m\./);
    const done = await api.post(`/ostinato/alerts/${id}/acknowledge`, { by: 'Ada' });
    assert.deepEqual([fields(done)['state'], fields(done)['acknowledged_by']], ['acknowledged', 'Ada']);
    api.advance(3600);
    await lookAtAlerts(api);
    assert.deepEqual(
      [heard.length, heard[2]?.how, heard[2]?.subject, heard[2]?.links],
      [3, 'edit', 'Acknowledged by Ada: a run failed', []],
    );
    const again = await api.post(`/ostinato/alerts/${id}/acknowledge`, { by: 'Bob' });
    assert.equal(fields(again)['acknowledged_by'], 'Ada', 'the first one has it');
    assert.deepEqual(await toldOfAlerts(api), ['opened', 'escalated', 'acknowledged']);
  });
});

test('an escalation that is not taken is tried again; one that is told says so once', () => {
  const { heard, openChannel, answers } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    const second = await channelBlock(api, ESCALATED);
    await opened(api, { escalate: [{ after: 60, block_document_id: second }] });
    answers.push({ outcome: 'delayed', receipt: 'It answered 429.', afterSeconds: 30 }, new Error('broken'));
    api.advance(60);
    await lookAtAlerts(api);
    assert.equal((await alertsOf(api))[0]?.told.receipt, 'It answered 429.');
    for (const seconds of [29, 1, 20, 3000]) {
      api.advance(seconds);
      await lookAtAlerts(api);
    }
    const escalations = heard.filter(({ url }) => url === ESCALATED);
    assert.equal(escalations.length, 3);
    assert.equal(new Set(escalations.map(({ idempotencyKey }) => idempotencyKey)).size, 1);
    assert.deepEqual(await toldOfAlerts(api), ['opened', 'escalated']);
  });
});

test('a link acknowledges without the secret of the server: looking changes nothing, the button does', () => {
  const { heard, openChannel } = fakeChannel('reply');
  return withApi({ openChannel }, async (api) => {
    const id = await opened(api, { acknowledge: true }, 'ValueError: <b>"bold"</b> & \u0007');
    const link = linkIn(heard[0]?.links);
    assert.ok(link.startsWith(`/ostinato/alerts/${id}/acknowledgement?until=`));
    const shown = await api.get(link);
    assert.equal(shown.status, 200);
    assert.match(shown.text, /<form method="post"><button type="submit">Acknowledge<\/button><\/form>/);
    assert.match(shown.text, /&lt;b&gt;&quot;bold&quot;&lt;\/b&gt; &amp;/);
    assert.ok(!shown.text.includes('<b>') && !shown.text.includes('\u0007'));
    assert.match(String(shown.headers['content-security-policy']), /form-action 'self'.*frame-ancestors 'none'/);
    assert.equal(shown.headers['cache-control'], 'no-store');
    assert.equal((await alertsOf(api))[0]?.state, 'open', 'scanners open links');
    const cross = { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await api.send('GET', link, undefined, { 'sec-fetch-site': 'cross-site' })).status, 200);
    const foreign = await api.send('POST', link, undefined, { ...cross, origin: 'https://evil.example' });
    assert.equal(foreign.status, 403);
    assert.equal((await alertsOf(api))[0]?.state, 'open');
    const browser = {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Mozilla/5.0',
      'sec-fetch-site': 'same-origin',
    };
    const done = await api.send('POST', link, '', browser);
    assert.deepEqual([done.status, /It is acknowledged\./.test(done.text)], [200, true]);
    assert.equal((await alertsOf(api))[0]?.acknowledged?.by, 'the link in its message');
    assert.match((await api.get(link)).text, /It is acknowledged\./);
    await lookAtAlerts(api);
    assert.deepEqual(
      [heard[1]?.how, heard[1]?.subject],
      ['reply', 'Acknowledged by the link in its message: a run failed'],
    );
  });
});

test('a link that is changed, of another alert, or over, is refused, always with the same words', () => {
  const { heard, openChannel } = fakeChannel();
  return withApi({ openChannel }, async (api) => {
    await opened(api);
    const other = await opened(api, { acknowledge: true }, 'TypeError: x');
    const link = linkIn(heard[0]?.links);
    const query = link.slice(link.indexOf('?'));
    const { until = '', signature = '' } = Object.fromEntries(new URLSearchParams(query));
    const path = link.slice(0, link.indexOf('?'));
    const wrong = [
      `${path}?until=${until}&signature=${signature.slice(0, -1)}${signature.endsWith('0') ? '1' : '0'}`,
      `${path}?until=${Number(until) + 1}&signature=${signature}`,
      `${path}?until=${until}&signature=`,
      `${path}?until=${until}&signature=${'a'.repeat(64)}`,
      `${path}?until=${until}&signature=%00%F0%9F%92%A9`,
      `/ostinato/alerts/${other}/acknowledgement${query}`,
      `/ostinato/alerts/${NOBODY}/acknowledgement${query}`,
    ];
    const answers = new Set<string>();
    for (const address of wrong)
      for (const method of ['GET', 'POST'] as const) {
        const answer = await api.send(method, address);
        assert.equal(answer.status, 403, address);
        answers.add(answer.text);
      }
    assert.equal(answers.size, 1);
    for (const bad of [`${path}`, `${path}?until=9007199254740993&signature=x`, `${path}?until=-1&signature=x`])
      assert.equal((await api.get(bad)).status, 422);
    api.advance(7 * 86_400 - 1);
    assert.equal((await api.get(link)).status, 200);
    api.advance(1);
    assert.equal((await api.get(link)).status, 403);
    assert.ok((await alertsOf(api)).every(({ acknowledged }) => acknowledged === null));
  });
});

test('with a secret, exactly the link is let through', () => {
  const { heard, openChannel } = fakeChannel();
  return withApi({ openChannel, gate: { authString: 'admin:pass' } }, async (closed) => {
    // The same store is asked with the secret by whoever has it.
    const authorization = `Basic ${Buffer.from('admin:pass').toString('base64')}`;
    const api: ApiUnderTest = {
      ...closed,
      get: (path) => closed.send('GET', path, undefined, { authorization }),
      post: (path, body) => closed.send('POST', path, body, { authorization }),
      send: (method, path, body, headers) => closed.send(method, path, body, { authorization, ...headers }),
    };
    const id = await opened(api);
    const link = linkIn(heard[0]?.links);
    assert.equal((await closed.get(link)).status, 200);
    assert.equal((await closed.send('HEAD' as 'GET', link)).status, 200);
    for (const [method, path] of [
      ['GET', `/ostinato/alerts/${id}`],
      ['POST', '/ostinato/alerts/filter'],
      ['POST', `/ostinato/alerts/${id}/acknowledge`],
      ['POST', `/ostinato/alerts/${id}/close`],
      ['POST', `/ostinato/alerts/${id}/snooze`],
      ['PUT', link],
      ['DELETE', link],
    ] as const)
      assert.equal((await closed.send(method, path, {})).status, 401, `${method} ${path}`);
    assert.equal((await closed.send('GET', link, undefined, { host: 'evil.example' })).status, 403);
  });
});

test('alerts are listed by state, page by page, snoozed and closed', () => {
  const { heard, openChannel } = fakeChannel('edit');
  return withApi({ openChannel }, async (api) => {
    const ids: string[] = [];
    for (const message of ['A: x', 'B: x', 'C: x']) {
      ids.unshift(await opened(api, {}, message));
      api.advance(1);
    }
    const list = async (body: Fields = {}) =>
      (await api.post('/ostinato/alerts/filter', body)).body as readonly Fields[];
    assert.deepEqual(
      (await list()).map(({ id }) => id),
      ids,
    );
    assert.deepEqual(
      (await list({ limit: 1, after: ids[0] })).map(({ id }) => id),
      [ids[1]],
    );
    assert.equal((await api.post('/ostinato/alerts/filter', { after: NOBODY })).status, 404);
    assert.equal((await api.post('/ostinato/alerts/filter', { states: ['gone'] })).status, 422);
    const closed = fields(await api.post(`/ostinato/alerts/${ids[0]}/close`));
    assert.equal(closed['state'], 'closed');
    assert.deepEqual(
      (await list({ states: ['open'] })).map(({ id }) => id),
      ids.slice(1),
    );
    assert.equal(fields(await api.get(`/ostinato/alerts/${ids[0]}`))['cause'], 'C: x (flow sales)');
    for (const path of [`/ostinato/alerts/${NOBODY}`, '/ostinato/alerts/no-id'])
      assert.equal((await api.get(path)).status, 404);

    const snoozed = fields(await api.post(`/ostinato/alerts/${ids[1]}/snooze`, { seconds: 7200 }));
    assert.notEqual(snoozed['snoozed_until'], null);
    for (const seconds of [-1, 1e300, '9'.repeat(19), null])
      assert.equal((await api.post(`/ostinato/alerts/${ids[1]}/snooze`, { seconds })).status, 422);
    const [, alert] = await alertsOf(api);
    assert.ok(alert);
    await notify(api, (await failedRun(api, { message: 'B: x' })).event, { block: alert.channel });
    const before = heard.length;
    api.advance(7199);
    await lookAtAlerts(api);
    assert.equal(heard.filter(({ key }) => key === alert.id).length, 1);
    api.advance(1);
    await lookAtAlerts(api);
    assert.equal(heard.filter(({ key }) => key === alert.id).length, 2);
    assert.ok(heard.length > before);
    assert.equal(fields(await api.post(`/ostinato/alerts/${ids[1]}/snooze`, { seconds: 0 }))['snoozed_until'], null);
  });
});

test('what an automation says about alerts is checked, and stays when a client that does not know it writes it back', () =>
  withApi({}, async (api) => {
    const block = await channelBlock(api);
    const action = { type: 'send-notification', block_document_id: block, body: 'x' };
    const body = (alert?: unknown) => ({
      name: 'watch',
      trigger: { type: 'event', posture: 'Reactive', expect: ['x'] },
      actions: [{ type: 'do-nothing' }, { ...action, ...(alert === undefined ? {} : { alert }) }],
    });
    for (const wrong of [
      { fold: 'perhaps' },
      { folds: true },
      { severity: 'awful' },
      { close_after: 'soon' },
      { close_after: -1 },
      { close_after: '999999999d' },
      { close_after: true },
      { cause: '{{ nothing' },
      { cause: 1 },
      { escalate: {} },
      { escalate: [{ after: '1h' }] },
      { escalate: [{ after: '1h', block_document_id: 'x' }] },
      {
        escalate: [
          { after: '2h', block_document_id: block },
          { after: '1h', block_document_id: block },
        ],
      },
      { escalate: Array.from({ length: 11 }, () => ({ after: 1, block_document_id: block })) },
      [],
      'x',
    ])
      assert.equal((await api.post('/automations/', body(wrong))).status, 422, JSON.stringify(wrong));
    const unknown = await api.post('/automations/', body({ folds: true }));
    assert.match(unknown.text, /nothing is called 'folds' here: there are fold, cause, severity/);
    const given = { severity: 'critical', close_after: '2h', escalate: [{ after: 'PT15M', block_document_id: block }] };
    const kept = { severity: 'critical', close_after: 7200, escalate: [{ after: 900, block_document_id: block }] };
    const made = fields(await api.post('/automations/', body(given)));
    const path = `/automations/${String(made['id'])}`;
    const alertOf = async () => (fields(await api.get(path))['actions'] as readonly Fields[]).at(-1)?.['alert'];
    assert.deepEqual(await alertOf(), kept);
    assert.equal((await api.send('PUT', path, body())).status, 204);
    assert.deepEqual(await alertOf(), kept, 'it stood at the same place');
    const { actions, ...rest } = body();
    assert.equal((await api.send('PUT', path, { ...rest, actions: actions.slice(1) })).status, 204);
    assert.deepEqual(await alertOf(), kept, 'the one action with its block');
    assert.equal((await api.send('PUT', path, body({ fold: false }))).status, 204);
    assert.deepEqual(await alertOf(), { fold: false });
    assert.equal((await api.send('PUT', path, body(null))).status, 204);
    assert.equal(await alertOf(), undefined);
    const other = await channelBlock(api);
    await api.send('PUT', path, body(given));
    await api.send('PUT', path, { ...rest, actions: [{ ...action, block_document_id: other }] });
    assert.equal(await alertOf(), undefined, 'it was of another channel');
  }));
