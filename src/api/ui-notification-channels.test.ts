/** What the page of notification channels asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Value } from 'typebox/value';

import { UI_NOTIFICATION_CHANNELS_PAGE } from '../contract/routes/ui-notification-channels.ts';
import { actOnDue, orderAction } from './fixtures/acted.ts';
import { withApi, type ApiUnderTest } from './fixtures/api-under-test.ts';
import { fields, type Fields } from './fixtures/deployed.ts';

async function block(api: ApiUnderTest, slug: string, name: string): Promise<string> {
  await api.useCases.installBlockTypes();
  const type = fields(await api.get(`/block_types/slug/${slug}`));
  const schemas = await api.post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: [type['id']] } } });
  const made = await api.post('/block_documents/', {
    name,
    data: { url: 'https://hooks.example/secret-path' },
    block_type_id: type['id'],
    block_schema_id: (schemas.body as readonly Fields[])[0]?.['id'],
  });
  assert.equal(made.status, 201, made.text);
  return String(fields(made)['id']);
}

test('blocks that can notify, by name, with their newest receipts and without their secrets', () => {
  let status = 200;
  const sendRequest = () => Promise.resolve({ status, headers: {}, body: '' });
  return withApi({ sendRequest }, async (api) => {
    const page = async () => await api.get('/ui/pages/notification_channels');
    assert.deepEqual(fields(await page())['channels'], []);
    const team = await block(api, 'slack-webhook', 'team');
    await block(api, 'slack-webhook', 'all-hands');
    await block(api, 'webhook', 'no-channel');
    for (const answered of [200, 404, 200, 200, 200, 200]) {
      status = answered;
      await orderAction(api, { type: 'send-notification', block_document_id: team, body: 'look' });
      await actOnDue(api);
      api.advance(1);
    }
    const answer = await page();
    const { channels } = fields(answer) as { readonly channels: readonly Fields[] };
    assert.ok(Value.Check(UI_NOTIFICATION_CHANNELS_PAGE.answers[200], answer.body), answer.text);
    assert.deepEqual(
      channels.map(({ name, type }) => [name, type]),
      [
        ['all-hands', 'Slack Webhook'],
        ['team', 'Slack Webhook'],
      ],
    );
    assert.deepEqual(channels[0]?.['receipts'], []);
    const receipts = (channels[1]?.['receipts'] ?? []) as readonly Fields[];
    assert.deepEqual(
      receipts.map(({ receipt }) => fields({ body: receipt })['status']),
      ['done', 'done', 'done', 'done', 'refused'],
      'the newest five',
    );
    assert.doesNotMatch(answer.text, /secret-path/);
  });
});
