/** Webhooks: addresses that turn what is sent there into events. */

import type { Branded } from '../ids.ts';
import type { Instant } from '../time.ts';

export type WebhookId = Branded<'WebhookId'>;

/**
 * What becomes of a call.
 *
 * - `template`: a template writes the event, as JSON.
 * - `github`: GitHub's own; signed with the webhook's secret.
 * - `cloudevents`: events as the CloudEvents specification writes them, in the body or in headers.
 */
export const WEBHOOK_FORMS = ['template', 'github', 'cloudevents'] as const;
export type WebhookForm = (typeof WEBHOOK_FORMS)[number];

export interface Webhook {
  readonly id: WebhookId;
  /** Unique. */
  readonly name: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly form: WebhookForm;
  /** Empty where the form needs none. */
  readonly template: string;
  /** SHA-256 of the last part of its address, which is a secret and kept nowhere. */
  readonly slugHash: string;
  /** What senders sign with, encrypted; `null`: they do not. */
  readonly secret: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** `slugHash`: that of an address that was called. */
export type WebhookKey = { readonly id: WebhookId } | { readonly name: string } | { readonly slugHash: string };
