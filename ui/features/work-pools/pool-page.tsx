/** A work pool: what runs in it now, what waits, its queues, and the workers that take its runs. */
import { useQuery } from '@tanstack/react-query';

import { ApiError } from '../../api/http.ts';
import { workPoolPageQuery, type WorkPoolPageData } from '../../api/work-pools.ts';
import { countOf } from '../../components/format.ts';
import { EmptyNote, Skeleton } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { useTitle } from '../../components/title.ts';
import { useLivePages } from '../live/live-pages.ts';
import { NotLoaded } from '../places/not-loaded.tsx';
import { useSearchValues } from '../places/search-state.ts';
import { RunSection, WaitingRuns } from '../recent-runs/run-section.tsx';
import { POOL_EVENTS } from './pool-events.ts';
import { PoolHeader } from './pool-header.tsx';
import type { PoolSearch, PoolView } from './pool-search.ts';
import { QueueList } from './queue-list.tsx';
import { WorkerList } from './worker-list.tsx';

import './work-pools.css';

export function PoolPage({ name }: { readonly name: string }) {
  const [{ view = 'runs' }, change] = useSearchValues<PoolSearch>(['view']);
  const { data, error, refetch } = useQuery(workPoolPageQuery(name));
  useTitle(data === undefined ? (error === null ? 'Work pool' : 'No such work pool') : name);
  useLivePages('work-pools', data?.as_of, POOL_EVENTS);
  const isGone = error instanceof ApiError && error.status === 404;
  if (error !== null && (data === undefined || isGone))
    return (
      <NotLoaded noun="work pool" id={name} by="name" list="/work-pools" error={error} onRetry={() => void refetch()} />
    );
  if (data === undefined) return <Skeleton lines={8} label="Loading the work pool" />;
  const tabs = [
    { id: 'runs', label: 'Runs', count: data.run_count + data.waiting_count },
    { id: 'queues', label: 'Queues', count: data.queues.length },
    { id: 'workers', label: 'Workers', count: data.worker_count },
  ] as const;
  return (
    <>
      <PoolHeader page={data} />
      <Tabs<PoolView>
        label="Parts of the work pool"
        tabs={tabs}
        selected={view}
        onSelect={(next) => change({ view: next === 'runs' ? undefined : next })}
      >
        {view === 'runs' && <Runs page={data} />}
        {view === 'queues' && <QueueList page={data} />}
        {view === 'workers' && <WorkerList page={data} />}
      </Tabs>
    </>
  );
}

function Runs({ page }: { readonly page: WorkPoolPageData }) {
  if (page.run_count + page.waiting_count === 0)
    return (
      <EmptyNote icon="clock" title="No run yet">
        <p className="muted">Runs of the deployments that name this pool appear here.</p>
      </EmptyNote>
    );
  const active = new Set(page.active.map(({ run }) => run.id));
  const over = page.runs.filter(({ id }) => !active.has(id));
  return (
    <>
      <RunSection
        title={`${countOf(page.active_run_count, 'run')} under way`}
        runs={page.active.map(({ run }) => run)}
        count={page.active_run_count}
        order="oldest"
      />
      <WaitingRuns runs={page.waiting} count={page.waiting_count} late={page.late_run_count} />
      {over.length > 0 && (
        <RunSection
          title={`${countOf(page.run_count - page.active_run_count, 'run')} before`}
          runs={over}
          count={page.run_count - page.active_run_count}
          order="newest"
        />
      )}
    </>
  );
}
