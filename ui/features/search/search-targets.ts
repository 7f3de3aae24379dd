/** What the search offers, one below the other: pages, then what the server found. Pure. */
import type { Found } from '../../api/search.ts';
import type { StateType } from '../../api/states.ts';

export interface Target {
  /** Unique among those that are offered. */
  readonly key: string;
  readonly kind: 'Page' | 'Flow' | 'Deployment' | 'Work pool' | 'Flow run' | 'Task run';
  readonly name: string;
  /** What it belongs to. */
  readonly of: string | null;
  /** What stands in its address, and under which name. */
  readonly params: { readonly id: string } | { readonly name: string } | null;
  readonly state: { readonly type: StateType; readonly name: string } | null;
  readonly to:
    | Page
    | '/flows/flow/$id'
    | '/deployments/deployment/$id'
    | '/work-pools/work-pool/$name'
    | '/runs/flow-run/$id'
    | '/runs/task-run/$id';
}

type Page = '/runs' | '/flows' | '/deployments' | '/work-pools' | '/events' | '/automations' | '/docs';

const PAGES: readonly (readonly [name: string, to: Page])[] = [
  ['Runs', '/runs'],
  ['Flows', '/flows'],
  ['Deployments', '/deployments'],
  ['Work pools', '/work-pools'],
  ['Events', '/events'],
  ['Automations', '/automations'],
  ['API', '/docs'],
];

/** @param found `undefined` while nothing has been found yet */
export function targetsOf(words: string, found: Found | undefined): readonly Target[] {
  const pages = PAGES.filter(([name]) => name.toLowerCase().includes(words.trim().toLowerCase()));
  const stateOf = (run: { readonly state_type: StateType; readonly state_name: string }) => ({
    type: run.state_type,
    name: run.state_name,
  });
  return [
    ...pages.map(([name, to]): Target => ({ key: to, kind: 'Page', name, of: null, params: null, state: null, to })),
    ...(found?.flows ?? []).map(({ id, name }): Target => ({
      key: id,
      kind: 'Flow',
      name,
      of: null,
      params: { id },
      state: null,
      to: '/flows/flow/$id',
    })),
    ...(found?.deployments ?? []).map(({ id, name, flow_name: of }): Target => ({
      key: id,
      kind: 'Deployment',
      name,
      of,
      params: { id },
      state: null,
      to: '/deployments/deployment/$id',
    })),
    ...(found?.work_pools ?? []).map(({ id, name }): Target => ({
      key: id,
      kind: 'Work pool',
      name,
      of: null,
      params: { name },
      state: null,
      to: '/work-pools/work-pool/$name',
    })),
    ...(found?.flow_runs ?? []).map((run): Target => ({
      key: run.id,
      kind: 'Flow run',
      name: run.name,
      of: run.flow_name,
      params: { id: run.id },
      state: stateOf(run),
      to: '/runs/flow-run/$id',
    })),
    ...(found?.task_runs ?? []).map((run): Target => ({
      key: run.id,
      kind: 'Task run',
      name: run.name,
      of: run.flow_run_name,
      params: { id: run.id },
      state: stateOf(run),
      to: '/runs/task-run/$id',
    })),
  ];
}
