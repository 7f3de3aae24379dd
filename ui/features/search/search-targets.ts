/** What the search offers, one below the other: pages, then what the server found. Pure. */
import type { Found } from '../../api/search.ts';
import type { StateType } from '../../api/states.ts';

export interface Target {
  /** Unique among those that are offered. */
  readonly key: string;
  readonly kind: 'Page' | 'Flow' | 'Flow run' | 'Task run';
  readonly name: string;
  /** What it belongs to. */
  readonly of: string | null;
  readonly id: string | null;
  readonly state: { readonly type: StateType; readonly name: string } | null;
  readonly to: '/runs' | '/flows' | '/docs' | '/flows/flow/$id' | '/runs/flow-run/$id' | '/runs/task-run/$id';
}

const PAGES: readonly (readonly [name: string, to: '/runs' | '/flows' | '/docs'])[] = [
  ['Runs', '/runs'],
  ['Flows', '/flows'],
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
    ...pages.map(([name, to]): Target => ({ key: to, kind: 'Page', name, of: null, id: null, state: null, to })),
    ...(found?.flows ?? []).map(({ id, name }): Target => ({
      key: id,
      kind: 'Flow',
      name,
      of: null,
      id,
      state: null,
      to: '/flows/flow/$id',
    })),
    ...(found?.flow_runs ?? []).map((run): Target => ({
      key: run.id,
      kind: 'Flow run',
      name: run.name,
      of: run.flow_name,
      id: run.id,
      state: stateOf(run),
      to: '/runs/flow-run/$id',
    })),
    ...(found?.task_runs ?? []).map((run): Target => ({
      key: run.id,
      kind: 'Task run',
      name: run.name,
      of: run.flow_run_name,
      id: run.id,
      state: stateOf(run),
      to: '/runs/task-run/$id',
    })),
  ];
}
