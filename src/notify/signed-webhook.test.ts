import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { openService, portsFor, SAID, sendBy, type Service } from './fixtures/service.ts';

let service: Service;
before(async () => void (service = await openService()));
after(() => service.close());

test('a signed webhook is checked by whoever knows the secret', async () => {
  const secret = 'a secret of sixteen bytes';
  const key = Buffer.from(secret).toString('base64');
  service.answers = [[204]];
  for (const given of [secret, `whsec_${key}`]) {
    const data = { url: `${service.url}/in`, secret: given, headers: { 'x-own': 'y', 'webhook-id': 'no' } };
    const delivery = await sendBy(portsFor(service), { slug: 'signed-webhook', data }, { severity: 'warning' });
    assert.equal(delivery.receipt, 'accepted (204)');
    const { headers, body: sent } = service.asked.at(-1) ?? assert.fail('nothing was asked');
    const id = String(headers['webhook-id']);
    const at = String(headers['webhook-timestamp']);
    assert.deepEqual([id, at, headers['x-own']], ['order-1', '1790000000', 'y']);
    const expected = createHmac('sha256', secret).update(`${id}.${at}.${sent}`).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${expected}`);
    const { key: about, subject, body, format, links } = SAID;
    const said = { key: about, subject, body, format, links, severity: 'warning' };
    const told = { type: 'notification', timestamp: '2026-09-21T14:13:20Z', data: said };
    assert.deepEqual({ ...JSON.parse(sent), timestamp: told.timestamp }, told);
  }
  const short = { slug: 'signed-webhook', data: { url: service.url, secret: 'whsec_YWJj' } };
  assert.equal(
    (await sendBy(portsFor(service), short)).receipt,
    'The block was invalid: its secret has less than 16 bytes.',
  );
});

const DISCORD = { slug: 'discord-webhook', data: { webhook_id: '12', webhook_token: 'x' } };

test('a service that hangs, one that is away, and one that closes without a word: later', async () => {
  service.answers = [null];
  const data = { url: service.url, secret: 'a secret of sixteen bytes', timeout: 1 };
  const hung = await sendBy(portsFor(service), { slug: 'signed-webhook', data });
  assert.deepEqual(hung, {
    outcome: 'delayed',
    receipt: 'The receiver did not answer within 1 s.',
    afterSeconds: null,
  });
  const away = await openService();
  away.close();
  const gone = await sendBy(portsFor(away), DISCORD);
  assert.equal(gone.outcome, 'delayed');
  assert.match(gone.receipt, /ECONNREFUSED/);
});
