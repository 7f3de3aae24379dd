import type { FlowRunId, LogId, TaskRunId } from '../../core/ids.ts';
import type { LogRecord } from '../../core/log.ts';
import type { Instant } from '../../core/time.ts';
import { readId, readIdOrNull, type IdValue } from '../id-value.ts';

export interface LogRow {
  readonly seq: number;
  readonly id: IdValue;
  readonly flow_run_id: IdValue | null;
  readonly task_run_id: IdValue | null;
  readonly name: string;
  readonly level: number;
  readonly message: string;
  readonly timestamp: number;
}

export function readLogRow(row: LogRow): LogRecord & { readonly seq: number } {
  return {
    seq: row.seq,
    id: readId<LogId>(row.id),
    name: row.name,
    level: row.level,
    message: row.message,
    timestamp: row.timestamp as Instant,
    flowRunId: readIdOrNull<FlowRunId>(row.flow_run_id),
    taskRunId: readIdOrNull<TaskRunId>(row.task_run_id),
  };
}
