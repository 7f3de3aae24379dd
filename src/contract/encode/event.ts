import type * as wire from '../schema/event.ts';
import { rawJson } from '../wire-json.ts';
import type { Event } from '../../core/event.ts';
import { formatInstant } from '../../core/time.ts';

export function encodeEvent(event: Event): wire.Event {
  return {
    occurred: formatInstant(event.occurred),
    event: event.name,
    resource: event.resource,
    related: [...event.related],
    payload: rawJson(event.payload),
    id: event.id,
    follows: event.follows,
    received: formatInstant(event.received),
  };
}
