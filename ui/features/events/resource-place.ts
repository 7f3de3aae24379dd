/** Where the page of a resource of an event is. Pure. */
import { idIn } from '../../components/search-values.ts';

const PAGES = {
  'flow-run': '/runs/flow-run/$id',
  'task-run': '/runs/task-run/$id',
  flow: '/flows/flow/$id',
  deployment: '/deployments/deployment/$id',
  automation: '/automations/automation/$id',
  artifact: '/artifacts/artifact/$id',
} as const;

export type ResourcePlace =
  | { readonly to: (typeof PAGES)[keyof typeof PAGES]; readonly params: { readonly id: string } }
  | { readonly to: '/work-pools/work-pool/$name'; readonly params: { readonly name: string } };

/**
 * @param resourceId for instance `prefect.flow-run.<id>`
 * @param name of the resource: pools are known by theirs
 * @returns `null` for what has no page
 */
export function resourcePlace(resourceId: string, name: string | null | undefined): ResourcePlace | null {
  const [, kind = '', key] = /^prefect\.([a-z-]+)\.(.+)$/s.exec(resourceId) ?? [];
  if (kind === 'work-pool')
    return name === null || name === undefined || name === ''
      ? null
      : { to: '/work-pools/work-pool/$name', params: { name } };
  const id = idIn(key);
  if (id === undefined || !Object.hasOwn(PAGES, kind)) return null;
  return { to: PAGES[kind as keyof typeof PAGES], params: { id } };
}

/** What a resource is, in a word: `flow run`; empty for one that says nothing of its kind. */
export function resourceKind(resourceId: string): string {
  return /^prefect\.([a-z][a-z-]*)\./.exec(resourceId)?.[1]?.replaceAll('-', ' ') ?? '';
}
