/** What has happened: narrowed, over time, page by page; what comes meanwhile is counted until it is asked for. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { eventsPageQuery, type EventsPage } from '../../api/event-feed.ts';
import { countOf } from '../../components/format.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { Icon } from '../../components/icon.tsx';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager, useLastPage } from '../../components/pager.tsx';
import { alignPeriod, bucketSeconds, type Period } from '../../components/time-bars.ts';
import { SPANS } from '../flow-runs/spans.ts';
import { useSearchValues, type SearchChange } from '../places/search-state.ts';
import { EventFilters } from './event-filters.tsx';
import { EventHistogram } from './event-histogram.tsx';
import { EventItem } from './event-item.tsx';
import { DEFAULT_SPAN, EVENT_KEYS, isNarrowed, type EventSearch } from './event-search.ts';
import { useNewEvents } from './new-events.ts';

import '../recent-runs/run-section.css';
import './events.css';

const PAGE_SIZE = 50;
const CLEAR = { name: undefined, resource: undefined, related: undefined, text: undefined, event: undefined };

export function EventList() {
  const [search, onSearch] = useSearchValues<EventSearch>(EVENT_KEYS);
  const { name, resource, related, text, event, page = 1 } = search;
  useListKeys('[data-row]');
  const [seen, setSeen] = useState(() => ({ times: 0, now: Date.now() }));
  const { times } = seen;
  const { period, step, isOpen } = windowOf(search, seen.now);
  const asked = { name, resource, related, text, id: event };
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery(
    eventsPageQuery(
      {
        ...asked,
        since: new Date(period.start).toISOString(),
        // A window that is open ends when the server looks.
        until: isOpen ? undefined : new Date(period.end).toISOString(),
        step_seconds: event === undefined ? step : undefined,
        limit: PAGE_SIZE,
        offset: (page - 1) * PAGE_SIZE,
      },
      times,
    ),
  );
  const isLive = isOpen && page === 1 && event === undefined;
  const fresh = useNewEvents(asked, isLive && !isPlaceholderData ? data?.as_of : undefined);
  useLastPage(page, PAGE_SIZE, isPlaceholderData ? undefined : data?.count, (last) =>
    onSearch({ page: last === 1 ? undefined : last }, { isMore: true }),
  );
  const change: SearchChange<EventSearch> = (said, options) => {
    setSeen({ times, now: Date.now() });
    onSearch({ ...said, page: undefined }, options);
  };
  return (
    <>
      <header className="page-head">
        <h1>Events</h1>
      </header>
      <EventFilters search={search} onChange={change} />
      {event === undefined && (
        <section className="card" aria-label="Events over time">
          <EventHistogram
            bars={data?.bars ?? []}
            period={period}
            stepSeconds={step}
            onPeriod={({ start, end }) =>
              change({ from: new Date(start).toISOString(), to: new Date(end).toISOString(), span: undefined })
            }
          />
        </section>
      )}
      <section className="card" aria-label="Events" aria-busy={isFetching}>
        <header className="list-head">
          <h2>{data === undefined ? 'Events' : countOf(data.count, 'event')}</h2>
          <span role="status" className="event-news">
            {fresh > 0 && (
              <button type="button" className="button" onClick={() => setSeen({ times: times + 1, now: Date.now() })}>
                <Icon name="retry" size={14} /> {countOf(fresh, 'new event')}
              </button>
            )}
          </span>
        </header>
        {error !== null && data === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Skeleton lines={8} label="Loading events" />}
        {data !== undefined && <Rows data={data} search={search} onChange={change} />}
        <Pager
          page={page}
          pageSize={PAGE_SIZE}
          total={data?.count}
          onPage={(next) => {
            onSearch({ page: next === 1 ? undefined : next });
            scrollTo({ top: 0 });
          }}
        />
      </section>
    </>
  );
}

interface Window {
  readonly period: Period;
  /** Seconds of a bar. */
  readonly step: number;
  /** It ends now. */
  readonly isOpen: boolean;
}

/** The stretch of time of the address. @param now when the list was asked for */
function windowOf({ span = DEFAULT_SPAN, from, to }: Partial<EventSearch>, now: number): Window {
  const isOpen = from === undefined || to === undefined;
  const raw = isOpen
    ? { start: now - SPANS[span].seconds * 1000, end: now }
    : { start: Date.parse(from), end: Date.parse(to) };
  const step = bucketSeconds(raw);
  return { period: alignPeriod(raw, step), step, isOpen };
}

function Rows({
  data,
  search,
  onChange,
}: {
  readonly data: EventsPage;
  readonly search: Partial<EventSearch>;
  readonly onChange: SearchChange<EventSearch>;
}) {
  if (data.events.length === 0)
    return (
      <EmptyNote icon="search" title={isNarrowed(search) ? 'No event matches' : 'No event in this time'}>
        <p className="muted">
          {isNarrowed(search)
            ? 'Nothing that has happened in this time fits what is asked for here.'
            : 'Runs, deployments, pools and whatever your own programs tell appear here as they happen.'}
        </p>
        <div className="note-actions">
          {isNarrowed(search) && (
            <button type="button" className="button" onClick={() => onChange(CLEAR)}>
              Clear the filters
            </button>
          )}
          {search.span !== '90d' && search.event === undefined && (
            <button
              type="button"
              className="button"
              onClick={() => onChange({ span: '90d', from: undefined, to: undefined })}
            >
              Look at the past 90 days
            </button>
          )}
        </div>
      </EmptyNote>
    );
  return (
    <ul className="event-rows">
      {data.events.map((row) => (
        <EventItem key={row.id} row={row} isAlone={search.event !== undefined} onChange={onChange} />
      ))}
    </ul>
  );
}
