/** Keeps lists of runs true by push: a row changes with the event, the lists follow within a second. */
import { useQueryClient } from '@tanstack/react-query';

import { readStateChange, useEvents, type StateChange } from '../../api/events.ts';
import type { RunsPage } from '../../api/flow-runs.ts';
import { useBatches } from '../../components/batches.ts';
import { useThrottled } from '../../components/throttle.ts';
import { changed } from './changed-run.ts';

const REFRESH_MS = 1000;
const ROWS_MS = 100;
/** Names and deletions are told in events of our own server. */
const FLOW_RUN_EVENTS = { event: { prefix: ['prefect.flow-run.', 'ostinato.flow-run.'] } };

/** @param asOf the server's time of what is shown */
export function useLiveRuns(asOf: string | undefined): void {
  const client = useQueryClient();
  const refresh = useThrottled(() => {
    void client.invalidateQueries({ queryKey: ['flow-runs', 'page'] });
    void client.invalidateQueries({ queryKey: ['flows', 'page'] });
    // Names to choose from seldom change: they are read again when somebody comes back to them.
    void client.invalidateQueries({ queryKey: ['flows', 'list'], refetchType: 'none' });
  }, REFRESH_MS);
  const note = useBatches<StateChange>((changes) => {
    client.setQueriesData<RunsPage>(
      { queryKey: ['flow-runs', 'page'] },
      (page) => page && { ...page, runs: page.runs.map((run) => changes.reduce(changed, run)) },
    );
  }, ROWS_MS);
  useEvents(
    asOf,
    FLOW_RUN_EVENTS,
    (event) => {
      const change = readStateChange(event);
      // Heartbeats and the like change no row.
      if (change === null && !/\.(updated|deleted)$/.test(event.event)) return;
      if (change !== null) note(change);
      refresh();
    },
    refresh,
  );
}
