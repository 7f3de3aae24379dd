/** Flows. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { RecentRun } from '../../src/contract/routes/ui-pages.ts';
import type { Flow as WireFlow } from '../../src/contract/schema/flow.ts';
import { getJson, postJson } from './http.ts';

/** A run as a bar beside others. */
export type { RecentRun };

export type Flow = Pick<WireFlow, 'id' | 'created' | 'updated' | 'name' | 'tags'> &
  Partial<Pick<WireFlow, 'description'>>;

export function flowListQuery({
  name,
  limit,
  offset,
}: {
  readonly name: string;
  readonly limit: number;
  readonly offset: number;
}) {
  const flows = name === '' ? undefined : { name: { like_: name } };
  return queryOptions({
    queryKey: ['flows', 'list', name, limit, offset],
    queryFn: ({ signal }) => postJson<Flow[]>('/flows/filter', { flows, sort: 'NAME_ASC', limit, offset }, { signal }),
    placeholderData: keepPreviousData,
  });
}

export function flowQuery(id: string) {
  return queryOptions({
    queryKey: ['flows', 'one', id],
    queryFn: ({ signal }) => getJson<Flow>(`/flows/${id}`, { signal }),
  });
}

export interface FlowsPage {
  readonly as_of: string;
  /** Each with its newest runs, newest first, and what the state of the newest says. */
  readonly flows: readonly (Flow & { readonly runs: readonly RecentRun[]; readonly last_message: string | null })[];
}

/** All that the page of flows shows, by one request. */
export function flowsPageQuery({
  name,
  limit,
  recentRuns,
}: {
  readonly name: string;
  readonly limit: number;
  readonly recentRuns: number;
}) {
  const flows = name === '' ? undefined : { name: { like_: name } };
  return queryOptions({
    queryKey: ['flows', 'page', name, limit, recentRuns],
    queryFn: ({ signal }) =>
      postJson<FlowsPage>('/ui/pages/flows', { flows, limit, recent_runs: recentRuns }, { signal }),
    placeholderData: keepPreviousData,
  });
}
