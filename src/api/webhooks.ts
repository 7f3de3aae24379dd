import { encodeEvent } from '../contract/encode/event.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import {
  CHANGE_WEBHOOK,
  CREATE_WEBHOOK,
  DELETE_WEBHOOK,
  encodeWebhook,
  LIST_WEBHOOKS,
  READ_WEBHOOK,
  REPLACE_WEBHOOK,
  ROTATE_WEBHOOK,
  TEST_WEBHOOK,
} from '../contract/webhook.ts';
import type { OutboxEvent } from '../core/event.ts';
import type { Webhook, WebhookForm, WebhookId } from '../core/webhooks/webhook.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import type { WebhookFields } from '../orchestrator/webhooks.ts';
import { InvalidBody } from './failures.ts';
import { eventsOfCall, type HookParts } from './hooks/events-of-call.ts';
import { HOOKS_PREFIX } from './hooks/receiver.ts';
import { drawSlug, slugHash } from './hooks/slug.ts';
import { created, found, NO_CONTENT, ok, operation, type Answer, type Operation } from './operation.ts';

type Params = Readonly<Record<string, string>>;

interface Change {
  readonly name?: string;
  readonly description?: string;
  readonly enabled?: boolean;
  readonly form?: WebhookForm;
  readonly template?: string;
  readonly secret?: string | null;
}

export function webhookOperations(parts: HookParts): readonly Operation[] {
  const { useCases } = parts;
  return [
    operation(CREATE_WEBHOOK, async ({ body, origin }) => {
      const { name, description = '', enabled = true, form = 'template', template = '', secret = null } = body;
      await checkTemplate(useCases, template);
      const slug = drawSlug();
      const fields = { name, description, isEnabled: enabled, form, template, secret, slugHash: slugHash(slug) };
      return created(encodeWebhook(await useCases.createWebhook(fields), drawnAt(origin, slug)));
    }),
    operation(LIST_WEBHOOKS, async ({ body: { limit, offset } }) =>
      ok(
        (await useCases.listWebhooks({ limit: limit ?? LIMIT_DEFAULT, offset: offset ?? 0 })).map((one) =>
          encodeWebhook(one),
        ),
      ),
    ),
    operation(READ_WEBHOOK, async ({ params }) => ok(encodeWebhook(await webhookOf(useCases, params)))),
    operation(REPLACE_WEBHOOK, async ({ params, body }) => await change(useCases, params, body)),
    operation(CHANGE_WEBHOOK, async ({ params, body }) => await change(useCases, params, body)),
    operation(ROTATE_WEBHOOK, async ({ params, origin }) => {
      const slug = drawSlug();
      const rotated = await useCases.changeWebhook(idOf(params), { slugHash: slugHash(slug) }, 'rotated');
      return ok(encodeWebhook(found(rotated, 'Webhook'), drawnAt(origin, slug)));
    }),
    operation(DELETE_WEBHOOK, async ({ params }) => {
      found((await useCases.deleteWebhook(idOf(params))) || null, 'Webhook');
      return NO_CONTENT;
    }),
    operation(TEST_WEBHOOK, async ({ params, body }) => {
      const webhook = await webhookOf(useCases, params);
      const { method = 'POST', headers = {}, body: sent = '', query = {} } = body;
      const small = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      const call = { method: method.toUpperCase(), headers: small, body: sent, query };
      const outcome = await eventsOfCall(parts, webhook, call, true);
      return ok(
        outcome.ok ? { problem: null, events: outcome.events.map(shown) } : { problem: outcome.reason, events: [] },
      );
    }),
  ];
}

function idOf(params: Params): WebhookId {
  return params['id'] as WebhookId;
}

async function webhookOf(useCases: UseCases, params: Params): Promise<Webhook> {
  return found(await useCases.readWebhook({ id: idOf(params) }), 'Webhook');
}

function drawnAt(origin: string, slug: string) {
  return { slug, url: `${origin}${HOOKS_PREFIX}/${slug}` };
}

async function change(useCases: UseCases, params: Params, { enabled, ...given }: Change): Promise<Answer> {
  if (given.template !== undefined) await checkTemplate(useCases, given.template);
  const fields: Partial<WebhookFields> = { ...given, ...(enabled === undefined ? {} : { isEnabled: enabled }) };
  found(await useCases.changeWebhook(idOf(params), fields), 'Webhook');
  return NO_CONTENT;
}

async function checkTemplate(useCases: UseCases, template: string): Promise<void> {
  if (template === '') return;
  const problem = await useCases.checkTemplate(template);
  if (problem === null) return;
  const place = problem.line === 0 ? '' : `line ${problem.line}: `;
  throw new InvalidBody(['template'], `It is no template: ${place}${problem.message}`, template);
}

function shown({
  id,
  name,
  occurred,
  received = occurred,
  follows,
  labels,
  related,
  payload,
  resourceId,
}: OutboxEvent) {
  return encodeEvent({
    id,
    name,
    occurred,
    received,
    follows: follows ?? null,
    resource: { 'prefect.resource.id': resourceId, ...labels },
    related: related ?? [],
    payload: payload ?? '{}',
  });
}
