/** Blocks that say what cannot be, and texts that are longer than a service takes. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import type { ChannelBlock } from '../core/notifications/channel.ts';
import { openService, portsFor, sendBy, type Service } from './fixtures/service.ts';

let service: Service;
before(async () => void (service = await openService()));
after(() => service.close());
beforeEach(() => void (service.asked.length = 0));

type Data = ChannelBlock['data'];

test('a block that says too little, or what cannot be, is refused before anything is sent', async () => {
  const wrong: readonly (readonly [slug: string, Data, RegExp])[] = [
    ['slack-webhook', {}, /its url is not a text/],
    ['slack-webhook', { url: 7 }, /its url is not a text/],
    ['signed-webhook', { url: 'ftp://x.example', secret: 's'.repeat(16) }, /does not begin with http/],
    ['own-kind', { address: 'https://x.example' }, /no channel for blocks of the type own-kind, and no url/],
    ['discord-webhook', { webhook_id: 'x' }, /its webhook_token/],
    ['mattermost-webhook', { hostname: 'a b', token: 'x' }, /does not begin with http/],
    ['mattermost-webhook', { hostname: 'a', token: 'x', port: 9_223_372_036_854 }, /its port is not a number/],
    ['mattermost-webhook', { hostname: 'a', token: 'x', channels: [1] }, /its channels is not a list of texts/],
    ['twilio-sms', { account_sid: 'a', auth_token: 'b', from_phone_number: 'c' }, /its to_phone_numbers are empty/],
    ['pager-duty-webhook', { integration_key: 'a', api_key: 'b', region_name: 'mars' }, /its region_name/],
    ['opsgenie-webhook', { apikey: 'a', details: { a: 1 } }, /its details is not an object of texts/],
    ['sendgrid-email', { api_key: 'a', sender_email: 'b', to_emails: [] }, /its to_emails/],
    ['ntfy', { topic: 't', notify_type: 'loud' }, /its notify_type/],
  ];
  for (const [slug, data, receipt] of wrong) {
    const delivery = await sendBy(portsFor(service), { slug, data });
    assert.equal(delivery.outcome, 'refused');
    assert.match(delivery.receipt, receipt);
  }
  const away = { slug: 'slack-webhook', data: { url: `${service.url}/x`, allow_private_urls: false } };
  assert.match((await sendBy(portsFor(service), away)).receipt, /private network, which its block does not allow/);
  assert.equal(service.asked.length, 0);
});

test('long texts are cut where the service would refuse them, and keep their links', async () => {
  service.answers = [[200, { id: '77' }]];
  const links = [{ text: 'Run', url: 'https://x.example/r' }];
  await sendBy(
    portsFor(service),
    { slug: 'discord-webhook', data: { webhook_id: '12', webhook_token: 'x' } },
    { body: '😀'.repeat(5000), links },
  );
  const { content } = JSON.parse(service.asked[0]?.body ?? '') as { readonly content: string };
  assert.ok(content.length <= 2000 && content.length > 1990, String(content.length));
  assert.ok(content.endsWith('😀…\nRun: https://x.example/r') && content.isWellFormed());
});
