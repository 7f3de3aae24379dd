import type { EventFilterIn } from '../contract/body/event-filter.ts';
import { EVENTS_MAX } from '../contract/body/event-filter.ts';
import { eventFilter } from '../contract/decode/event-filter.ts';
import { encodeEvent, encodeEventCount, encodeTimeCounts } from '../contract/encode/event.ts';
import { readPageToken, writePageToken, type EventPageToken } from '../contract/event-page-token.ts';
import { COUNT_EVENTS, READ_EVENTS, READ_EVENTS_PAGE } from '../contract/routes/events.ts';
import { bucketsOf } from '../core/event-count.ts';
import { formatInstant, type Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { API_PREFIX, ok, operation, type Answer, type Operation } from './operation.ts';

export interface EventParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

const FORBIDDEN: Answer = Object.freeze({ status: 403, body: { detail: 'Forbidden' } });

export function eventOperations({ useCases, clock }: EventParts): readonly Operation[] {
  return [
    operation(READ_EVENTS, async ({ body, origin }) => {
      const filter = pinned(body.filter ?? {}, clock);
      const total = await useCases.countEvents(eventFilter(filter, clock.now()));
      return page(useCases, clock, { filter, total, limit: body.limit ?? EVENTS_MAX, offset: 0 }, origin);
    }),
    operation(READ_EVENTS_PAGE, async ({ query, origin }) => {
      const token = readPageToken(query['page-token']);
      return token === null ? FORBIDDEN : page(useCases, clock, token, origin);
    }),
    operation(COUNT_EVENTS, async ({ params, body }) => {
      const now = clock.now();
      const filter = eventFilter(body.filter, now);
      const countable = params['countable'] as 'day' | 'time' | 'event' | 'resource';
      // Too many buckets are refused whatever is counted, as by Prefect's server.
      const asked = bucketsOf(filter.since, filter.until, body.time_unit ?? 'day', body.time_interval ?? 1, now);
      if (countable === 'event' || countable === 'resource')
        return ok((await useCases.countEventsBy(filter, { by: countable })).map(encodeEventCount));
      const buckets = countable === 'day' ? bucketsOf(filter.since, filter.until, 'day', 1, now) : asked;
      const rows = await useCases.countEventsBy(filter, { by: 'time', ...buckets });
      return ok(encodeTimeCounts(buckets, rows));
    }),
  ];
}

/** Fixes the end of the period, so that no event moves between pages. */
function pinned(filter: EventFilterIn, clock: Pick<Clock, 'now'>): EventFilterIn {
  const { since, until } = eventFilter(filter, clock.now());
  return { ...filter, occurred: { since: formatInstant(since), until: formatInstant(until) } };
}

async function page(
  useCases: UseCases,
  clock: Pick<Clock, 'now'>,
  token: EventPageToken,
  origin: string,
): Promise<Answer> {
  const { filter, total, limit, offset } = token;
  const events = await useCases.findEvents({ filter: eventFilter(filter, clock.now()), limit, offset });
  const next = offset + limit;
  const link = (): string =>
    `${origin}${API_PREFIX}/events/filter/next?page-token=${encodeURIComponent(writePageToken({ ...token, offset: next }))}`;
  return ok({ events: events.map(encodeEvent), total, next_page: next >= total || limit === 0 ? null : link() });
}
