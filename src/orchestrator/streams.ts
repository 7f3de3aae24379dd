/** Events and logs as clients send them and as lists show them. */

import type { EventFilter } from '../core/event-filter.ts';
import type { LogRecord } from '../core/log.ts';
import type { EventCountKey, EventQuery, EventReport } from '../store/port/events.ts';
import type { OrchestratorPorts } from './ports.ts';

export function streamUseCases({ storage }: OrchestratorPorts) {
  return {
    /** See `EventStorage.recordEvents`: on the disk when it answers, the task runs with them. */
    recordEvents: (reports: readonly EventReport[]) => storage.recordEvents(reports),
    findEvents: (query: EventQuery) => storage.findEvents(query),
    countEvents: (filter: EventFilter) => storage.countEvents(filter),
    countEventsBy: (filter: EventFilter, key: EventCountKey) => storage.countEventsBy(filter, key),
    writeLogs: (logs: readonly LogRecord[]) => storage.writeLogs(logs),
  };
}
