/** Keeps the page of one run true by push: its own state and the states inside it at once, the rest shortly after. */
import { useQueryClient } from '@tanstack/react-query';

import { readStateChange, useEvents, type LiveEvent, type StateChange } from '../../api/events.ts';
import type { RunHead } from '../../api/flow-runs.ts';
import { movedInside, type Inside } from '../../api/inside.ts';
import { isTerminal } from '../../api/states.ts';
import { useBatches } from '../../components/batches.ts';
import { useThrottled } from '../../components/throttle.ts';
import { changed } from './changed-run.ts';

const REFRESH_MS = 800;
const NODES_MS = 120;
const WHY_MS = 1500;
/** A task's row may be written shortly after its event. */
const SETTLE_MS = 2500;

/**
 * @param asOf the server's time of what is shown
 * @param paceMs the more there is inside, the more rarely it is asked for
 */
export function useLiveRun(id: string, asOf: string | undefined, paceMs: number): void {
  const client = useQueryClient();
  const refreshRun = useThrottled(() => {
    // With the run comes why it is so.
    for (const queryKey of [
      ['flow-runs', 'one', id],
      ['states', 'flow-run', id],
      ['artifacts', { flowRunId: id }],
    ]) {
      void client.invalidateQueries({ queryKey });
    }
  }, REFRESH_MS);
  const refreshInside = useThrottled(
    () => {
      for (const queryKey of [
        ['inside', id],
        ['flow-runs', 'subflows', id],
      ])
        void client.invalidateQueries({ queryKey });
      for (const list of ['list', 'count']) void client.invalidateQueries({ queryKey: ['task-runs', list, id] });
    },
    Math.max(REFRESH_MS, Math.ceil(paceMs / 1000) * 1000),
  );
  // What is under way inside is part of why a run is as it is.
  const refreshWhy = useThrottled(() => void client.invalidateQueries({ queryKey: ['why', 'flow-run', id] }), WHY_MS);
  const refreshAll = (): void => {
    refreshRun();
    refreshInside();
  };
  const note = useBatches<StateChange>((changes) => {
    client.setQueryData<Inside>(['inside', id], (inside) => inside && movedInside(inside, changes));
  }, NODES_MS);
  const hear = (event: LiveEvent): void => {
    const change = readStateChange(event);
    if (change === null) {
      if (!event.event.endsWith('.heartbeat')) refreshRun();
      // A new name, or a run less.
      if (event.event.startsWith('ostinato.')) refreshInside();
    } else if (change.runId === id) {
      client.setQueryData<RunHead>(
        ['flow-runs', 'one', id],
        (head) => head && { ...head, run: changed(head.run, change) },
      );
      if (isTerminal(change.stateType)) setTimeout(refreshAll, SETTLE_MS);
      refreshAll();
    } else {
      note(change);
      refreshInside();
      // Shown beside it, a run that was over may be taken back.
      if (isTerminal(change.stateType)) void client.invalidateQueries({ queryKey: ['task-runs', 'one', change.runId] });
      refreshWhy();
    }
  };
  useEvents(asOf, { any_resource: { id: [`prefect.flow-run.${id}`] } }, hear, refreshAll);
}
