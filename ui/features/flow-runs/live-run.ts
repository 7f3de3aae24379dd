/** Keeps the page of one run true by push: its own state and the states inside it at once, the rest shortly after. */
import { useQueryClient } from '@tanstack/react-query';

import { readStateChange, useEvents, type LiveEvent, type StateChange } from '../../api/events.ts';
import type { Graph } from '../../api/flow-run-graph.ts';
import type { RunHead } from '../../api/flow-runs.ts';
import { isTerminal } from '../../api/states.ts';
import { useBatches } from '../../components/batches.ts';
import { useThrottled } from '../../components/throttle.ts';
import { changed } from './live-runs.ts';

const REFRESH_MS = 800;
/** The larger the graph, the more rarely it is asked for: a millisecond for each run in it. */
const REFRESH_MS_A_NODE = 1;
const NODES_MS = 120;
/** A task's row may be written shortly after its event. */
const SETTLE_MS = 2500;

/** @param asOf the server's time of what is shown @param nodeCount how many runs are known inside */
export function useLiveRun(id: string, asOf: string | undefined, nodeCount: number): void {
  const client = useQueryClient();
  const refreshRun = useThrottled(() => {
    // With the run comes why it is so.
    for (const queryKey of [['flow-runs', 'one', id], ['states', 'flow-run', id], ['artifacts', { flowRunId: id }]]) {
      void client.invalidateQueries({ queryKey });
    }
  }, REFRESH_MS);
  const refreshInside = useThrottled(() => {
    for (const queryKey of [['graph', id], ['flow-runs', 'subflows', id]]) void client.invalidateQueries({ queryKey });
    for (const list of ['list', 'count']) void client.invalidateQueries({ queryKey: ['task-runs', list, id] });
  }, Math.max(REFRESH_MS, Math.ceil(nodeCount / 1000) * 1000 * REFRESH_MS_A_NODE));
  const refreshAll = (): void => {
    refreshRun();
    refreshInside();
  };
  const note = useBatches<StateChange>((changes) => {
    client.setQueryData<Graph>(['graph', id], (graph) => graph && changedGraph(graph, changes));
  }, NODES_MS);
  const hear = (event: LiveEvent): void => {
    const change = readStateChange(event);
    if (change === null) {
      if (!event.event.endsWith('.heartbeat')) refreshRun();
      // A new name, or a run less.
      if (event.event.startsWith('ostinato.')) refreshInside();
    } else if (change.runId === id) {
      client.setQueryData<RunHead>(['flow-runs', 'one', id], (head) => head && { ...head, run: changed(head.run, change) });
      if (isTerminal(change.stateType)) setTimeout(refreshAll, SETTLE_MS);
      refreshAll();
    } else {
      note(change);
      refreshInside();
    }
  };
  useEvents(asOf, { any_resource: { id: [`prefect.flow-run.${id}`] } }, hear, refreshAll);
}

/** The graph as the events say it is now. Runs that it does not have yet come with the next answer. */
function changedGraph(graph: Graph, changes: readonly StateChange[]): Graph {
  const newest = new Map(changes.map((change) => [change.runId, change]));
  return {
    ...graph,
    nodes: graph.nodes.map((entry) => {
      const [id, node] = entry;
      const change = newest.get(id);
      if (change === undefined || isTerminal(node.state_type)) return entry;
      const isFirstStart = change.stateType === 'RUNNING' && node.state_type !== 'RUNNING';
      return [id, {
        ...node, state_type: change.stateType, end_time: isTerminal(change.stateType) ? change.occurred : null,
        start_time: isFirstStart && node.state_type === 'PENDING' ? change.occurred : node.start_time,
      }];
    }),
  };
}
