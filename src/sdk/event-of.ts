/** An event of what a program says of it; or what is wrong with that. */

import type { SentEvent } from '../client/control/events.ts';
import { OstinatoError } from '../core/errors.ts';
import { RESOURCE_ID, RESOURCE_ROLE, type ResourceLabels } from '../core/event.ts';
import { isUuid, type EventId } from '../core/ids.ts';
import { jsonText } from '../core/json-value.ts';
import { instantFromMs, type Instant } from '../core/time.ts';
import { exactly } from '../core/written-number.ts';
import type { EmitEventOptions, EmittedEvent } from './emit-event.ts';
import type { AroundRun } from './run-resources.ts';

const NAME_CHARACTERS_MAX = 1024;
const LABELS_MAX = 500;
const RELATED_MAX = 100;
const EVENT_BYTES_MAX = 1.5 * 1024 * 1024;
/** Source: Prefect 3, `events/utilities.py`. */
const FOLLOWS_WITHIN_MS = 300_000;

/**
 * @param newId of an event without one
 * @param around what the run around it belongs to: added as far as there is room, and what is not named already
 * @throws `bad-input`
 */
export function eventOf(
  { event: name, resource, related: given = [], payload: sent = {}, occurred, id, follows }: EmitEventOptions,
  now: Instant,
  newId: EventId,
  around: AroundRun = { related: [] },
): { readonly event: SentEvent; readonly emitted: EmittedEvent } {
  checkName(name);
  checkId(id, 'id');
  checkId(follows?.id, 'follows');
  const own = labelsOf(resource, 'resource', [RESOURCE_ID]);
  if (!Array.isArray(given) || given.length > RELATED_MAX)
    throw refused(`related must be a list of at most ${RELATED_MAX} resources`);
  const further = given.map((one, index) => labelsOf(one, `related[${index}]`, [RESOURCE_ID, RESOURCE_ROLE]));
  const payload = payloadText(sent);
  const at = occurred === undefined ? now : instantOf(occurred, 'occurred');
  const isClose =
    follows !== undefined && Math.abs(at - instantOf(follows.occurred, 'follows')) < FOLLOWS_WITHIN_MS * 1000;
  const named = new Set([own, ...further].map((labels) => labels[RESOURCE_ID]));
  const event: SentEvent = {
    id: (id?.toLowerCase() ?? newId) as EventId,
    name,
    occurred: at,
    follows: isClose ? (follows.id.toLowerCase() as EventId) : null,
    resource: own,
    related: [...further, ...around.related.filter((labels) => !named.has(labels[RESOURCE_ID]))].slice(0, RELATED_MAX),
    payload,
    ...(around.unaskedRun === undefined ? {} : { unaskedRun: around.unaskedRun }),
  };
  checkSize(event);
  const { follows: before, related } = event;
  const emitted = {
    id: event.id,
    event: name,
    occurred: new Date(at / 1000),
    resource: own,
    related,
    payload: sent,
    follows: before,
  };
  return { event, emitted };
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || name === '' || name.length > NAME_CHARACTERS_MAX)
    throw refused(`its name must be text of 1 to ${NAME_CHARACTERS_MAX} characters`);
}

function checkId(id: unknown, what: string): void {
  if (id !== undefined && (typeof id !== 'string' || !isUuid(id))) throw refused(`${what} must be a UUID`);
}

function labelsOf(given: unknown, what: string, required: readonly string[]): ResourceLabels {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refused(`${what} must be an object of labels`);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  if (entries.length > LABELS_MAX)
    throw refused(`${what} has ${entries.length} labels; at most ${LABELS_MAX} are kept`);
  const wrong = entries.find(([, value]) => typeof value !== 'string');
  if (wrong !== undefined) throw refused(`the label ${JSON.stringify(wrong[0])} of ${what} is no text`);
  const labels = Object.fromEntries(entries) as ResourceLabels;
  const missing = required.find((label) => !labels[label]);
  if (missing !== undefined) throw refused(`${what} needs "${missing}"`);
  return labels;
}

function payloadText(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw refused('payload must be an object');
  const { value, exactValue } = exactly(payload);
  const text = jsonText(value, 'The payload of the event', EVENT_BYTES_MAX);
  return exactValue ?? text;
}

/** @returns microseconds */
function instantOf(time: unknown, what: string): Instant {
  if (!(time instanceof Date) || Number.isNaN(time.getTime())) throw refused(`${what} must be a Date`);
  const year = time.getUTCFullYear();
  if (year < 1 || year > 2200) throw refused(`${what} must be a year from 1 to 2200`);
  return instantFromMs(time.getTime());
}

function checkSize({ payload, ...rest }: SentEvent): void {
  const text = new TextEncoder();
  const bytes = text.encode(JSON.stringify(rest)).byteLength + text.encode(payload).byteLength;
  if (bytes > EVENT_BYTES_MAX) throw refused(`it has ${bytes} bytes; at most ${EVENT_BYTES_MAX} are kept`);
}

function refused(why: string): OstinatoError {
  return new OstinatoError('bad-input', `The event cannot be sent: ${why}.`, {
    remedy: "For instance: emitEvent({ event: 'order.shipped', resource: { 'prefect.resource.id': 'order.1207' } })",
  });
}
