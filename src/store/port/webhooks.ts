import type { OutboxEvent } from '../../core/event.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { Webhook, WebhookKey } from '../../core/webhooks/webhook.ts';

/** What is committed together when a webhook changes. */
export interface WebhookChange<Answer> {
  /** `null` deletes it; left out, it stays as it is. */
  readonly webhook?: Webhook | null | undefined;
  readonly event?: OutboxEvent | undefined;
  readonly answer: Answer;
}

export interface WebhookStorage {
  readWebhook(key: WebhookKey): MaybePromise<Webhook | null>;
  /** By their names. */
  listWebhooks(page: { readonly limit: number; readonly offset: number }): MaybePromise<readonly Webhook[]>;
  /** `conflict` when the name is another's. */
  changeWebhook<Answer>(
    key: WebhookKey,
    change: (found: Webhook | null) => WebhookChange<Answer>,
  ): MaybePromise<Answer>;
}
