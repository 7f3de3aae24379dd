/** A deployment: whether it runs by itself, when next, how its runs went, with what. */
import { useQuery } from '@tanstack/react-query';

import { deploymentPageQuery, type DeploymentPageData } from '../../api/deployments.ts';
import { ApiError } from '../../api/http.ts';
import { printJson } from '../../api/lossless-json.ts';
import { countOf } from '../../components/format.ts';
import { JsonView } from '../../components/json-view.tsx';
import { EmptyNote, Skeleton } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { useTitle } from '../../components/title.ts';
import { lazyPage } from '../connection/lazy-page.tsx';
import { NotLoaded } from '../places/not-loaded.tsx';
import { useSearchValues } from '../places/search-state.ts';
import { RunSection, WaitingRuns } from '../recent-runs/run-section.tsx';
import { DeploymentDetails } from './deployment-details.tsx';
import { DeploymentHeader } from './deployment-header.tsx';
import type { DeploymentPageSearch, DeploymentView } from './deployment-search.ts';
import { useLivePages } from '../live/live-pages.ts';
import { ScheduleList } from './schedule-list.tsx';

import './deployments.css';

const BackfillList = lazyPage(null, async () => (await import('./backfill-list.tsx')).BackfillList);
const SlotList = lazyPage(null, async () => (await import('./slot-list.tsx')).SlotList);
const VersionList = lazyPage(null, async () => (await import('./version-list.tsx')).VersionList);

const EVENTS = [
  'prefect.deployment.',
  'ostinato.deployment.',
  'ostinato.backfill.',
  'prefect.work-pool.',
  'prefect.work-queue.',
];

export function DeploymentPage({ id }: { readonly id: string }) {
  const [{ view = 'runs' }, change] = useSearchValues<DeploymentPageSearch>(['view', 'from', 'to', 'before']);
  const { data, error, refetch } = useQuery(deploymentPageQuery(id));
  const deployment = data?.deployment;
  useTitle(deployment?.name ?? (error === null ? 'Deployment' : 'No such deployment'));
  useLivePages('deployments', data?.as_of, EVENTS);
  const isGone = error instanceof ApiError && error.status === 404;
  if (error !== null && (data === undefined || isGone))
    return <NotLoaded noun="deployment" id={id} list="/deployments" error={error} onRetry={() => void refetch()} />;
  if (data === undefined || deployment === undefined) return <Skeleton lines={8} label="Loading the deployment" />;
  const tabs = [
    { id: 'runs', label: 'Runs', count: data.run_count + data.waiting_count },
    { id: 'schedules', label: 'Schedules', count: data.schedules.length },
    { id: 'backfills', label: 'Backfills', count: data.backfills.length },
    { id: 'history', label: 'History' },
    { id: 'versions', label: 'Versions' },
    { id: 'parameters', label: 'Parameters', count: Object.keys(deployment.parameters).length },
    { id: 'details', label: 'Details' },
  ] as const;
  return (
    <>
      <DeploymentHeader page={data} />
      <Tabs<DeploymentView>
        label="Parts of the deployment"
        tabs={tabs}
        selected={view}
        onSelect={(next) =>
          change({ view: next === 'runs' ? undefined : next, from: undefined, to: undefined, before: undefined })
        }
      >
        {view === 'runs' && <Runs page={data} />}
        {view === 'schedules' && <ScheduleList page={data} />}
        {view === 'backfills' && <BackfillList page={data} />}
        {view === 'history' && <SlotList id={id} schedules={data.schedules} />}
        {view === 'versions' && <VersionList id={id} name={deployment.name} />}
        {view === 'parameters' && <Parameters page={data} />}
        {view === 'details' && <DeploymentDetails page={data} />}
      </Tabs>
    </>
  );
}

function Runs({
  page: { runs, run_count: count, waiting, waiting_count: waits, late_run_count: late },
}: {
  readonly page: DeploymentPageData;
}) {
  if (count + waits === 0)
    return (
      <EmptyNote icon="clock" title="No run yet">
        <p className="muted">A run appears here when a schedule makes one, or when you run the deployment yourself.</p>
      </EmptyNote>
    );
  return (
    <>
      <WaitingRuns runs={waiting} count={waits} late={late} />
      <RunSection title={countOf(count, 'run')} runs={runs} count={count} order="newest" />
    </>
  );
}

function Parameters({ page: { deployment } }: { readonly page: DeploymentPageData }) {
  const { parameters, parameter_openapi_schema: schema, enforce_parameter_schema: isEnforced } = deployment;
  return (
    <>
      {Object.keys(parameters).length === 0 ? (
        <p className="muted">It sets none: its runs are called with what the flow has by itself.</p>
      ) : (
        <JsonView text={printJson(parameters)} label="the parameters" />
      )}
      {schema !== null && (
        <>
          <h2 className="section-title">What the flow takes</h2>
          <p className="muted">
            {isEnforced ? 'A run whose parameters do not fit is refused.' : 'Parameters of runs are not checked by it.'}
          </p>
          <JsonView text={printJson(schema)} label="the schema of the parameters" />
        </>
      )}
    </>
  );
}
