/** One artifact on a page of its own, with the way to the run that made it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { artifactQuery } from '../../api/artifacts.ts';
import { Skeleton } from '../../components/notes.tsx';
import { useTitle } from '../../components/title.ts';
import { NotLoaded } from '../places/not-loaded.tsx';
import { ArtifactCard } from './artifact-list.tsx';

export function ArtifactPage({ id }: { readonly id: string }) {
  const { data: artifact, error, refetch } = useQuery(artifactQuery(id));
  const title = artifact?.key ?? 'Artifact';
  useTitle(title);
  if (artifact === undefined && error !== null)
    return <NotLoaded noun="artifact" id={id} list="/runs" error={error} onRetry={() => void refetch()} />;
  if (artifact === undefined) return <Skeleton lines={5} label="Loading the artifact" />;
  const { flow_run_id: flowRunId, task_run_id: taskRunId } = artifact;
  return (
    <>
      <h1>{title}</h1>
      <p className="muted">
        {flowRunId === null && taskRunId === null && 'Made outside a run.'}
        {flowRunId !== null && (
          <Link to="/runs/flow-run/$id" params={{ id: flowRunId }} search={{ tab: 'artifacts' }}>
            To the flow run that made it
          </Link>
        )}
        {flowRunId === null && taskRunId !== null && (
          <Link to="/runs/task-run/$id" params={{ id: taskRunId }} search={{ tab: 'artifacts' }}>
            To the task run that made it
          </Link>
        )}
      </p>
      <ArtifactCard artifact={artifact} />
    </>
  );
}
