/** The work pools of the server: who takes their runs, and what they do now. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { workPoolsPageQuery, type WorkPoolRow } from '../../api/work-pools.ts';
import { countOf } from '../../components/format.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Pager, useLastPage } from '../../components/pager.tsx';
import { useLivePages } from '../live/live-pages.ts';
import { useSearchValues } from '../places/search-state.ts';
import { BARS_SHOWN, RunBars } from '../recent-runs/run-bars.tsx';
import { Command } from '../run-actions/dialog-parts.tsx';
import { POOL_EVENTS } from './pool-events.ts';
import type { PoolListSearch } from './pool-search.ts';
import { poolStatus } from './pool-status.ts';

import '../recent-runs/run-section.css';
import './work-pools.css';

const PAGE_SIZE = 50;

export function PoolList() {
  const [{ page = 1 }, change] = useSearchValues<PoolListSearch>(['page']);
  useListKeys('[data-row]');
  const { data, error, isPlaceholderData, refetch } = useQuery(
    workPoolsPageQuery({ limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE, recentRuns: BARS_SHOWN }),
  );
  useLivePages('work-pools', data?.as_of, POOL_EVENTS);
  useLastPage(page, PAGE_SIZE, isPlaceholderData ? undefined : data?.count, (last) =>
    change({ page: last === 1 ? undefined : last }, { isMore: true }),
  );
  if (data?.count === 0) return <FirstPool />;
  return (
    <section className="card" aria-label="Work pools">
      {error !== null && data === undefined && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton lines={6} label="Loading work pools" />}
      {data !== undefined && (
        <ul className="pool-rows">
          {data.work_pools.map((pool) => (
            <Row key={pool.id} pool={pool} />
          ))}
        </ul>
      )}
      <Pager
        page={page}
        pageSize={PAGE_SIZE}
        total={data?.count}
        isByTime={false}
        onPage={(next) => change({ page: next === 1 ? undefined : next })}
      />
    </section>
  );
}

function Row({ pool }: { readonly pool: WorkPoolRow }) {
  const { id, name, active_run_count: active, concurrency_limit: limit, late_run_count: late, runs } = pool;
  const status = poolStatus(pool);
  return (
    <li>
      <Link to="/work-pools/work-pool/$name" params={{ name }} className="pool-row" data-row="">
        <span className="pool-name">
          <strong title={name} dir="auto">
            {name}
          </strong>
          <span className="muted" title={pool.description ?? pool.type}>
            {[pool.type, countOf(pool.queue_count, 'queue'), countOf(pool.deployment_count, 'deployment')].join(' · ')}
          </span>
        </span>
        <span className="pool-does">
          <span>
            {active === 0 ? 'Nothing runs' : `${countOf(active, 'run')} under way`}
            {limit !== null && <span className="muted"> of {limit} at most</span>}
          </span>
          {late > 0 && <span className="late">{countOf(late, 'late run')}</span>}
        </span>
        <span className="pool-status" data-status={status.kind}>
          {status.words}
        </span>
        {runs.length > 0 && <RunBars id={id} runs={runs} />}
      </Link>
    </li>
  );
}

function FirstPool() {
  const command = `OSTINATO_API_URL=${location.origin}/api npx ostinato worker start --pool local`;
  return (
    <section className="card">
      <EmptyNote icon="box" title="No work pool yet">
        <p className="muted">
          Deployments put their runs into a work pool, and its workers take them. A worker makes its pool when there is
          none of the name; it runs until you stop it:
        </p>
        <Command text={command} label="Copy the command that starts a worker" />
      </EmptyNote>
    </section>
  );
}
