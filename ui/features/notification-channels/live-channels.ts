/** Keeps the page of channels true by push: blocks are changed, automations have notified. */
import { useQueryClient } from '@tanstack/react-query';

import { useEvents } from '../../api/events.ts';
import { useThrottled } from '../../components/throttle.ts';

const REFRESH_MS = 1000;
const OF_CHANNELS = { event: { prefix: ['prefect.automation.action.', 'prefect.block-document.'] } };

/** @param asOf the server's time of what is shown */
export function useLiveChannels(asOf: string | undefined): void {
  const client = useQueryClient();
  const refresh = useThrottled(
    () => void client.invalidateQueries({ queryKey: ['notification-channels', 'page'] }),
    REFRESH_MS,
  );
  useEvents(asOf, OF_CHANNELS, refresh, refresh);
}
