import type * as wire from '../schema/event.ts';
import { rawJson } from '../wire-json.ts';
import type { Event } from '../../core/event.ts';
import type { Buckets } from '../../core/event-count.ts';
import { clampInstant, formatInstant, type Instant } from '../../core/time.ts';

/** How many events there are of one name, resource or time. */
export interface EventCounted {
  readonly value: string;
  readonly label: string;
  readonly count: number;
  readonly oldest: Instant;
  readonly newest: Instant;
}

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

export function encodeEventCount({ value, label, count, oldest, newest }: EventCounted): wire.EventCount {
  return { value, label, count, start_time: formatInstant(oldest), end_time: formatInstant(newest) };
}

/**
 * All buckets, also those without an event; `value` is their place.
 * @param rows whose `value` is the number of a bucket
 */
export function encodeTimeCounts(
  { from, bucketUs, count }: Buckets,
  rows: readonly EventCounted[],
): readonly wire.EventCount[] {
  const counts = new Map(rows.map((row) => [row.value, row.count]));
  return Array.from({ length: count }, (_, index) => {
    const start = (from + index * bucketUs) as Instant;
    return {
      value: `${index}`,
      count: counts.get(`${index}`) ?? 0,
      label: formatInstant(start).replace(/(?:\.0+)?Z$/, '+00:00'),
      start_time: formatInstant(start),
      end_time: formatInstant(clampInstant(start + bucketUs - 1)),
    };
  });
}
