/** Addresses of the pages. Those of runs are the ones that Prefect's clients print. */
import { createRootRoute, createRoute, createRouter, redirect, useLocation, useNavigate } from '@tanstack/react-router';

import { lazyPage } from '../features/connection/lazy-page.tsx';
import { EmptyNote, ErrorNote } from '../components/notes.tsx';
import { useTitle } from '../components/title.ts';
import { RUN_TABS, type RunTab } from '../features/flow-runs/run-tabs.ts';
import { parseRunSearch, type RunSearch } from '../features/flow-runs/run-search.ts';
import { Frame } from './frame.tsx';

const DocsPage = lazyPage(/^\/docs/, async () => (await import('../features/docs/docs-page.tsx')).DocsPage);
const FlowList = lazyPage(/^\/flows\/?$/, async () => (await import('../features/flows/flow-list.tsx')).FlowList);
const RunList = lazyPage(/^\/(?:runs\/?)?$/, async () => (await import('../features/flow-runs/run-list.tsx')).RunList);
const RunPage = lazyPage(/^\/runs\/flow-run\//, async () => (await import('../features/flow-runs/run-page.tsx')).RunPage);
const TaskRunDetail = lazyPage(/^\/runs\/task-run\//, async () => (await import('../features/task-runs/task-run-detail.tsx')).TaskRunDetail);

const root = createRootRoute({
  component: Frame,
  errorComponent: ({ error }) => <ErrorNote error={error instanceof Error ? error : new Error(String(error))} onRetry={() => location.reload()} />,
  notFoundComponent: () => <EmptyNote icon="search" title="There is no such page"><p><a href="/runs">To the runs</a></p></EmptyNote>,
});

const home = createRoute({ getParentRoute: () => root, path: '/', beforeLoad: () => { throw redirect({ to: '/runs' }); } });

const runs = createRoute({ getParentRoute: () => root, path: '/runs', validateSearch: (raw: Record<string, unknown>): RunSearch => parseRunSearch(raw), component: RunsRoute });

function RunsRoute() {
  const search = runs.useSearch();
  const navigate = useNavigate();
  useTitle('Runs');
  return (
    <>
      <h1 className="visually-hidden">Runs</h1>
      <RunList search={search} onSearch={(change) => void navigate({ to: '/runs', search: (old) => parseRunSearch({ ...old, ...change }), replace: !('page' in change && change.page !== undefined) })} />
    </>
  );
}

interface RunPageSearch {
  readonly tab?: RunTab | undefined;
  readonly task?: string | undefined;
}

const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/flow-run/$id',
  validateSearch: (raw: Record<string, unknown>): RunPageSearch => {
    const tab = RUN_TABS.find((known) => known === raw['tab']);
    return { ...(tab === undefined || tab === 'logs' ? {} : { tab }), ...(typeof raw['task'] === 'string' ? { task: raw['task'] } : {}) };
  },
  component: RunRoute,
});

function RunRoute() {
  const { id } = run.useParams();
  const { tab = 'logs', task } = run.useSearch();
  const navigate = useNavigate();
  const go = (change: { readonly tab?: RunTab; readonly task?: string | undefined }): void => {
    void navigate({ to: '/runs/flow-run/$id', params: { id }, search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  };
  return <RunPage key={id} id={id} tab={tab} task={task ?? null} onTab={(next) => go({ tab: next })} onTask={(next) => go({ task: next ?? undefined })} />;
}

const taskRun = createRoute({ getParentRoute: () => root, path: '/runs/task-run/$id', component: TaskRunRoute });

function TaskRunRoute() {
  const { id } = taskRun.useParams();
  useTitle('Task run');
  return <div className="narrow"><TaskRunDetail key={id} id={id} heading="h1" /></div>;
}

const flows = createRoute({ getParentRoute: () => root, path: '/flows', component: FlowsRoute });

function FlowsRoute() {
  useTitle('Flows');
  return (
    <>
      <h1>Flows</h1>
      <FlowList />
    </>
  );
}

const flow = createRoute({ getParentRoute: () => root, path: '/flows/flow/$id', beforeLoad: ({ params }) => { throw redirect({ to: '/runs', search: { flow: params.id } }); } });

const docs = createRoute({
  getParentRoute: () => root,
  path: '/docs',
  validateSearch: (raw: Record<string, unknown>): { readonly q?: string } => (typeof raw['q'] === 'string' && raw['q'] !== '' ? { q: raw['q'] } : {}),
  component: DocsRoute,
});

function DocsRoute() {
  const { q = '' } = docs.useSearch();
  const named = useLocation({ select: ({ hash }) => hash });
  const navigate = useNavigate();
  useTitle('API');
  return <DocsPage query={q} named={named} onQuery={(next) => void navigate({ to: '/docs', search: next === '' ? {} : { q: next }, replace: true, resetScroll: false })} />;
}

export const router = createRouter({
  routeTree: root.addChildren([home, runs, run, taskRun, flows, flow, docs]),
  scrollRestoration: true,
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    readonly router: typeof router;
  }
}
