/** Addresses of the pages. Those of runs are the ones that Prefect's clients print. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  parseSearchWith,
  redirect,
  stringifySearchWith,
  useLocation,
  useNavigate,
  useParams,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { idIn } from '../components/search-values.ts';
import type { ChangeOptions } from '../components/search-field.tsx';
import { useTitle } from '../components/title.ts';
import type { RunPageSearch } from '../features/flow-runs/run-page-search.ts';
import { parseRunSearch } from '../features/flow-runs/run-search.ts';
import { NotHerePage } from '../features/places/not-loaded.tsx';
import { FrameError, PageError } from '../features/places/page-error.tsx';
import { Frame } from './frame.tsx';
import {
  ArtifactPage,
  AutomationList,
  AutomationPage,
  ChannelList,
  DeploymentList,
  DeploymentPage,
  DocsPage,
  EditAutomationPage,
  EventList,
  FlowList,
  FlowPage,
  NewAutomationPage,
  PlacePage,
  PoolList,
  PoolPage,
  RunList,
  RunPage,
  TaskRunDetail,
} from './lazy-pages.ts';
import { parseAddressValue, SEARCHES } from './searches.ts';

/** What is no text, such as `%E0%A4%A`, fits no route. */
const root = createRootRoute({ component: Frame, errorComponent: FrameError, notFoundComponent: OtherRoute });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: SEARCHES['/'],
  beforeLoad: () => {
    throw redirect({ to: '/runs', replace: true });
  },
});

const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  validateSearch: SEARCHES['/runs'],
  component: RunsRoute,
});

function RunsRoute() {
  const search = runs.useSearch();
  const navigate = useNavigate();
  useTitle('Runs');
  return (
    <>
      <h1 className="visually-hidden">Runs</h1>
      <RunList
        search={search}
        onSearch={(change, { isMore = false }: ChangeOptions = {}) =>
          void navigate({ to: '/runs', search: (old) => parseRunSearch({ ...old, ...change }), replace: isMore })
        }
      />
    </>
  );
}

interface ThingRouteProps {
  /** For instance `flow run`. */
  readonly noun: string;
  readonly list: '/runs' | '/flows' | '/deployments' | '/automations';
  /** @param id in the form in which the server keeps it */
  readonly children: (id: string) => ReactNode;
}

/**
 * The page of one thing that is named by its id: the address is brought into its usual form, and what is no id is asked
 * of nobody.
 */
function ThingRoute({ noun, list, children }: ThingRouteProps) {
  const { id: given = '' } = useParams({ strict: false });
  const id = idIn(given);
  if (id === undefined) return <NotHerePage noun={noun} id={given} isId={false} list={list} />;
  if (id !== given) return <Navigate to="." params={{ id } as never} search={true as never} hash={true} replace />;
  return children(id);
}

const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/flow-run/$id',
  validateSearch: SEARCHES['/runs/flow-run/$id'],
  component: () => (
    <ThingRoute noun="flow run" list="/runs">
      {(id) => <RunRoute key={id} id={id} />}
    </ThingRoute>
  ),
});

function RunRoute({ id }: { readonly id: string }) {
  const { tab = 'logs', task } = run.useSearch();
  const navigate = useNavigate();
  const go = (change: Pick<RunPageSearch, 'tab'> & { readonly task?: string | undefined }): void => {
    void navigate({
      to: '/runs/flow-run/$id',
      params: { id },
      search: (old) => ({ ...old, ...change }),
      resetScroll: false,
    });
  };
  return (
    <RunPage
      id={id}
      tab={tab}
      task={task ?? null}
      onTab={(next) => go({ tab: next })}
      onTask={(next) => go({ task: next ?? undefined })}
    />
  );
}

const taskRun = createRoute({
  getParentRoute: () => root,
  path: '/runs/task-run/$id',
  validateSearch: SEARCHES['/runs/task-run/$id'],
  component: () => (
    <ThingRoute noun="task run" list="/runs">
      {(id) => <TaskRunRoute key={id} id={id} />}
    </ThingRoute>
  ),
});

function TaskRunRoute({ id }: { readonly id: string }) {
  return (
    <div className="narrow">
      <TaskRunDetail id={id} heading="h1" />
    </div>
  );
}

const flows = createRoute({
  getParentRoute: () => root,
  path: '/flows',
  validateSearch: SEARCHES['/flows'],
  component: FlowsRoute,
});

function FlowsRoute() {
  useTitle('Flows');
  return (
    <>
      <h1>Flows</h1>
      <FlowList />
    </>
  );
}

const flow = createRoute({
  getParentRoute: () => root,
  path: '/flows/flow/$id',
  validateSearch: SEARCHES['/flows/flow/$id'],
  component: () => (
    <ThingRoute noun="flow" list="/flows">
      {(id) => <FlowPage key={id} id={id} />}
    </ThingRoute>
  ),
});

