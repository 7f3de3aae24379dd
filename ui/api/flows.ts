/** Flows, and the names that lists of runs show for them. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { Flow as WireFlow } from '../../src/contract/schema/flow.ts';
import { getJson, postJson } from './http.ts';

export type Flow = Pick<WireFlow, 'id' | 'created' | 'updated' | 'name' | 'tags'>;

export function flowListQuery({ name, limit, offset }: { readonly name: string; readonly limit: number; readonly offset: number }) {
  const flows = name === '' ? undefined : { name: { like_: name } };
  return queryOptions({
    queryKey: ['flows', 'list', name, limit, offset],
    queryFn: ({ signal }) => postJson<Flow[]>('/flows/filter', { flows, sort: 'NAME_ASC', limit, offset }, { signal }),
    placeholderData: keepPreviousData,
  });
}

export function flowQuery(id: string) {
  return queryOptions({ queryKey: ['flows', 'one', id], queryFn: ({ signal }) => getJson<Flow>(`/flows/${id}`, { signal }), staleTime: 60_000 });
}

/** Name by id. A flow is never renamed, so what is known stays known. */
export function flowNamesQuery(ids: readonly string[]) {
  const wanted = [...new Set(ids)].sort();
  return queryOptions({
    queryKey: ['flows', 'names', wanted],
    queryFn: async ({ signal }) => {
      if (wanted.length === 0) return {};
      const flows = await postJson<Flow[]>('/flows/filter', { flows: { id: { any_: wanted } }, limit: wanted.length }, { signal });
      return Object.fromEntries(flows.map(({ id, name }) => [id, name])) as Record<string, string>;
    },
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}
