/** Keeps the page of one run true by push: its own state and the states inside it at once, the rest shortly after. */
import { useQueryClient } from '@tanstack/react-query';

import { readStateChange, useEvents, type LiveEvent } from '../../api/events.ts';
import type { Graph } from '../../api/flow-run-graph.ts';
import type { FlowRun } from '../../api/flow-runs.ts';
import { isTerminal } from '../../api/states.ts';
import { useThrottled } from '../../components/throttle.ts';
import { changed } from './live-runs.ts';

const REFRESH_MS = 800;
/** A task's row may be written shortly after its event. */
const SETTLE_MS = 2500;

export function useLiveRun(id: string): void {
  const client = useQueryClient();
  const refreshRun = useThrottled(() => {
    for (const queryKey of [['flow-runs', 'one', id], ['states', 'flow-run', id], ['why', 'flow-run', id], ['artifacts', { flowRunId: id }]]) {
      void client.invalidateQueries({ queryKey });
    }
  }, REFRESH_MS);
  const refreshInside = useThrottled(() => {
    void client.invalidateQueries({ queryKey: ['graph', id] });
    for (const list of ['list', 'count']) void client.invalidateQueries({ queryKey: ['task-runs', list, id] });
  }, REFRESH_MS);
  const refreshAll = (): void => {
    refreshRun();
    refreshInside();
  };
  const hear = (event: LiveEvent): void => {
    const change = readStateChange(event);
    if (change?.runId === id) {
      client.setQueryData<FlowRun>(['flow-runs', 'one', id], (run) => run && changed(run, change));
      if (isTerminal(change.stateType)) setTimeout(refreshAll, SETTLE_MS);
      return refreshAll();
    }
    if (change === null) {
      if (!event.event.endsWith('.heartbeat')) refreshRun();
      return;
    }
    client.setQueryData<Graph>(['graph', id], (graph) => graph && {
      ...graph,
      nodes: graph.nodes.map(([nodeId, node]) => {
        if (nodeId !== change.runId || isTerminal(node.state_type)) return [nodeId, node] as const;
        return [nodeId, { ...node, state_type: change.stateType, end_time: isTerminal(change.stateType) ? change.occurred : null }] as const;
      }),
    });
    refreshInside();
  };
  useEvents({ any_resource: { id: [`prefect.flow-run.${id}`] } }, hear, refreshAll);
}
