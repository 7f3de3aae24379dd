/** Webhooks, read and written. */

import { OstinatoError } from '../../core/errors.ts';
import type { Instant } from '../../core/time.ts';
import type { Webhook, WebhookForm, WebhookId, WebhookKey } from '../../core/webhooks/webhook.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import { pageRows, SCAN_ROWS_MAX } from '../page.ts';
import type { WebhookChange, WebhookStorage } from '../port/webhooks.ts';
import { insertEvents } from './events.ts';

interface WebhookRow {
  readonly id: IdValue;
  readonly name: string;
  readonly description: string;
  readonly enabled: number;
  readonly form: string;
  readonly template: string;
  readonly slug_hash: string;
  readonly secret: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

function readWebhookRow(row: WebhookRow): Webhook {
  return {
    id: readId<WebhookId>(row.id),
    name: row.name,
    description: row.description,
    isEnabled: row.enabled === 1,
    form: row.form as WebhookForm,
    template: row.template,
    slugHash: row.slug_hash,
    secret: row.secret,
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

export function webhooksOn(database: Database): WebhookStorage {
  return {
    readWebhook: (key) => database.read((db) => findWebhook(db, key)),
    listWebhooks: ({ limit, offset }) =>
      database.read(function* (db) {
        const rows = yield* db.all<WebhookRow>(
          'SELECT * FROM webhook ORDER BY name LIMIT ? OFFSET ?',
          pageRows(limit, SCAN_ROWS_MAX),
          offset,
        );
        return rows.map(readWebhookRow);
      }),
    changeWebhook: (key, change) => database.write((db) => changeWebhook(db, key, change)),
  };
}

function* findWebhook(db: Statements, key: WebhookKey): Work<Webhook | null> {
  if ('name' in key) return yield* db.one('SELECT * FROM webhook WHERE name = ?', readWebhookRow, key.name);
  if ('slugHash' in key)
    return yield* db.one('SELECT * FROM webhook WHERE slug_hash = ?', readWebhookRow, key.slugHash);
  const bytes = lookupBytes(key.id);
  return bytes && (yield* db.one('SELECT * FROM webhook WHERE id = ?', readWebhookRow, bytes));
}

function* changeWebhook<Answer>(
  db: Statements,
  key: WebhookKey,
  change: (found: Webhook | null) => WebhookChange<Answer>,
): Work<Answer> {
  const found = yield* findWebhook(db, key);
  const { webhook, event, answer } = change(found);
  if (webhook !== undefined && found !== null) yield* db.run('DELETE FROM webhook WHERE id = ?', uuidBytes(found.id));
  if (webhook) yield* insertWebhook(db, webhook);
  if (event) yield* insertEvents(db, [event]);
  return answer;
}

function* insertWebhook(db: Statements, webhook: Webhook): Work<void> {
  if ((yield* db.get('SELECT 1 FROM webhook WHERE name = ?', webhook.name)) !== undefined)
    throw new OstinatoError('conflict', `There is a webhook "${webhook.name}" already.`);
  yield* db.run(
    `INSERT INTO webhook (id, name, description, enabled, form, template, slug_hash, secret, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    uuidBytes(webhook.id),
    webhook.name,
    webhook.description,
    webhook.isEnabled ? 1 : 0,
    webhook.form,
    webhook.template,
    webhook.slugHash,
    webhook.secret,
    webhook.createdAt,
    webhook.updatedAt,
  );
}
