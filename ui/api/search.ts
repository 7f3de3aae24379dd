/** The search over everything that has a name or an id. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { postJson } from './http.ts';
import type { StateType } from './states.ts';

interface FoundRun {
  readonly id: string;
  readonly name: string;
  readonly state_type: StateType;
  readonly state_name: string;
  readonly created: string;
}

export interface Found {
  readonly flows: readonly { readonly id: string; readonly name: string }[];
  readonly deployments: readonly { readonly id: string; readonly name: string; readonly flow_name: string }[];
  readonly work_pools: readonly { readonly id: string; readonly name: string }[];
  readonly flow_runs: readonly (FoundRun & { readonly flow_name: string })[];
  readonly task_runs: readonly (FoundRun & {
    readonly flow_run_id: string | null;
    readonly flow_run_name: string | null;
  })[];
  /** Names of older runs were not looked through. */
  readonly is_partial: boolean;
}

export function searchQuery(text: string) {
  return queryOptions({
    queryKey: ['search', text],
    queryFn: ({ signal }) => postJson<Found>('/ui/pages/search', { text }, { signal }),
    placeholderData: keepPreviousData,
    enabled: text !== '',
  });
}
