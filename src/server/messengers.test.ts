/** What leaves the server keeps to its settings: webhooks, messages, and those that go by a gateway. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';

import type { WebRequest } from '../core/web/send-request.ts';
import { createClock } from '../platform/clock.ts';
import { messengersOf } from './messengers.ts';

const asked: (string | undefined)[] = [];
const open = () =>
  createServer(({ url }, response) => {
    asked.push(url);
    if (url === '/away') response.writeHead(302, { location: elsewhere() }).end();
    else response.writeHead(202).end('{"status": "success"}');
  });
const [one, other] = [open(), open()];
const portOf = (server: typeof one): number => (server.address() as AddressInfo).port;
const elsewhere = (): string => `http://127.0.0.1:${portOf(other)}/there`;
before(async () => {
  for (const server of [one, other]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  one.close();
  other.close();
});
beforeEach(() => void (asked.length = 0));

const request = (url: string): WebRequest => ({
  method: 'POST',
  url,
  headers: {},
  body: 'x',
  timeoutMs: 10_000,
  bodyBytesMax: 100,
  allowsPrivate: true,
  verifies: true,
});

test('a webhook goes only where it may, and no redirect leads it elsewhere', async () => {
  const { sendRequest } = messengersOf({ clock: createClock(), notificationTargets: [`127.0.0.1:${portOf(one)}`] });
  assert.equal((await sendRequest(request(`http://127.0.0.1:${portOf(one)}/here`))).status, 202);
  assert.equal((await sendRequest(request(`http://127.0.0.1:${portOf(one)}/away`))).status, 302);
  await assert.rejects(sendRequest(request(elsewhere())), /none that server\.notification_targets allows/);
  assert.deepEqual(asked, ['/here', '/away']);
});

test('a gateway stands in for a service, with a path of its own, and is no exception from the list', async () => {
  const data = { integration_key: 'a', api_key: 'b' };
  const said = { key: 'k', subject: 's', body: 'b', format: 'plain', links: [] } as const;
  const send = async (notificationTargets: readonly string[] | null) => {
    const notificationGateways = [`pager-duty-webhook=http://127.0.0.1:${portOf(one)}/pager/`];
    const { openChannel } = messengersOf({ clock: createClock(), notificationTargets, notificationGateways });
    const channel = await openChannel({ slug: 'pager-duty-webhook', data });
    return (await channel.send(said, { idempotencyKey: 'k' })).outcome;
  };
  assert.deepEqual([await send(null), await send(['events.pagerduty.com'])], ['accepted', 'refused']);
  assert.deepEqual(asked, ['/pager/v2/enqueue']);
});
