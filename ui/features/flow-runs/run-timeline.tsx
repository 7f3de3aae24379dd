import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';

import { flowRunGraphQuery } from '../../api/flow-run-graph.ts';
import type { FlowRun } from '../../api/flow-runs.ts';
import { isTerminal } from '../../api/states.ts';
import { EmptyNote, Skeleton } from '../../components/notes.tsx';
import { nodesOf, type TimelineNode } from '../../graph/nodes.ts';
import { Timeline } from '../../graph/timeline.tsx';

/** A run whose events do not reach the page, such as a subflow's, is looked at again now and then. */
const LOOK_AGAIN_MS = 5000;

export function useRunNodes(run: FlowRun | undefined, id: string) {
  const { data: graph, error } = useQuery({ ...flowRunGraphQuery(id), refetchInterval: run !== undefined && !isTerminal(run.state_type) ? LOOK_AGAIN_MS : false });
  const nodes = useMemo(() => (graph === undefined ? undefined : nodesOf(graph)), [graph]);
  return { nodes, error };
}

interface RunTimelineProps {
  readonly run: FlowRun;
  readonly nodes: readonly TimelineNode[] | undefined;
  readonly error: Error | null;
  readonly task: string | null;
}

export function RunTimeline({ run, nodes, error, task }: RunTimelineProps) {
  const navigate = useNavigate();
  const select = (node: TimelineNode | null): void => {
    if (node?.kind === 'flow-run') void navigate({ to: '/runs/flow-run/$id', params: { id: node.id } });
    else void navigate({ to: '/runs/flow-run/$id', params: { id: run.id }, search: (old) => ({ ...old, task: node?.id }), replace: task !== null });
  };
  return (
    <section className="card" aria-label="Timeline">
      {error !== null && nodes === undefined && <EmptyNote icon="rows" title="No timeline"><p className="muted">{error.message} The task runs are below as a table.</p></EmptyNote>}
      {nodes === undefined && error === null && <Skeleton lines={5} label="Loading the timeline" />}
      {nodes?.length === 0 && <EmptyNote icon="rows" title={isTerminal(run.state_type) ? 'Nothing ran inside' : 'Nothing inside yet'}><p className="muted">Tasks and subflows that this run calls are drawn here over time.</p></EmptyNote>}
      {nodes !== undefined && nodes.length > 0 && (
        <Timeline nodes={nodes} started={run.start_time} ended={isTerminal(run.state_type) ? run.end_time : null} selectedId={task} onSelect={select} />
      )}
    </section>
  );
}
