/** Processes and their heartbeats. */

import type { FlowRunId } from '../../core/ids.ts';
import type { ProcessRecord } from '../../core/process-record.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { ProcessStorage } from '../port.ts';
import { readProcessRow, type ProcessRow } from '../rows/process.ts';

export function processesOn(database: Database): Omit<ProcessStorage, 'holdsTaskRuns' | 'changeHeldTaskRuns'> {
  return {
    writeProcess: (process) => database.write((db) => writeProcess(db, process)),
    beat(id, now) {
      const bytes = uuidBytes(id);
      return database.write(function* (db) {
        const count = yield* db.run('UPDATE process SET heartbeat_at = ? WHERE id = ?', now, bytes);
        const rows = yield* db.all<{ readonly id: IdValue }>(
          `SELECT id FROM flow_run WHERE lease_process_id = ? AND state_type = 'CANCELLING' ORDER BY id`,
          bytes,
        );
        return { isRegistered: count > 0, cancelling: rows.map((row) => readId<FlowRunId>(row.id)) };
      });
    },
    // Deletes its claims on cache keys, too, which nobody will settle.
    deleteProcess(id) {
      const bytes = lookupBytes(id);
      if (bytes === null) return;
      return database.write(function* (db) {
        yield* db.run('DELETE FROM cache_claim WHERE process_id = ?', bytes);
        yield* db.run('DELETE FROM process WHERE id = ?', bytes);
      });
    },
    // Oldest first.
    listProcesses: () =>
      database.read(function* (db) {
        return (yield* db.all<ProcessRow>('SELECT * FROM process ORDER BY id')).map(readProcessRow);
      }),
  };
}

/** Inside a transaction. */
export function* writeProcess(db: Statements, process: ProcessRecord): Work<void> {
  yield* db.run(
    `INSERT INTO process (id, pid, host, start_mark, command, started_at, heartbeat_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET pid = excluded.pid, host = excluded.host, start_mark = excluded.start_mark, command = excluded.command,
    started_at = excluded.started_at, heartbeat_at = excluded.heartbeat_at`,
    uuidBytes(process.id),
    process.pid,
    process.host,
    process.startMark,
    process.command,
    process.startedAt,
    process.heartbeatAt,
  );
}

export function* findProcess(db: Statements, id: IdValue): Work<ProcessRecord | null> {
  const row = yield* db.get<ProcessRow>('SELECT * FROM process WHERE id = ?', id);
  return row ? readProcessRow(row) : null;
}
