/** Keeps a page true by push: what happens has it asked for again, at most once a second. */
import { useQueryClient } from '@tanstack/react-query';

import { readStateChange, useEvents } from '../../api/events.ts';
import { useThrottled } from '../../components/throttle.ts';

const REFRESH_MS = 1000;
const RUNS = ['prefect.flow-run.', 'ostinato.flow-run.'];

/**
 * @param key the beginning of the keys of what is asked for again
 * @param asOf the server's time of what is shown
 * @param prefixes of further events that change it
 */
export function useLivePages(key: string, asOf: string | undefined, prefixes: readonly string[]): void {
  const client = useQueryClient();
  const refresh = useThrottled(() => void client.invalidateQueries({ queryKey: [key] }), REFRESH_MS);
  useEvents(
    asOf,
    { event: { prefix: [...RUNS, ...prefixes] } },
    (event) => {
      const isOfRun = RUNS.some((prefix) => event.event.startsWith(prefix));
      // Heartbeats of runs and the like change nothing that is shown.
      if (!isOfRun || readStateChange(event) !== null || /\.(updated|deleted)$/.test(event.event)) refresh();
    },
    refresh,
  );
}
