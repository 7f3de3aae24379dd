/** Webhooks: how they are made, changed and deleted, and what is told of them. */

import { OstinatoError } from '../core/errors.ts';
import type { OutboxEvent } from '../core/event.ts';
import type { IdSource } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Instant } from '../core/time.ts';
import type { Webhook, WebhookId, WebhookKey } from '../core/webhooks/webhook.ts';
import { keepingOf } from './blocks/ports.ts';
import { changeEvent } from './events.ts';
import type { OrchestratorPorts, RenderedTemplates } from './ports.ts';

export interface WebhookFields extends Omit<Webhook, 'id' | 'secret' | 'createdAt' | 'updatedAt'> {
  /** In plain text. `null`: none. */
  readonly secret: string | null;
}

export function webhookUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    createWebhook: (fields: WebhookFields) => createWebhook(ports, fields),
    readWebhook: (key: WebhookKey) => storage.readWebhook(key),
    listWebhooks: (page: { readonly limit: number; readonly offset: number }) => storage.listWebhooks(page),
    /** What is left out stays. `null`: there is none. @param what as it is told. Default `updated` */
    changeWebhook: (id: WebhookId, change: Partial<WebhookFields>, what?: 'updated' | 'rotated') =>
      changeWebhook(ports, id, change, what),
    deleteWebhook: (id: WebhookId) => deleteWebhook(ports, id),
    /** In plain text. */
    webhookSecret: ({ id, secret }: Webhook): string | null =>
      secret === null ? null : keepingOf(ports).secrets.open(secret, contextOf(id)),
    renderWebhook: (template: string, values: Readonly<Record<string, unknown>>) => render(ports, template, values),
    tellWebhookFailed: (webhook: Webhook, reason: string, method: string) => tellFailed(ports, webhook, reason, method),
  };
}

/** An encrypted secret belongs to one webhook. */
function contextOf(id: WebhookId): string {
  return `webhook ${id}`;
}

function sealed(ports: OrchestratorPorts, id: WebhookId, secret: string | null): string | null {
  return secret === null ? null : keepingOf(ports).secrets.seal(secret, contextOf(id));
}

function check({ form, template }: Webhook, hasSecret: boolean): void {
  if (form === 'template' && template === '')
    throw new OstinatoError('bad-input', 'A webhook of the form "template" needs a template.', {
      remedy: 'Give it one, or take another form: github, cloudevents.',
    });
  if (form === 'github' && !hasSecret)
    throw new OstinatoError('bad-input', 'A webhook of the form "github" needs a secret: GitHub signs with it.', {
      remedy: 'Give it the secret that is set at GitHub.',
    });
}

/** `conflict` for a name that another has; `bad-input` for what its form lacks. */
function createWebhook(ports: OrchestratorPorts, { secret, ...fields }: WebhookFields): MaybePromise<Webhook> {
  const { storage, clock, ids } = ports;
  const now = clock.now();
  const id = ids.next<WebhookId>();
  const webhook: Webhook = { ...fields, id, secret: sealed(ports, id, secret), createdAt: now, updatedAt: now };
  check(webhook, secret !== null);
  return storage.changeWebhook<Webhook>({ id }, () => ({
    webhook,
    event: webhookEvent(ids, webhook, 'created', now),
    answer: webhook,
  }));
}

function changeWebhook(
  ports: OrchestratorPorts,
  id: WebhookId,
  { secret, ...change }: Partial<WebhookFields>,
  what: 'updated' | 'rotated' = 'updated',
): MaybePromise<Webhook | null> {
  const { storage, clock, ids } = ports;
  const now = clock.now();
  const newSecret = secret === undefined ? {} : { secret: sealed(ports, id, secret) };
  return storage.changeWebhook<Webhook | null>({ id }, (found) => {
    if (found === null) return { answer: null };
    const webhook: Webhook = { ...found, ...change, ...newSecret, updatedAt: now };
    check(webhook, webhook.secret !== null);
    return { webhook, event: webhookEvent(ids, webhook, what, now), answer: webhook };
  });
}

/** Answers whether it was there. */
function deleteWebhook({ storage, clock, ids }: OrchestratorPorts, id: WebhookId): MaybePromise<boolean> {
  const now = clock.now();
  return storage.changeWebhook<boolean>({ id }, (found) =>
    found === null
      ? { answer: false }
      : { webhook: null, event: webhookEvent(ids, found, 'deleted', now), answer: true },
  );
}

/** Without what is secret of it. */
function webhookEvent(
  ids: IdSource,
  { id, name, description, isEnabled, form, template }: Webhook,
  what: 'created' | 'updated' | 'deleted' | 'rotated' | 'failed',
  now: Instant,
  payload: unknown = { name, description, enabled: isEnabled, form, template },
): OutboxEvent {
  const event = changeEvent(ids, 'webhook', id, 'updated', now, payload, { name });
  return { ...event, name: `ostinato.webhook.${what}`, resourceId: `ostinato.webhook.${id}` };
}

/** Nothing of what was sent is told: it may be anybody's secret. */
async function tellFailed(
  { storage, clock, ids }: OrchestratorPorts,
  webhook: Webhook,
  reason: string,
  method: string,
): Promise<void> {
  const payload = { form: webhook.form, method, reason };
  await storage.recordEvents([{ event: webhookEvent(ids, webhook, 'failed', clock.now(), payload), taskRun: null }]);
}

/** @throws `server-unavailable` when there are too many to render */
async function render(
  { userTexts }: OrchestratorPorts,
  template: string,
  values: Readonly<Record<string, unknown>>,
): Promise<RenderedTemplates> {
  if (userTexts === undefined)
    throw new OstinatoError('unsupported', 'Templates are rendered by a server only.', {
      remedy: 'Start one: ostinato server start.',
    });
  return await userTexts.renderTemplates([template], { values: JSON.stringify(values), pages: null });
}
