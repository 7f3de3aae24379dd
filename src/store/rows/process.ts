import type { ProcessId } from '../../core/ids.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type { Instant } from '../../core/time.ts';
import { readId, type IdValue } from '../id-value.ts';

export interface ProcessRow {
  readonly id: IdValue;
  readonly pid: number;
  readonly host: string;
  readonly start_mark: string | null;
  readonly command: string;
  readonly started_at: number;
  readonly heartbeat_at: number;
}

export function readProcessRow(row: ProcessRow): ProcessRecord {
  return {
    id: readId<ProcessId>(row.id),
    pid: row.pid,
    host: row.host,
    startMark: row.start_mark,
    command: row.command,
    startedAt: row.started_at as Instant,
    heartbeatAt: row.heartbeat_at as Instant,
  };
}
