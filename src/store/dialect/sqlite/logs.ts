/**
 * Log rows.
 *
 * Their numbers grow, and one that was given is not given again, although its row be deleted: who listens live goes on
 * from the last number that it heard.
 */

import type { LogRecord } from '../../../core/log.ts';
import { uuidBytes } from '../../id-value.ts';
import type { Connection } from './connection.ts';

/** In `configuration`: the largest number that a deleted row may have had. */
const RETIRED = 'logs.retired-number';

/** Inside a transaction, before rows are deleted. */
export function retireLogNumbers(connection: Connection): void {
  connection
    .statement(
      "INSERT INTO configuration (key, value, updated_at) SELECT ?, max(seq), 0 FROM log HAVING max(seq) IS NOT NULL " +
        'ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)',
    )
    .run(RETIRED);
}

/** Inside a transaction; records that are there already are left out. */
export function insertLogs(connection: Connection, logs: readonly LogRecord[]): void {
  if (logs.length === 0) return;
  const insert = connection.statement(
    'INSERT OR IGNORE INTO log (seq, id, flow_run_id, task_run_id, name, level, message, timestamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  let seq = lastNumber(connection);
  for (const log of logs) {
    insert.run(
      (seq += 1), uuidBytes(log.id), log.flowRunId === null ? null : uuidBytes(log.flowRunId), log.taskRunId === null ? null : uuidBytes(log.taskRunId),
      log.name, log.level, log.message, log.timestamp,
    );
  }
}

function lastNumber(connection: Connection): number {
  const row = connection
    .statement('SELECT max(COALESCE((SELECT max(seq) FROM log), 0), COALESCE((SELECT CAST(value AS INTEGER) FROM configuration WHERE key = ?), 0)) AS seq')
    .get(RETIRED);
  return Number(row?.['seq']);
}

export function writeLogs(connection: Connection, logs: readonly LogRecord[]): void {
  connection.write(() => insertLogs(connection, logs));
}
