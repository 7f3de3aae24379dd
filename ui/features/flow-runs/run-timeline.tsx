import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';

import type { FlowRun } from '../../api/flow-runs.ts';
import { insideQuery, type Inside } from '../../api/inside.ts';
import { isTerminal } from '../../api/states.ts';
import { EmptyNote, Skeleton } from '../../components/notes.tsx';
import { nodesOf, type TimelineNode } from '../../graph/nodes.ts';
import { Timeline } from '../../graph/timeline.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';

const FoldedTimeline = lazyPage(null, async () => (await import('./folded-timeline.tsx')).FoldedTimeline);

/** A run whose events do not reach the page, such as a subflow's, is looked at again now and then. */
const LOOK_AGAIN_MS = 5000;
/** Counting a folded run takes a server some microseconds for each in it. */
const LOOK_AGAIN_MS_A_RUN = 0.05;

/** How long a look at the inside is good for, by how much there is. */
export function insidePaceMs(inside: Inside | undefined): number {
  if (inside === undefined) return 0;
  return inside.is_folded ? inside.task_run_count * LOOK_AGAIN_MS_A_RUN : inside.runs.length;
}

export function useInside(run: FlowRun | undefined, id: string) {
  const { data: inside, error } = useQuery({
    ...insideQuery(id),
    refetchInterval: ({ state }) =>
      run !== undefined && !isTerminal(run.state_type) ? Math.max(LOOK_AGAIN_MS, insidePaceMs(state.data)) : false,
  });
  const nodes = useMemo(() => (inside === undefined ? undefined : nodesOf(inside)), [inside]);
  return { inside, nodes, error };
}

interface RunTimelineProps {
  readonly run: FlowRun;
  readonly inside: Inside | undefined;
  readonly nodes: readonly TimelineNode[] | undefined;
  readonly error: Error | null;
  readonly task: string | null;
}

export function RunTimeline({ run, inside, nodes, error, task }: RunTimelineProps) {
  const navigate = useNavigate();
  const select = (node: TimelineNode | null): void => {
    if (node?.kind === 'flow-run') void navigate({ to: '/runs/flow-run/$id', params: { id: node.id } });
    else
      void navigate({
        to: '/runs/flow-run/$id',
        params: { id: run.id },
        search: (old) => ({ ...old, task: node?.id }),
        replace: task !== null,
      });
  };
  const shown = {
    started: run.start_time,
    ended: isTerminal(run.state_type) ? run.end_time : null,
    selectedId: task,
    onSelect: select,
  };
  const isFolded = inside?.is_folded === true;
  return (
    <section className="card" aria-label="Timeline">
      {error !== null && nodes === undefined && (
        <EmptyNote icon="rows" title="No timeline">
          <p className="muted">{error.message} The task runs are below as a table.</p>
        </EmptyNote>
      )}
      {nodes === undefined && error === null && <Skeleton lines={5} label="Loading the timeline" />}
      {nodes?.length === 0 && !isFolded && (
        <EmptyNote icon="rows" title={isTerminal(run.state_type) ? 'Nothing ran inside' : 'Nothing inside yet'}>
          <p className="muted">Tasks and subflows that this run calls are drawn here over time.</p>
        </EmptyNote>
      )}
      {isFolded && <FoldedTimeline key={run.id} flowRunId={run.id} inside={inside} {...shown} />}
      {nodes !== undefined && nodes.length > 0 && <Timeline nodes={nodes} {...shown} />}
    </section>
  );
}
