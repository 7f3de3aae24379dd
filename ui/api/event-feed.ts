/** Events as their page shows them. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { EventRow } from '../../src/contract/routes/ui-events.ts';
import type { Event } from '../../src/contract/schema/event.ts';
import { ApiError, postJson, postLossless } from './http.ts';

export type { Event, EventRow };

export interface EventsPage {
  readonly as_of: string;
  readonly events: readonly EventRow[];
  readonly count: number;
  readonly bars: readonly { readonly start: string; readonly count: number }[];
}

/** What is `undefined` is not asked for. */
export interface EventsAsked {
  readonly name?: string | undefined;
  readonly resource?: string | undefined;
  readonly related?: string | undefined;
  readonly text?: string | undefined;
  readonly id?: string | undefined;
}

export interface EventsRequest extends EventsAsked {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly step_seconds?: number | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** @param times how often the list was asked for anew */
export function eventsPageQuery(body: EventsRequest, times: number) {
  return queryOptions({
    queryKey: ['events', 'page', body, times],
    queryFn: ({ signal }) => postJson<EventsPage>('/ui/pages/events', body, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** How many have come since. Asked when one was heard, and not before. */
export function newEventsQuery(asked: EventsAsked, after: string | undefined) {
  return queryOptions({
    queryKey: ['events', 'new', asked, after],
    queryFn: ({ signal }) => postJson<EventsPage>('/ui/pages/events', { ...asked, after, limit: 0 }, { signal }),
    select: ({ count }) => count,
    enabled: false,
  });
}

const EVER = '1970-01-02T00:00:00Z';

/** All that it says; numbers of its payload as they were written. */
export function eventQuery(id: string) {
  return queryOptions({
    queryKey: ['events', 'one', id],
    queryFn: async ({ signal }) => {
      const filter = { id: { id: [id] }, occurred: { since: EVER } };
      const { events } = await postLossless<{ events: readonly Event[] }>('/events/filter', { filter }, { signal });
      const [event] = events;
      if (event === undefined) throw new ApiError(404, 'This event is not kept any more.');
      return event;
    },
    staleTime: Infinity,
  });
}
