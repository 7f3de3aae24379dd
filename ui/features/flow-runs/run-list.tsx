/** The runs of the server: narrowed, over time, page by page, live. */
import { useQuery } from '@tanstack/react-query';

import { flowNamesQuery } from '../../api/flows.ts';
import { flowRunCountQuery, flowRunHistoryQuery, flowRunListQuery, type FlowRun } from '../../api/flow-runs.ts';
import { useNow } from '../../components/clock.ts';
import { countOf } from '../../components/format.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager } from '../../components/pager.tsx';
import { alignPeriod, barsOf, bucketSeconds, totalsOf } from './buckets.ts';
import { FirstFlow } from './first-flow.tsx';
import { useLiveRuns } from './live-runs.ts';
import { RunFilters } from './run-filters.tsx';
import { RunHistogram } from './run-histogram.tsx';
import { RunRow } from './run-row.tsx';
import { isNarrowed, PAGE_SIZE, periodOfSearch, selectionOf, type RunSearch } from './run-search.ts';

import './run-list.css';

/** The window moves on with the time, but not with every second. */
const WINDOW_MOVES_MS = 15_000;

interface RunListProps {
  readonly search: RunSearch;
  /** Fields that are empty mean: not said. */
  readonly onSearch: (change: Partial<Record<keyof RunSearch, unknown>>) => void;
}

export function RunList({ search, onSearch }: RunListProps) {
  useLiveRuns();
  useListKeys('[data-row]');
  const now = useNow(WINDOW_MOVES_MS);
  const raw = periodOfSearch(search, now);
  const step = bucketSeconds(raw);
  const period = alignPeriod(raw, step);
  const page = search.page ?? 1;
  const selection = selectionOf(search, period);
  const runs = useQuery(flowRunListQuery(selection, { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE }));
  const count = useQuery(flowRunCountQuery(selection));
  const history = useQuery(flowRunHistoryQuery(selectionOf(search, null, false), period, step));
  const all = useQuery(flowRunCountQuery({}));

  if (all.data === 0) return <FirstFlow />;
  const bars = barsOf(period, step, history.data ?? []);
  const change = (said: Partial<Record<keyof RunSearch, unknown>>): void => onSearch({ ...said, page: undefined });
  return (
    <>
      <RunFilters search={search} totals={totalsOf(bars)} onChange={change} />
      <section className="card" aria-label="Runs over time">
        <RunHistogram bars={bars} stepSeconds={step} states={search.states ?? []}
          onPeriod={({ start, end }) => change({ from: new Date(start).toISOString(), to: new Date(end).toISOString(), span: undefined })} />
      </section>
      <section className="card run-list" aria-busy={runs.isFetching}>
        <header className="run-list-head">
          <h2>{count.data === undefined ? 'Runs' : countOf(count.data, 'run')}</h2>
          <span className="muted key-hint"><kbd>j</kbd> <kbd>k</kbd> to move, <kbd>Enter</kbd> to open</span>
        </header>
        {runs.error !== null && <ErrorNote error={runs.error} onRetry={() => void runs.refetch()} />}
        {runs.data === undefined && runs.error === null && <Skeleton lines={8} label="Loading runs" />}
        {runs.data?.length === 0 && <NothingFound search={search} onClear={() => onSearch({ name: '', states: [], flow: '', tags: [], page: undefined })} onWiden={() => change({ span: '90d', from: undefined, to: undefined })} />}
        {runs.data !== undefined && runs.data.length > 0 && <Rows runs={runs.data} />}
        <Pager page={page} pageSize={PAGE_SIZE} total={count.data} onPage={(next) => { onSearch({ page: next }); scrollTo({ top: 0 }); }} />
      </section>
    </>
  );
}

function Rows({ runs }: { readonly runs: readonly FlowRun[] }) {
  const unnamed = runs.filter(({ flow_name: name }) => name === undefined).map(({ flow_id: id }) => id);
  const { data: names = {} } = useQuery(flowNamesQuery(unnamed));
  return (
    <ul className="run-rows">
      {runs.map((run) => <RunRow key={run.id} run={run} flowName={run.flow_name ?? names[run.flow_id]} />)}
    </ul>
  );
}

function NothingFound({ search, onClear, onWiden }: { readonly search: RunSearch; readonly onClear: () => void; readonly onWiden: () => void }) {
  return (
    <EmptyNote icon="search" title={isNarrowed(search) ? 'No run matches' : 'No run in this time'}>
      <p className="muted">There are runs on this server, but none that fits what is asked for here.</p>
      <div className="note-actions">
        {isNarrowed(search) && <button type="button" className="button" onClick={onClear}>Clear the filters</button>}
        {search.span !== '90d' && <button type="button" className="button" onClick={onWiden}>Look at the past 90 days</button>}
      </div>
    </EmptyNote>
  );
}
