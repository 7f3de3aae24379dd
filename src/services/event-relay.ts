/** Relays commits, by this server or by another process on the database, to live subscribers. */

import type { LogRecord } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { EventStorage, SequencedEvent } from '../store/port/events.ts';
import type { QueryStorage } from '../store/port/query.ts';
import { LiveFeed } from './live-feed.ts';

type FeedClock = Pick<Clock, 'now' | 'yieldToEventLoop'>;

export function eventFeed(
  storage: Pick<EventStorage, 'newestEventSeq' | 'readFullEvents' | 'hasEventAt'>,
  clock: FeedClock,
): LiveFeed<SequencedEvent> {
  return new LiveFeed(
    {
      has: (position) => storage.hasEventAt(position),
      newest: () => storage.newestEventSeq(),
      read: (page) => storage.readFullEvents(page),
    },
    clock,
  );
}

export function logFeed(
  storage: Pick<EventStorage, 'newestLogSeq' | 'hasLogAt'> & Pick<QueryStorage, 'list'>,
  clock: FeedClock,
): LiveFeed<LogRecord & { readonly seq: number }> {
  return new LiveFeed(
    {
      has: (position) => storage.hasLogAt(position),
      newest: () => storage.newestLogSeq(),
      read: ({ afterSeq, limit }) => storage.list('log', { after: afterSeq, limit }),
    },
    clock,
  );
}