const deployments = createRoute({
  getParentRoute: () => root,
  path: '/deployments',
  validateSearch: SEARCHES['/deployments'],
  component: DeploymentsRoute,
});

function DeploymentsRoute() {
  useTitle('Deployments');
  return (
    <>
      <h1>Deployments</h1>
      <DeploymentList />
    </>
  );
}

const deployment = createRoute({
  getParentRoute: () => root,
  path: '/deployments/deployment/$id',
  validateSearch: SEARCHES['/deployments/deployment/$id'],
  component: () => (
    <ThingRoute noun="deployment" list="/deployments">
      {(id) => <DeploymentPage key={id} id={id} />}
    </ThingRoute>
  ),
});

const pools = createRoute({
  getParentRoute: () => root,
  path: '/work-pools',
  validateSearch: SEARCHES['/work-pools'],
  component: PoolsRoute,
});

function PoolsRoute() {
  useTitle('Work pools');
  return (
    <>
      <h1>Work pools</h1>
      <PoolList />
    </>
  );
}

const pool = createRoute({
  getParentRoute: () => root,
  path: '/work-pools/work-pool/$name',
  validateSearch: SEARCHES['/work-pools/work-pool/$name'],
  component: PoolRoute,
});

function PoolRoute() {
  const { name } = pool.useParams();
  return <PoolPage key={name} name={name} />;
}

const automations = createRoute({
  getParentRoute: () => root,
  path: '/automations',
  validateSearch: SEARCHES['/automations'],
  component: AutomationsRoute,
});

function AutomationsRoute() {
  useTitle('Automations');
  return <AutomationList />;
}

const automation = createRoute({
  getParentRoute: () => root,
  path: '/automations/automation/$id',
  validateSearch: SEARCHES['/automations/automation/$id'],
  component: () => (
    <ThingRoute noun="automation" list="/automations">
      {(id) => <AutomationPage key={id} id={id} />}
    </ThingRoute>
  ),
});

const newAutomation = createRoute({
  getParentRoute: () => root,
  path: '/automations/create',
  validateSearch: SEARCHES['/automations/create'],
  component: () => <NewAutomationPage />,
});

const automationEdit = createRoute({
  getParentRoute: () => root,
  path: '/automations/automation/$id/edit',
  validateSearch: SEARCHES['/automations/automation/$id/edit'],
  component: () => (
    <ThingRoute noun="automation" list="/automations">
      {(id) => <EditAutomationPage key={id} id={id} />}
    </ThingRoute>
  ),
});

const channels = createRoute({
  getParentRoute: () => root,
  path: '/notification-channels',
  validateSearch: SEARCHES['/notification-channels'],
  component: ChannelsRoute,
});

function ChannelsRoute() {
  useTitle('Notification channels');
  return <ChannelList />;
}

const events = createRoute({
  getParentRoute: () => root,
  path: '/events',
  validateSearch: SEARCHES['/events'],
  component: EventsRoute,
});

function EventsRoute() {
  useTitle('Events');
  // Another event alone is another list.
  const { event = '' } = events.useSearch();
  return <EventList key={event} />;
}

const artifact = createRoute({
  getParentRoute: () => root,
  path: '/artifacts/artifact/$id',
  validateSearch: SEARCHES['/artifacts/artifact/$id'],
  component: () => (
    <ThingRoute noun="artifact" list="/runs">
      {(id) => <ArtifactPage key={id} id={id} />}
    </ThingRoute>
  ),
});

const docs = createRoute({
  getParentRoute: () => root,
  path: '/docs',
  validateSearch: SEARCHES['/docs'],
  component: DocsRoute,
});

function DocsRoute() {
  const { q = '' } = docs.useSearch();
  const named = useLocation({ select: ({ hash }) => hash });
  const navigate = useNavigate();
  useTitle('API');
  return (
    <DocsPage
      query={q}
      named={named}
      onQuery={(next, { isMore = false }) =>
        void navigate({ to: '/docs', search: next === '' ? {} : { q: next }, replace: isMore, resetScroll: false })
      }
    />
  );
}

const other = createRoute({
  getParentRoute: () => root,
  path: '/$',
  validateSearch: SEARCHES['/$'],
  component: OtherRoute,
});

function OtherRoute() {
  const pathname = useLocation({ select: (location) => location.pathname });
  return <PlacePage key={pathname} pathname={pathname} />;
}

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    runs,
    run,
    taskRun,
    flows,
    flow,
    deployments,
    deployment,
    pools,
    pool,
    events,
    automations,
    automation,
    newAutomation,
    automationEdit,
    channels,
    artifact,
    docs,
    other,
  ]),
  parseSearch: parseSearchWith(parseAddressValue),
  stringifySearch: stringifySearchWith(JSON.stringify, parseAddressValue),
  scrollRestoration: true,
  defaultPreload: false,
  defaultErrorComponent: PageError,
});

declare module '@tanstack/react-router' {
  interface Register {
    readonly router: typeof router;
  }
}
