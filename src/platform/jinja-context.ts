/**
 * What templates of automations have besides the language: links to pages as filters, and resources of events with
 * their id, name and labels as attributes. Source: Prefect 3.9.1, `server/events/jinja_filters.py` and
 * `schemas/events.py`.
 */

import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts';

/** Where the server's pages are, for instance `http://127.0.0.1:4200`; `null`: nobody knows. */
export type PagesOf = string | null;

/** A value inside a template; that of an object is a map of such values. */
interface Runtime {
  readonly type: string;
  readonly value: unknown;
}

type Members = ReadonlyMap<string, Runtime>;

/** Names under which objects are handed to templates, and their pages. */
const PAGES: Readonly<Record<string, { readonly kind: string; readonly path: string | null }>> = {
  flow_run: { kind: 'prefect.flow-run', path: 'runs/flow-run' },
  task_run: { kind: 'prefect.task-run', path: 'runs/task-run' },
  flow: { kind: 'prefect.flow', path: 'flows/flow' },
  deployment: { kind: 'prefect.deployment', path: 'deployments/deployment' },
  work_pool: { kind: 'prefect.work-pool', path: 'work-pools/work-pool' },
  work_queue: { kind: 'prefect.work-queue', path: 'work-queues/work-queue' },
  automation: { kind: 'prefect.automation', path: 'automations/automation' },
};

type Filter = (...given: readonly unknown[]) => string | null;

/** The filters that Prefect adds to the language. */
export function linkFilters(
  values: Readonly<Record<string, unknown>>,
  pages: PagesOf,
): Readonly<Record<string, Filter>> {
  const names = new Map<string, string>();
  for (const name of Object.keys(PAGES)) {
    const { id } = (values[name] ?? {}) as { readonly id?: unknown };
    if (typeof id === 'string') names.set(id, name);
  }
  const link = (path: string): string | null => (pages === null ? null : `${pages.replace(/\/$/, '')}/${path}`);
  return {
    ui_url(object) {
      const id = idOf(object);
      const page = PAGES[names.get(id ?? '') ?? pageOfKind(kindOf(resourceIdOf(object)))];
      const last = page?.path === 'work-pools/work-pool' ? nameOf(object) : (id ?? idPart(resourceIdOf(object)));
      return page?.path && last !== null ? link(`${page.path}/${last}`) : null;
    },
    ui_resource_events_url(object) {
      const page = PAGES[names.get(idOf(object) ?? '') ?? ''];
      const resource = page === undefined ? resourceIdOf(object) : `${page.kind}.${idOf(object)}`;
      return resource === null ? null : link(`events?resource=${resource}`);
    },
    flow_run_id: (text) =>
      typeof text === 'string'
        ? (/flow-run\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/.exec(text)?.[1] ?? null)
        : null,
  };
}

function text(object: unknown, member: string): string | null {
  const value = object instanceof Map ? (object as Members).get(member)?.value : undefined;
  return typeof value === 'string' ? value : null;
}

function idOf(object: unknown): string | null {
  return text(object, 'id');
}

function nameOf(object: unknown): string | null {
  return text(object, 'name') ?? text(object, RESOURCE_NAME);
}

function resourceIdOf(object: unknown): string | null {
  return text(object, RESOURCE_ID);
}

function kindOf(resource: string | null): string {
  return resource === null ? '' : resource.slice(0, Math.max(0, resource.lastIndexOf('.')));
}

function idPart(resource: string | null): string | null {
  return resource === null ? null : resource.slice(resource.lastIndexOf('.') + 1);
}

function pageOfKind(kind: string): string {
  return Object.keys(PAGES).find((name) => PAGES[name]?.kind === kind) ?? '';
}

interface Node {
  type: string;
  operand?: unknown;
  filter?: { readonly type: string; readonly value?: unknown };
  callee?: unknown;
  args?: unknown[];
}

/** The library knows its own filters alone, so each of these becomes the call of a function with its name. */
export function callFilters(node: unknown, names: ReadonlySet<string>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const part of node instanceof Map ? [...node].flat() : Object.values(node)) callFilters(part, names);
  const found = node as Node;
  const name = found.filter?.value;
  if (found.type !== 'FilterExpression' || found.filter?.type !== 'Identifier' || typeof name !== 'string') return;
  if (!names.has(name)) return;
  found.type = 'CallExpression';
  found.callee = found.filter;
  found.args = [found.operand];
}

/** Resources of events have attributes, which are none of their labels: they are not written out with them. */
export function giveAttributes(value: unknown): void {
  const { value: inner } = value as Runtime;
  if (Array.isArray(inner)) for (const item of inner) giveAttributes(item);
  if (!(inner instanceof Map)) return;
  const members = inner as Members;
  for (const item of members.values()) giveAttributes(item);
  const id = members.get(RESOURCE_ID);
  if (id === undefined) return;
  const { builtins } = value as { readonly builtins: ReadonlyMap<string, unknown> };
  const name = members.get(RESOURCE_NAME);
  const attributes = new Map([...builtins, ['id', id], ['labels', value], ...(name ? [['name', name] as const] : [])]);
  Object.defineProperty(value, 'builtins', { value: attributes });
}
