/** Event queries, whose compiler is loaded with the first one: running flows needs none. */

import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { EventQueries } from '../port/events.ts';

export function lazyEventQueries(load: () => Promise<EventQueries>): EventQueries {
  let loaded: EventQueries | null = null;
  const queries = (): MaybePromise<EventQueries> => loaded ?? load().then((fresh) => (loaded ??= fresh));
  return {
    findEvents: (query) => chain(queries(), (found) => found.findEvents(query)),
    countEvents: (filter) => chain(queries(), (found) => found.countEvents(filter)),
    countEventsBy: (filter, key) => chain(queries(), (found) => found.countEventsBy(filter, key)),
  };
}
