/** What a call of a webhook becomes: events that are checked as those of any client, or a reason why not. */

import { EVENT_BYTES_MAX } from '../../contract/body/event.ts';
import { decodeEventText } from '../../contract/decode/event.ts';
import { checkBounds, EVENT_VALUES_MAX, JsonExcess } from '../../contract/json-bounds.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type OutboxEvent } from '../../core/event.ts';
import type { EventId, IdSource } from '../../core/ids.ts';
import { formatInstant, type Clock } from '../../core/time.ts';
import { cloudEvents } from '../../core/webhooks/cloudevents.ts';
import { githubEvents } from '../../core/webhooks/github.ts';
import {
  exactObject,
  templateValues,
  unfit,
  type HookCall,
  type HookEvent,
  type HookReading,
} from '../../core/webhooks/hook-call.ts';
import type { Webhook } from '../../core/webhooks/webhook.ts';
import type { UseCases } from '../../orchestrator/use-cases.ts';
import { problemText } from '../sockets/event-intake.ts';
import { isSigned, shortHash } from './slug.ts';

export interface HookParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
}

export type CallOutcome =
  | { readonly ok: true; readonly events: readonly OutboxEvent[] }
  | Extract<HookReading, { readonly ok: false }>;

/** What the product tells of itself, which nobody else may say. */
const RESERVED = /^(?:prefect|ostinato)\./i;

/** @param isTrial no signature is looked at */
export async function eventsOfCall(
  parts: HookParts,
  webhook: Webhook,
  call: HookCall,
  isTrial = false,
): Promise<CallOutcome> {
  if (!isTrial && !isGenuine(parts, webhook, call))
    return { ok: false, why: 'forged', reason: 'the signature in X-Hub-Signature-256 does not fit the body' };
  const reading = await readCall(parts, webhook, call);
  if (!reading.ok) return reading;
  const events: OutboxEvent[] = [];
  for (const event of reading.events) {
    const outcome = checked(parts, webhook, event);
    if (typeof outcome === 'string') return unfit(outcome) as CallOutcome;
    events.push(outcome);
  }
  return { ok: true, events };
}

/** Whoever has a secret must sign with it, in GitHub's way; other forms may do without. */
function isGenuine({ useCases }: HookParts, webhook: Webhook, { body, headers }: HookCall): boolean {
  const secret = useCases.webhookSecret(webhook);
  return secret === null ? webhook.form !== 'github' : isSigned(body, secret, headers['x-hub-signature-256']);
}

async function readCall(parts: HookParts, webhook: Webhook, call: HookCall): Promise<HookReading> {
  try {
    checkBounds(call.body, EVENT_VALUES_MAX);
    if (webhook.form === 'github') return githubEvents(call, shortHash);
    if (webhook.form === 'cloudevents') return cloudEvents(call, shortHash);
    const rendered = await parts.useCases.renderWebhook(webhook.template, templateValues(call));
    if (!rendered.ok) return unfit(`the template cannot be rendered: ${rendered.reason}`);
    return writtenBy(rendered.texts[0] ?? '');
  } catch (error) {
    if (error instanceof JsonExcess) return unfit(`the body has ${error.message}`);
    throw error;
  }
}

function writtenBy(text: string): HookReading {
  try {
    checkBounds(text, EVENT_VALUES_MAX);
    const event = exactObject(text);
    return event === null ? unfit('the template writes JSON, but no object') : { ok: true, events: [event] };
  } catch (error) {
    if (error instanceof JsonExcess) return unfit(`what the template writes has ${error.message}`);
    return unfit('what the template writes is not JSON: texts are written with the filter tojson');
  }
}

/** The event, or why it is none. */
function checked({ clock, ids }: HookParts, webhook: Webhook, event: HookEvent): OutboxEvent | string {
  const now = clock.now();
  const related = event['related'] ?? [];
  if (!Array.isArray(related)) return 'its "related" is no list';
  const self = {
    [RESOURCE_ID]: `ostinato.webhook.${webhook.id}`,
    [RESOURCE_ROLE]: 'webhook',
    [RESOURCE_NAME]: webhook.name,
  };
  const whole = {
    id: ids.next<EventId>(),
    occurred: formatInstant(now),
    ...event,
    related: [...(related as readonly unknown[]), self],
  };
  const text = JSON.stringify(whole);
  if (Buffer.byteLength(text) > EVENT_BYTES_MAX) return 'the event is larger than 1.5 MB';
  const decoding = decodeEventText(text, now);
  if (!decoding.ok) return `it is no event: ${problemText(decoding.problems)}`;
  const { event: decoded } = decoding.decoded;
  if (decoded.name === '') return 'the event has no name';
  return RESERVED.test(decoded.name) ? `names like ${decoded.name.slice(0, 100)} are kept for the product` : decoded;
}
