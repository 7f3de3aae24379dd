import type * as wire from '../schema/log.ts';
import type { LogRecord } from '../../core/log.ts';
import { formatInstant } from '../../core/time.ts';

export function encodeLog(log: LogRecord & { readonly seq: number }): wire.Log {
  const timestamp = formatInstant(log.timestamp);
  const { id, seq, name, level, message, flowRunId, taskRunId } = log;
  return {
    id,
    seq,
    created: timestamp,
    updated: timestamp,
    name,
    level,
    message,
    timestamp,
    flow_run_id: flowRunId,
    task_run_id: taskRunId,
  };
}
