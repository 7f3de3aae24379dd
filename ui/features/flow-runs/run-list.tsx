/** The runs of the server: narrowed, over time, page by page, live. */
import { useQuery } from '@tanstack/react-query';

import { runsPageQuery } from '../../api/flow-runs.ts';
import { useNow } from '../../components/clock.ts';
import { countOf } from '../../components/format.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager, useLastPage } from '../../components/pager.tsx';
import type { ChangeOptions } from '../../components/search-field.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { alignPeriod, bucketSeconds } from '../../components/time-bars.ts';
import { barsOf, totalsOf } from './buckets.ts';
import { useLiveRuns } from './live-runs.ts';
import { RunFilters } from './run-filters.tsx';
import { RunHistogram } from './run-histogram.tsx';
import { RunRow } from './run-row.tsx';
import { DEFAULT_ORDER, isNarrowed, PAGE_SIZE, RUN_ORDERS, type RunOrder, type RunSearch } from './run-search.ts';
import { periodOfSearch, selectionOf } from './run-selection.ts';

import './run-list.css';

/** Seen once, before the first run. */
const FirstFlow = lazyPage(null, async () => (await import('./first-flow.tsx')).FirstFlow);

/** The window moves on with the time, but not with every second. */
const WINDOW_MOVES_MS = 15_000;

interface RunListProps {
  readonly search: RunSearch;
  /** Fields that are empty mean: not said. */
  readonly onSearch: (change: Partial<Record<keyof RunSearch, unknown>>, options?: ChangeOptions) => void;
}

export function RunList({ search, onSearch }: RunListProps) {
  useListKeys('[data-row]');
  const now = useNow(WINDOW_MOVES_MS);
  const raw = periodOfSearch(search, now);
  const step = bucketSeconds(raw);
  const period = alignPeriod(raw, step);
  const { page = 1, sort = DEFAULT_ORDER } = search;
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery(
    runsPageQuery({
      list: selectionOf(search, period),
      chart: selectionOf(search, null, false),
      period,
      intervalSeconds: step,
      sort: RUN_ORDERS[sort].sort,
      limit: PAGE_SIZE,
      offset: (page - 1) * PAGE_SIZE,
    }),
  );
  useLiveRuns(data?.as_of);
  useLastPage(page, PAGE_SIZE, isPlaceholderData ? undefined : data?.count, (last) =>
    onSearch({ page: last }, { isMore: true }),
  );

  if (data?.has_runs === false) return <FirstFlow />;
  const bars = barsOf(period, step, data?.history ?? []);
  const change: RunListProps['onSearch'] = (said, options) => onSearch({ ...said, page: undefined }, options);
  return (
    <>
      <RunFilters search={search} totals={totalsOf(bars)} onChange={change} />
      <section className="card" aria-label="Runs over time">
        <RunHistogram
          bars={bars}
          stepSeconds={step}
          states={search.states ?? []}
          onPeriod={({ start, end }) =>
            change({ from: new Date(start).toISOString(), to: new Date(end).toISOString(), span: undefined })
          }
        />
      </section>
      <section className="card run-list" aria-busy={isFetching}>
        <header className="run-list-head">
          <h2>{data === undefined ? 'Runs' : countOf(data.count, 'run')}</h2>
          <span className="muted key-hint">
            <kbd>j</kbd> <kbd>k</kbd> to move, <kbd>Enter</kbd> to open
          </span>
          <OrderSelect value={sort} onChange={(next) => change({ sort: next })} />
        </header>
        {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Skeleton lines={8} label="Loading runs" />}
        {data?.runs.length === 0 && (
          <NothingFound
            search={search}
            onClear={() => onSearch({ name: '', states: [], flow: '', tags: [], page: undefined })}
            onWiden={() => change({ span: '90d', from: undefined, to: undefined })}
          />
        )}
        {data !== undefined && data.runs.length > 0 && (
          <ul className="run-rows">
            {data.runs.map((run) => (
              <RunRow key={run.id} run={run} />
            ))}
          </ul>
        )}
        <Pager
          page={page}
          pageSize={PAGE_SIZE}
          total={data?.count}
          isByTime={sort === DEFAULT_ORDER}
          onPage={(next) => {
            onSearch({ page: next });
            scrollTo({ top: 0 });
          }}
        />
      </section>
    </>
  );
}

function OrderSelect({ value, onChange }: { readonly value: RunOrder; readonly onChange: (order: RunOrder) => void }) {
  return (
    <select
      className="select"
      aria-label="Order"
      value={value}
      onChange={(event) => onChange(event.target.value as RunOrder)}
    >
      {(Object.keys(RUN_ORDERS) as RunOrder[]).map((order) => (
        <option key={order} value={order}>
          {RUN_ORDERS[order].label}
        </option>
      ))}
    </select>
  );
}

function NothingFound({
  search,
  onClear,
  onWiden,
}: {
  readonly search: RunSearch;
  readonly onClear: () => void;
  readonly onWiden: () => void;
}) {
  return (
    <EmptyNote icon="search" title={isNarrowed(search) ? 'No run matches' : 'No run in this time'}>
      <p className="muted">There are runs on this server, but none that fits what is asked for here.</p>
      <div className="note-actions">
        {isNarrowed(search) && (
          <button type="button" className="button" onClick={onClear}>
            Clear the filters
          </button>
        )}
        {search.span !== '90d' && (
          <button type="button" className="button" onClick={onWiden}>
            Look at the past 90 days
          </button>
        )}
      </div>
    </EmptyNote>
  );
}
