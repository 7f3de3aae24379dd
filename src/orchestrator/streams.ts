/** Events as lists show them, and logs as clients send them. */

import type { EventFilter } from '../core/event-filter.ts';
import type { LogRecord } from '../core/log.ts';
import type { EventCountKey, EventQuery } from '../store/port/events.ts';
import type { OrchestratorPorts } from './ports.ts';

export function streamUseCases({ storage }: OrchestratorPorts) {
  return {
    findEvents: (query: EventQuery) => storage.findEvents(query),
    countEvents: (filter: EventFilter) => storage.countEvents(filter),
    countEventsBy: (filter: EventFilter, key: EventCountKey) => storage.countEventsBy(filter, key),
    writeLogs: (logs: readonly LogRecord[]) => storage.writeLogs(logs),
  };
}
