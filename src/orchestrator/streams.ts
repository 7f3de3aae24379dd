/** Events and logs as clients send them and as lists show them. */

import { bucketsOf, type Buckets, type TimeUnit } from '../core/event-count.ts';
import type { EventFilter } from '../core/event-filter.ts';
import type { LogRecord } from '../core/log.ts';
import type { Query } from '../core/query.ts';
import type { EventCountKey, EventCountRow, EventQuery, EventReport } from '../store/port/events.ts';
import type { OrchestratorPorts } from './ports.ts';

export function streamUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    /** See `EventStorage.recordEvents`: on the disk when it answers, the task runs with them. */
    recordEvents: (reports: readonly EventReport[]) => storage.recordEvents(reports),
    findEvents: (query: EventQuery) => storage.findEvents(query),
    countEvents: (filter: EventFilter) => storage.countEvents(filter),
    countEventsBy: (filter: EventFilter, key: EventCountKey) => storage.countEventsBy(filter, key),
    countEventsByTime: (filter: EventFilter, unit: TimeUnit, interval: number) => countEventsByTime(ports, filter, unit, interval),
    writeLogs: (logs: readonly LogRecord[]) => storage.writeLogs(logs),
    findLogs: (query: Query) => storage.find('log', query),
  };
}

async function countEventsByTime(
  { storage, clock }: OrchestratorPorts, filter: EventFilter, unit: TimeUnit, interval: number,
): Promise<{ readonly buckets: Buckets; readonly rows: readonly EventCountRow[] }> {
  const buckets = bucketsOf(filter.since, filter.until, unit, interval, clock.now());
  return { buckets, rows: await storage.countEventsBy(filter, { by: 'time', ...buckets }) };
}
