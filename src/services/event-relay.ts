/** What is committed to the file, by this server or by another process on it, to live subscribers. */

import type { LogRecord } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { RunStorage } from '../store/port.ts';
import type { EventStorage, SequencedEvent } from '../store/port/events.ts';
import { LiveFeed } from './live-feed.ts';

type FeedClock = Pick<Clock, 'now' | 'yieldToEventLoop'>;

export function eventFeed(storage: Pick<EventStorage, 'newestEventSeq' | 'readWholeEvents'>, clock: FeedClock): LiveFeed<SequencedEvent> {
  return new LiveFeed({ newest: () => storage.newestEventSeq(), read: (page) => storage.readWholeEvents(page) }, clock);
}

export function logFeed(
  storage: Pick<EventStorage, 'newestLogSeq'> & Pick<RunStorage, 'readLogs'>, clock: FeedClock,
): LiveFeed<LogRecord & { readonly seq: number }> {
  return new LiveFeed({ newest: () => storage.newestLogSeq(), read: (page) => storage.readLogs({}, page) }, clock);
}
