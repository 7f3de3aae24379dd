/** Counts what has come since the list was asked for: it stays as it is until somebody wants to see the rest. */
import { useQuery } from '@tanstack/react-query';

import { newEventsQuery, type EventsAsked } from '../../api/event-feed.ts';
import { useEvents } from '../../api/events.ts';
import { useThrottled } from '../../components/throttle.ts';

const COUNT_MS = 1000;

/**
 * @param asOf of the list that is shown; `undefined`: there is none, or it ends before now
 * @returns how many, by the same conditions
 */
export function useNewEvents(asked: EventsAsked, asOf: string | undefined): number {
  const { data = 0, refetch } = useQuery(newEventsQuery(asked, asOf));
  const count = useThrottled(() => void refetch(), COUNT_MS);
  const { name } = asked;
  // The server says which of them are meant; a beginning of their names spares it most of the others.
  const prefix = name?.split('*', 1)[0] ?? '';
  const filter = prefix === '' ? {} : { event: { prefix: [prefix] } };
  useEvents(asOf, asOf === undefined ? null : filter, count, count);
  return asOf === undefined ? 0 : data;
}
