import assert from 'node:assert/strict';

import type { Webhook, WebhookId } from '../../src/core/webhooks/webhook.ts';
import { makeEvent, makeWebhook, newInstant } from './samples.ts';
import type { StorageTests } from './storage-under-test.ts';

export const webhookTests: StorageTests = {
  'webhooks are made, found by id, name and address, changed and deleted': async (storage) => {
    const webhook = makeWebhook('shop');
    const { id, name, slugHash } = webhook;
    const event = makeEvent({ name: 'made' });
    assert.equal(await storage.changeWebhook({ name }, (found) => ({ webhook, event, answer: found })), null);
    for (const key of [{ id }, { name }, { slugHash }]) assert.deepEqual(await storage.readWebhook(key), webhook);
    const changed: Webhook = {
      ...webhook,
      name: 'store',
      isEnabled: false,
      form: 'github',
      slugHash: 'another',
      secret: 'v1.sealed',
      updatedAt: newInstant(),
    };
    assert.deepEqual(await storage.changeWebhook({ id }, (found) => ({ webhook: changed, answer: found })), webhook);
    assert.deepEqual(await storage.readWebhook({ slugHash: 'another' }), changed);
    assert.equal(await storage.readWebhook({ slugHash }), null, 'the old address leads nowhere');
    assert.deepEqual(await storage.changeWebhook({ id }, (found) => ({ answer: found })), changed, 'only looked at');
    assert.equal(await storage.changeWebhook({ id }, () => ({ webhook: null, answer: 'gone' })), 'gone');
    assert.equal(await storage.readWebhook({ id }), null);
    assert.deepEqual(
      (await storage.readEvents({ afterSeq: 0, limit: 10 })).map((told) => told.name),
      ['made'],
    );
    assert.equal(await storage.readWebhook({ id: 'no id at all' as WebhookId }), null);
  },

  'webhooks are listed by name, page by page; a name is taken once': async (storage) => {
    const webhooks = ['a', 'b', 'c'].map((name) => makeWebhook(name));
    for (const webhook of webhooks.toReversed())
      await storage.changeWebhook({ name: webhook.name }, () => ({ webhook, answer: null }));
    assert.deepEqual(await storage.listWebhooks({ limit: 2, offset: 0 }), webhooks.slice(0, 2));
    assert.deepEqual(await storage.listWebhooks({ limit: 2, offset: 2 }), webhooks.slice(2));
    const twin = makeWebhook('a', { slugHash: 'x' });
    await assert.rejects(
      async () => await storage.changeWebhook({ id: twin.id }, () => ({ webhook: twin, answer: null })),
      { code: 'conflict' },
    );
    assert.deepEqual(await storage.readWebhook({ name: 'a' }), webhooks[0]);
  },
};
