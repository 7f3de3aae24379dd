/** Where a list of events goes on, as text that fits into an address. */

import { check } from './checker.ts';
import { EVENT_VALUES_MAX, parseBounded } from './json-bounds.ts';
import { EventFilterIn, EVENTS_MAX } from './body/event-filter.ts';

export interface EventPageToken {
  readonly filter: EventFilterIn;
  /** Events that the list has, as counted for its first page. */
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

export function writePageToken({ filter, total, limit, offset }: EventPageToken): string {
  return base64(JSON.stringify({ filter, count: total, page_size: limit, offset }));
}

/** `null` when it was not made here, or not as it is now. */
export function readPageToken(text: string): EventPageToken | null {
  try {
    const {
      filter,
      count,
      page_size: limit,
      offset,
    } = parseBounded(fromBase64(text), EVENT_VALUES_MAX) as Record<string, unknown>;
    const checked = check(EventFilterIn, filter, 'query');
    if (!checked.ok || !isCount(count) || !isCount(limit) || !isCount(offset)) return null;
    return { filter: checked.value as EventFilterIn, total: count, limit: Math.min(limit, EVENTS_MAX), offset };
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCodePoint(byte)).join(''));
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}
