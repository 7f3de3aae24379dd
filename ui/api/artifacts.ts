/** Artifacts: what a run wants to show. */
import { queryOptions } from '@tanstack/react-query';

import type { Artifact as WireArtifact } from '../../src/contract/artifact.ts';
import { getText, postLossless } from './http.ts';
import { parseLossless } from './lossless-json.ts';

export type Artifact = Pick<
  WireArtifact,
  'id' | 'key' | 'created' | 'updated' | 'description' | 'data' | 'flow_run_id' | 'task_run_id'
> & { readonly type: string | null };

/** Results are artifacts too on older clients; they are shown as results. */
const NOT_RESULTS = { type: { not_any_: ['result'] } };

/** In the order they were made. @param of a flow run's id or a task run's */
export function artifactListQuery(of: { readonly flowRunId: string } | { readonly taskRunId: string }) {
  const artifacts =
    'flowRunId' in of
      ? { ...NOT_RESULTS, flow_run_id: { any_: [of.flowRunId] } }
      : { ...NOT_RESULTS, task_run_id: { any_: [of.taskRunId] } };
  return queryOptions({
    queryKey: ['artifacts', of],
    queryFn: async ({ signal }) => {
      const found = await postLossless<Artifact[]>(
        '/artifacts/filter',
        { artifacts, sort: 'CREATED_DESC', limit: 200 },
        { signal },
      );
      return found.reverse();
    },
  });
}

export function artifactQuery(id: string) {
  return queryOptions({
    queryKey: ['artifacts', 'one', id],
    queryFn: async ({ signal }) => parseLossless(await getText(`/artifacts/${id}`, { signal })) as Artifact,
  });
}
