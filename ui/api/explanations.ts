/** Why a run is as it is: our own server's resource. */
import { queryOptions } from '@tanstack/react-query';

import type { Explanation as WireExplanation } from '../../src/contract/schema/explanation.ts';
import { ApiError, getJson } from './http.ts';

export type Explanation = Pick<WireExplanation, 'headline' | 'because' | 'next' | 'about' | 'moving'>;

/** `null` from a server that does not explain, as Prefect's. */
export function explanationQuery(kind: 'flow-run' | 'task-run', runId: string) {
  return queryOptions({
    queryKey: ['why', kind, runId],
    queryFn: async ({ signal }) => {
      try {
        return await getJson<Explanation>(`/${kind === 'flow-run' ? 'flow_runs' : 'task_runs'}/${runId}/why`, {
          signal,
        });
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return null;
        throw error;
      }
    },
  });
}
