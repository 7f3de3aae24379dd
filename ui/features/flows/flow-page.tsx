/** The address of a flow leads to its runs; one that is not here says so. */
import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';

import { flowQuery } from '../../api/flows.ts';
import { Skeleton } from '../../components/notes.tsx';
import { NotLoaded } from '../places/not-loaded.tsx';

export function FlowPage({ id }: { readonly id: string }) {
  const { data: flow, error, refetch } = useQuery(flowQuery(id));
  if (flow !== undefined) return <Navigate to="/runs" search={{ flow: flow.id }} replace />;
  if (error !== null)
    return <NotLoaded noun="flow" id={id} list="/flows" error={error} onRetry={() => void refetch()} />;
  return <Skeleton lines={6} label="Loading the flow" />;
}
