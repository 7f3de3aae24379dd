/** CloudEvents 1.0 as events: one in the body, several, or one whose attributes are headers. Pure. */

import { derivedId, type HashText } from '../automations/derived-id.ts';
import { exactValue } from '../json-value.ts';
import { exactObject, mediaTypeOf, unfit, type HookCall, type HookEvent, type HookReading } from './hook-call.ts';

type Json = Readonly<Record<string, unknown>>;

const ONE = 'application/cloudevents+json';
const MANY = 'application/cloudevents-batch+json';
const EVENTS_MAX = 100;
/** Attributes that have a place of their own in an event. */
const PLACED: ReadonlySet<string> = new Set(['id', 'source', 'type', 'time']);

export function cloudEvents(call: HookCall, hash: HashText): HookReading {
  const type = mediaTypeOf(call);
  try {
    const given = type === MANY ? listOf(call.body) : [type === ONE ? exactObject(call.body) : fromHeaders(call, type)];
    if (given === null || given.length > EVENTS_MAX)
      return unfit(`the body is no list of at most ${EVENTS_MAX} events`);
    const events: HookEvent[] = [];
    for (const one of given) {
      const problem = one === null ? 'it is no JSON object' : problemOf(one);
      if (one === null || problem !== null) return unfit(`it is no CloudEvent: ${problem}`);
      events.push(eventOf(one, hash));
    }
    return { ok: true, events };
  } catch (error) {
    if (error instanceof SyntaxError) return unfit('it is no CloudEvent: the body is not JSON');
    throw error;
  }
}

function listOf(body: string): readonly (Json | null)[] | null {
  const value = exactValue(body);
  if (!Array.isArray(value)) return null;
  return (value as readonly unknown[]).map((one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one) ? (one as Json) : null,
  );
}

function fromHeaders({ headers, body }: HookCall, type: string): Json {
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice(3), unescaped(value)] as const);
  const data = body === '' ? {} : { data: type === '' || type.endsWith('json') ? exactValue(body) : body };
  return { ...Object.fromEntries(attributes), ...(type === '' ? {} : { datacontenttype: type }), ...data };
}

/** Source: CloudEvents 1.0, HTTP protocol binding, 3.1.3.2. */
function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function problemOf(event: Json): string | null {
  const missing = ['id', 'source', 'type', 'specversion'].find((name) => !isFilled(event[name]));
  if (missing !== undefined) return `"${missing}" is missing`;
  if (!String(event['specversion']).startsWith('1.')) return 'only version 1 is known';
  return event['time'] === undefined || isFilled(event['time']) ? null : '"time" is no time';
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function eventOf(event: Json, hash: HashText): HookEvent {
  const [id, source, type] = ['id', 'source', 'type'].map((name) => String(event[name])) as [string, string, string];
  const subject = isFilled(event['subject']) ? { 'cloudevents.subject': event['subject'] } : {};
  return {
    event: type,
    resource: { 'prefect.resource.id': source, ...subject },
    payload: Object.fromEntries(Object.entries(event).filter(([name]) => !PLACED.has(name))),
    id: derivedId(hash, 'cloudevents', source, id),
    ...(event['time'] === undefined ? {} : { occurred: event['time'] }),
  };
}
