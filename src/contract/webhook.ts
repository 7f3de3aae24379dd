/** Webhooks on the wire: what one is, and the routes. */

import { formatInstant } from '../core/time.ts';
import { WEBHOOK_FORMS, type Webhook as CoreWebhook } from '../core/webhooks/webhook.ts';
import { page } from './body/list.ts';
import { Action, Maybe, Parts, type RouteContract } from './route.ts';
import { DateTime, EXACT, Nullable, Uuid } from './schema/scalars.ts';
import { Event } from './schema/event.ts';
import { Type, type Static } from './type.ts';

const tag = 'Webhooks';
const [TEMPLATE, GITHUB, CLOUDEVENTS] = WEBHOOK_FORMS;
const Form = Type.Union([Type.Literal(TEMPLATE), Type.Literal(GITHUB), Type.Literal(CLOUDEVENTS)]);

export const Webhook = Type.Object(
  {
    id: Uuid,
    created: DateTime,
    updated: DateTime,
    name: Type.String(),
    description: Type.String(),
    enabled: Type.Boolean(),
    form: Form,
    template: Type.String(),
    /** Whether senders sign; what with is not told. */
    has_secret: Type.Boolean(),
    /** Last part of its address: a secret, told when it is drawn and never again. */
    slug: Nullable(Type.String()),
    /** `/hooks/<slug>` of this server. */
    url: Nullable(Type.String()),
  },
  EXACT,
);
export type Webhook = Static<typeof Webhook>;

/** @param drawn the last part of its address, and the whole of it, where it was just drawn */
export function encodeWebhook(
  { id, name, description, isEnabled, form, template, secret, createdAt, updatedAt }: CoreWebhook,
  drawn: { readonly slug: string; readonly url: string } | null = null,
): Webhook {
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    name,
    description,
    enabled: isEnabled,
    form,
    template,
    has_secret: secret !== null,
    slug: drawn?.slug ?? null,
    url: drawn?.url ?? null,
  };
}

const Name = Type.String({ minLength: 1, maxLength: 255 });
const Text = Type.String({ maxLength: 1000 });
const Template = Type.String({ maxLength: 100_000 });
const Secret = Type.String({ minLength: 1, maxLength: 1000 });

export const CREATE_WEBHOOK = {
  method: 'POST',
  path: '/webhooks/',
  name: 'create_webhook',
  tag,
  summary: 'Create a webhook; its address is told this once',
  body: Action({
    name: Name,
    description: Type.Optional(Text),
    enabled: Type.Optional(Type.Boolean()),
    form: Type.Optional(Form),
    template: Type.Optional(Template),
    secret: Maybe(Secret),
  }),
  answers: { 201: Webhook },
} as const satisfies RouteContract;

export const LIST_WEBHOOKS = {
  method: 'POST',
  path: '/webhooks/filter',
  name: 'read_webhooks',
  tag,
  summary: 'List webhooks, by name',
  body: Parts(page),
  isBodyOptional: true,
  answers: { 200: Type.Array(Webhook) },
} as const satisfies RouteContract;

export const READ_WEBHOOK = {
  method: 'GET',
  path: '/webhooks/{id}',
  name: 'read_webhook',
  tag,
  summary: 'Read a webhook',
  answers: { 200: Webhook },
} as const satisfies RouteContract;

const Change = Action({
  name: Type.Optional(Name),
  description: Type.Optional(Text),
  enabled: Type.Optional(Type.Boolean()),
  form: Type.Optional(Form),
  template: Type.Optional(Template),
  secret: Maybe(Secret),
});

export const REPLACE_WEBHOOK = {
  method: 'PUT',
  path: '/webhooks/{id}',
  name: 'update_webhook',
  tag,
  summary: 'Change a webhook; what is left out stays',
  body: Change,
  answers: { 204: null },
} as const satisfies RouteContract;

export const CHANGE_WEBHOOK = {
  method: 'PATCH',
  path: '/webhooks/{id}',
  name: 'patch_webhook',
  tag,
  summary: 'Change a webhook, or pause and resume it by `enabled`; what is left out stays',
  body: Change,
  answers: { 204: null },
} as const satisfies RouteContract;

export const ROTATE_WEBHOOK = {
  method: 'POST',
  path: '/webhooks/{id}/rotate',
  name: 'rotate_webhook',
  tag,
  summary: 'Draw a new address for a webhook; the old one leads nowhere from then on',
  answers: { 200: Webhook },
} as const satisfies RouteContract;

export const DELETE_WEBHOOK = {
  method: 'DELETE',
  path: '/webhooks/{id}',
  name: 'delete_webhook',
  tag,
  summary: 'Delete a webhook',
  answers: { 204: null },
} as const satisfies RouteContract;

export const TEST_WEBHOOK = {
  method: 'POST',
  path: '/webhooks/{id}/test',
  name: 'test_webhook',
  tag,
  summary: 'What events a call would become; nothing is recorded, and no signature is looked at',
  body: Action({
    method: Type.Optional(Type.String({ maxLength: 20 })),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    body: Type.Optional(Type.String()),
    query: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
  answers: { 200: Type.Object({ problem: Nullable(Type.String()), events: Type.Array(Event) }, EXACT) },
} as const satisfies RouteContract;
