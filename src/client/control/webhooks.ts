/** Webhooks of our server, as people make, look at and switch them. */

import type { Static } from '../../contract/type.ts';
import {
  CHANGE_WEBHOOK,
  CREATE_WEBHOOK,
  DELETE_WEBHOOK,
  LIST_WEBHOOKS,
  READ_WEBHOOK,
  ROTATE_WEBHOOK,
  TEST_WEBHOOK,
  type Webhook,
} from '../../contract/webhook.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest-word.ts';
import type { ControlPlane } from './plane.ts';

export type NewWebhook = Static<typeof CREATE_WEBHOOK.body>;
export type HookTrial = Static<typeof TEST_WEBHOOK.body>;
export type HookVerdict = Static<(typeof TEST_WEBHOOK.answers)[200]>;

export interface WebhookClient {
  /** Answers its address, this once. `conflict` for a name that another has. */
  create(webhook: NewWebhook): Promise<BothViews<Webhook>>;
  /** By name. */
  list(wanted: { readonly limit: number }): Promise<readonly BothViews<Webhook>[]>;
  /** `null`: there is none. */
  read(id: string): Promise<BothViews<Webhook> | null>;
  switch(id: string, isEnabled: boolean): Promise<void>;
  /** Answers the new address, this once. */
  rotate(id: string): Promise<BothViews<Webhook>>;
  remove(id: string): Promise<void>;
  /** What would become of a call. */
  test(id: string, call: HookTrial): Promise<BothViews<HookVerdict>>;
}

export function webhooksOf(plane: ControlPlane): WebhookClient {
  return {
    create: async (webhook) => await plane.ask(CREATE_WEBHOOK, { body: webhook, once: true }),
    list: ({ limit }) => plane.list(LIST_WEBHOOKS, {}, { limit }),
    read: (id) => plane.find(READ_WEBHOOK, { id }),
    switch: async (id, enabled) => void (await plane.ask(CHANGE_WEBHOOK, { params: { id }, body: { enabled } })),
    rotate: async (id) => await plane.ask(ROTATE_WEBHOOK, { params: { id } }),
    remove: async (id) => void (await plane.ask(DELETE_WEBHOOK, { params: { id } })),
    test: async (id, call) => await plane.ask(TEST_WEBHOOK, { params: { id }, body: call }),
  };
}

/** So many are looked through for a name. */
const NAMES_MAX = 10_000;

/** By its name or id. `not-found` */
export async function findWebhook(webhooks: WebhookClient, word: string): Promise<BothViews<Webhook>> {
  const byId = isUuid(word) ? await webhooks.read(word.toLowerCase()) : null;
  if (byId !== null) return byId;
  const all = await webhooks.list({ limit: NAMES_MAX });
  const named = all.find(({ plain }) => plain.name === word);
  if (named !== undefined) return named;
  const names = all.map(({ plain }) => plain.name);
  throw new OstinatoError('not-found', `There is no webhook "${word}".${didYouMean(word, names)}`, {
    remedy:
      names.length === 0
        ? 'Make one with: ostinato webhook create NAME --template-file FILE'
        : 'Take a name from: ostinato webhook ls',
  });
}
