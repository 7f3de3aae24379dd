/** Events and logs as clients send them and as lists show them. */

import type { LogRecord } from '../core/log.ts';
import type { Query } from '../core/query.ts';
import type { EventReport } from '../store/port/events.ts';
import type { OrchestratorPorts } from './ports.ts';

export function streamUseCases({ storage }: OrchestratorPorts) {
  return {
    /** See `EventStorage.recordEvents`: on the disk when it answers, the task runs with them. */
    recordEvents: (reports: readonly EventReport[]) => storage.recordEvents(reports),
    writeLogs: (logs: readonly LogRecord[]) => storage.writeLogs(logs),
    findLogs: (query: Query) => storage.find('log', query),
  };
}
