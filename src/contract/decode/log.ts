import type { FlowRunId, IdSource, LogId, TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import { parseInstant, type Instant } from '../../core/time.ts';
import type { LogIn } from '../body/log.ts';

/** Characters of value 0, which Prefect's databases cannot keep, are left out. */
export function decodeLog(log: LogIn, ids: IdSource): LogRecord {
  return {
    id: ids.next<LogId>(),
    name: log.name,
    level: log.level,
    message: log.message.replaceAll('\0', ''),
    timestamp: parseInstant(log.timestamp) as Instant,
    flowRunId: (log.flow_run_id?.toLowerCase() ?? null) as FlowRunId | null,
    taskRunId: (log.task_run_id?.toLowerCase() ?? null) as TaskRunId | null,
  };
}
