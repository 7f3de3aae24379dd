/** Log rows. */

import type { LogRecord } from '../../../core/log.ts';
import { uuidBytes } from '../../id-value.ts';
import type { Connection } from './connection.ts';

/** Inside a transaction; records that are there already are left out. */
export function insertLogs(connection: Connection, logs: readonly LogRecord[]): void {
  if (logs.length === 0) return;
  const insert = connection.statement(
    'INSERT OR IGNORE INTO log (id, flow_run_id, task_run_id, name, level, message, timestamp) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const log of logs) {
    insert.run(
      uuidBytes(log.id), log.flowRunId === null ? null : uuidBytes(log.flowRunId), log.taskRunId === null ? null : uuidBytes(log.taskRunId),
      log.name, log.level, log.message, log.timestamp,
    );
  }
}

export function writeLogs(connection: Connection, logs: readonly LogRecord[]): void {
  connection.write(() => insertLogs(connection, logs));
}
