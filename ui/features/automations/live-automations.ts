/** Keeps pages of automations true by push: what they do is told by events of their own. */
import { useQueryClient } from '@tanstack/react-query';

import { useEvents } from '../../api/events.ts';
import { useThrottled } from '../../components/throttle.ts';

const REFRESH_MS = 1000;
const OF_AUTOMATIONS = { event: { prefix: ['prefect.automation.', 'ostinato.automation.'] } };

/** @param asOf the server's time of what is shown */
export function useLiveAutomations(asOf: string | undefined): void {
  const client = useQueryClient();
  const refresh = useThrottled(() => void client.invalidateQueries({ queryKey: ['automations'] }), REFRESH_MS);
  useEvents(asOf, OF_AUTOMATIONS, refresh, refresh);
}
