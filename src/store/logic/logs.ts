/**
 * Log rows.
 *
 * Their numbers grow and are never reused, even if a row is deleted: a live listener goes on after the last number that
 * it received.
 */

import type { LogRecord } from '../../core/log.ts';
import type { Database, Statements, Value, Work } from '../driver.ts';
import { idOrNull, uuidBytes } from '../id-value.ts';
import type { EventStorage } from '../port/events.ts';
import { hasRowAt } from './events.ts';
import { insertRows } from './row-batches.ts';

export function logsOn(database: Database): Pick<EventStorage, 'writeLogs' | 'newestLogSeq' | 'hasLogAt'> {
  return {
    writeLogs: (logs) => database.write((db) => insertLogs(db, logs)),
    hasLogAt: (position) => database.read((db) => hasRowAt(db, 'log', position)),
    newestLogSeq: () =>
      database.read(function* (db) {
        const row = yield* db.get<{ readonly seq: number }>('SELECT COALESCE(max(seq), 0) AS seq FROM log');
        return Number(row?.seq);
      }),
  };
}

/** Key in `configuration`: the largest number that a deleted row may have had. */
const RETIRED = 'logs.retired-number';

/** Call inside a transaction, before rows are deleted. */
export function* retireLogNumbers(db: Statements): Work<void> {
  if (db.dialect.countsUp) return;
  yield* db.run(
    'INSERT INTO configuration (key, value, updated_at) SELECT ?, max(seq), 0 FROM log HAVING max(seq) IS NOT NULL ' +
      'ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)',
    RETIRED,
  );
}

/** Call inside a transaction; records that exist already are skipped. */
export function* insertLogs(db: Statements, logs: readonly LogRecord[]): Work<void> {
  if (logs.length === 0) return;
  yield* db.takeNumbers();
  if (db.dialect.countsUp) {
    yield* insertRows(db, insertCounted, logs.map(valuesOf));
    return;
  }
  let seq = yield* lastNumber(db);
  for (const log of logs) yield* db.run(INSERT_NUMBERED, (seq += 1), ...valuesOf(log));
}

const COLUMNS = 'id, flow_run_id, task_run_id, name, level, message, timestamp';
const insertCounted = (rows: string): string => `INSERT INTO log (${COLUMNS}) VALUES ${rows} ON CONFLICT DO NOTHING`;
const INSERT_NUMBERED = `INSERT INTO log (seq, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

function valuesOf({ id, flowRunId, taskRunId, name, level, message, timestamp }: LogRecord): readonly Value[] {
  return [uuidBytes(id), idOrNull(flowRunId), idOrNull(taskRunId), name, level, message, timestamp];
}

function* lastNumber(db: Statements): Work<number> {
  const row = yield* db.get<{ readonly seq: number }>(
    'SELECT max(COALESCE((SELECT max(seq) FROM log), 0), COALESCE((SELECT CAST(value AS INTEGER) FROM configuration WHERE key = ?), 0)) AS seq',
    RETIRED,
  );
  return Number(row?.seq);
}
