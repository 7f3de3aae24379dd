/** Processes and their heartbeats. */

import type { FlowRunId, ProcessId } from '../../../core/ids.ts';
import type { ProcessRecord } from '../../../core/process-record.ts';
import type { Instant } from '../../../core/time.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../../id-value.ts';
import { readProcessRow, type ProcessRow } from '../../rows/process.ts';
import type { Connection } from './connection.ts';

export function writeProcess(connection: Connection, process: ProcessRecord): void {
  connection.write(() => {
    connection
      .statement(
        'INSERT OR REPLACE INTO process (id, pid, host, start_mark, command, started_at, heartbeat_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        uuidBytes(process.id), process.pid, process.host, process.startMark, process.command, process.startedAt, process.heartbeatAt,
      );
  });
}

export function findProcess(connection: Connection, id: Uint8Array): ProcessRecord | null {
  const row = connection.statement('SELECT * FROM process WHERE id = ?').get(id);
  return row ? readProcessRow(row as unknown as ProcessRow) : null;
}

export function beat(connection: Connection, id: ProcessId, now: Instant): { readonly isRegistered: boolean; readonly cancelling: readonly FlowRunId[] } {
  const bytes = uuidBytes(id);
  return connection.write(() => {
    const { changes } = connection.statement('UPDATE process SET heartbeat_at = ? WHERE id = ?').run(now, bytes);
    const rows = connection
      .statement(`SELECT id FROM flow_run WHERE lease_process_id = ? AND state_type = 'CANCELLING' ORDER BY id`)
      .all(bytes);
    return { isRegistered: Number(changes) > 0, cancelling: rows.map((row) => readId<FlowRunId>(row['id'] as IdValue)) };
  });
}

/** With its claims on cache keys, which nobody will settle any more. */
export function deleteProcess(connection: Connection, id: ProcessId): void {
  const bytes = lookupBytes(id);
  if (bytes === null) return;
  connection.write(() => {
    connection.statement('DELETE FROM cache_claim WHERE process_id = ?').run(bytes);
    connection.statement('DELETE FROM process WHERE id = ?').run(bytes);
  });
}

/** Oldest first. */
export function listProcesses(connection: Connection): readonly ProcessRecord[] {
  return connection.read(() =>
    connection.statement('SELECT * FROM process ORDER BY id').all().map((row) => readProcessRow(row as unknown as ProcessRow)),
  );
}
