/** The deployments of the server: when they run next, and how their last runs went. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { deploymentsPageQuery, type DeploymentRow } from '../../api/deployments.ts';
import { countOf } from '../../components/format.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { Icon } from '../../components/icon.tsx';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager, useLastPage } from '../../components/pager.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { TimeAgo } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { useSearchValues, type SearchChange } from '../places/search-state.ts';
import { BARS_SHOWN, RunBars } from '../recent-runs/run-bars.tsx';
import { FailureLine } from '../states/failure-line.tsx';
import { badgeOf } from '../states/state-badge.tsx';
import type { DeploymentSearch } from './deployment-search.ts';
import { useLivePages } from '../live/live-pages.ts';
import { ScheduleLine } from './schedule-line.tsx';

import '../recent-runs/run-section.css';
import './deployments.css';

/** Seen once, before the first deployment. */
const FirstDeployment = lazyPage(null, async () => (await import('./first-deployment.tsx')).FirstDeployment);

const PAGE_SIZE = 50;
const EVENTS = ['prefect.deployment.', 'ostinato.deployment.'];
const SORTS = { name: 'NAME_ASC', newest: 'CREATED_DESC', changed: 'UPDATED_DESC' } as const;

export function DeploymentList() {
  const [search, onSearch] = useSearchValues<DeploymentSearch>(['name', 'show', 'pool', 'sort', 'page']);
  const { name = '', show, pool = '', sort, page = 1 } = search;
  useListKeys('[data-row]');
  const { data, error, isPlaceholderData, refetch } = useQuery(
    deploymentsPageQuery({
      name,
      paused: show === undefined ? null : show === 'paused',
      pool,
      sort: SORTS[sort ?? 'name'],
      limit: PAGE_SIZE,
      offset: (page - 1) * PAGE_SIZE,
      recentRuns: BARS_SHOWN,
    }),
  );
  useLivePages('deployments', data?.as_of, EVENTS);
  useLastPage(page, PAGE_SIZE, isPlaceholderData ? undefined : data?.count, (last) =>
    onSearch({ page: last === 1 ? undefined : last }, { isMore: true }),
  );
  if (data?.has_deployments === false) return <FirstDeployment />;
  const change: SearchChange<DeploymentSearch> = (said, options) => onSearch({ ...said, page: undefined }, options);
  return (
    <>
      <Filters search={search} onChange={change} />
      <section className="card" aria-label="Deployments">
        {data !== undefined && data.count > 0 && (
          <header className="list-head">
            <h2>{countOf(data.count, 'deployment')}</h2>
          </header>
        )}
        {error !== null && data === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Skeleton lines={6} label="Loading deployments" />}
        {data?.deployments.length === 0 && (
          <EmptyNote icon="search" title="No deployment matches">
            <p className="muted">There are deployments on this server, but none that fits what is asked for here.</p>
            <div className="note-actions">
              <button
                type="button"
                className="button"
                onClick={() => change({ name: undefined, show: undefined, pool: undefined })}
              >
                Clear the filters
              </button>
            </div>
          </EmptyNote>
        )}
        {data !== undefined && data.deployments.length > 0 && (
          <ul className="deployment-rows">
            {data.deployments.map((deployment) => (
              <Row key={deployment.id} deployment={deployment} />
            ))}
          </ul>
        )}
        <Pager
          page={page}
          pageSize={PAGE_SIZE}
          total={data?.count}
          isByTime={false}
          onPage={(next) => {
            onSearch({ page: next === 1 ? undefined : next });
            scrollTo({ top: 0 });
          }}
        />
      </section>
    </>
  );
}

function Filters({
  search: { name = '', show, pool = '', sort },
  onChange,
}: {
  readonly search: Partial<DeploymentSearch>;
  readonly onChange: SearchChange<DeploymentSearch>;
}) {
  return (
    <div className="filters-row deployment-filters">
      <SearchField
        label="Search by deployment or flow"
        value={name}
        onChange={(next, options) => onChange({ name: next }, options)}
        isMain
      />
      <select
        className="select"
        aria-label="Which are shown"
        value={show ?? ''}
        onChange={(event) => onChange({ show: (event.target.value || undefined) as DeploymentSearch['show'] })}
      >
        <option value="">All</option>
        <option value="active">Not paused</option>
        <option value="paused">Paused</option>
      </select>
      <select
        className="select"
        aria-label="Order"
        value={sort ?? ''}
        onChange={(event) => onChange({ sort: (event.target.value || undefined) as DeploymentSearch['sort'] })}
      >
        <option value="">By name</option>
        <option value="newest">Newest first</option>
        <option value="changed">Last changed first</option>
      </select>
      {pool !== '' && (
        <button type="button" className="tag" title={pool} onClick={() => onChange({ pool: undefined })}>
          <span>Pool {pool}</span> <Icon name="close" size={12} />
          <span className="visually-hidden">Show those of all pools</span>
        </button>
      )}
    </div>
  );
}

function Row({ deployment }: { readonly deployment: DeploymentRow }) {
  const { id, name, flow_name: flowName, runs, schedules, paused } = deployment;
  const [last] = runs;
  return (
    <li>
      <Link to="/deployments/deployment/$id" params={{ id }} className="deployment-row" data-row="">
        <span className="deployment-name">
          <strong title={name} dir="auto">
            {name}
          </strong>
          <span className="muted" title={flowName} dir="auto">
            {flowName}
          </span>
          {last !== undefined && <FailureLine type={last.state_type} message={deployment.last_message} />}
        </span>
        <span className="deployment-when">
          <ScheduleLine schedules={schedules} isPaused={paused} />
          <span className="muted">
            <NextRun deployment={deployment} />
          </span>
        </span>
        <span className="deployment-state">
          {last === undefined ? <span className="muted">No runs yet</span> : badgeOf(last)}
        </span>
        {last !== undefined && <RunBars id={id} runs={runs} />}
      </Link>
    </li>
  );
}

function NextRun({ deployment: { next_run_at: next, late_run_count: late } }: { readonly deployment: DeploymentRow }) {
  return (
    <>
      {next === null ? (
        'No next run'
      ) : (
        <>
          Next run <TimeAgo at={next} />
        </>
      )}
      {late > 0 && <span className="late"> · {countOf(late, 'late run')}</span>}
    </>
  );
}
