/** Events that come with their own name and resource (the thin ones of task runs are in `task-run-batch.ts`). */

import { RESOURCE_ID, RESOURCE_ROLE, type OutboxEvent, type StoredEvent } from '../../../core/event.ts';
import { uuidBytes } from '../../id-value.ts';
import { pageRows, SCAN_ROWS_MAX } from '../../page.ts';
import { readEventRow, type EventRow } from '../../rows/event.ts';
import type { Connection } from './connection.ts';

const INSERT_EVENT =
  'INSERT INTO event (id, name, resource_id, occurred, payload, received, follows) VALUES (?, ?, ?, ?, ?, ?, ?) ' +
  // The index of ids leaves the thin rows out.
  'ON CONFLICT (id) WHERE task_run_id IS NULL DO NOTHING';

/** Inside a transaction. */
export function insertEvents(connection: Connection, events: readonly OutboxEvent[]): void {
  for (const event of events) insertEvent(connection, event);
}

/** Inside a transaction; answers whether its id is new. */
export function insertEvent(connection: Connection, event: OutboxEvent): boolean {
  const { labels, related = [], follows = null } = event;
  const { changes, lastInsertRowid } = connection.statement(INSERT_EVENT).run(
    uuidBytes(event.id), event.name, event.resourceId, event.occurred, labels === undefined ? event.payload : null,
    event.received ?? null, follows === null ? null : uuidBytes(follows),
  );
  if (changes === 0) return false;
  if (labels !== undefined) {
    connection.statement('INSERT INTO event_body (seq, labels, related, payload) VALUES (?, ?, ?, ?)').run(
      lastInsertRowid, JSON.stringify({ [RESOURCE_ID]: event.resourceId, ...labels }), JSON.stringify(related), event.payload ?? '{}',
    );
  }
  const rows = [event.resourceId, lastInsertRowid, '', ...related.flatMap((resource) => [resource[RESOURCE_ID] ?? '', lastInsertRowid, resource[RESOURCE_ROLE] ?? ''])];
  connection.statement(insertResources(rows.length / 3)).run(...rows);
  return true;
}

/** Some dozens of statements at most: an event has up to 100 related resources, and most have few. A resource may be named twice in one role. */
function insertResources(count: number): string {
  return `INSERT OR IGNORE INTO event_resource (resource_id, seq, role) VALUES ${Array<string>(count).fill('(?, ?, ?)').join(', ')}`;
}

export const EVENT_COLUMNS =
  'event.seq, event.id, event.task_run_id, event.name, event.resource_id, event.occurred, event.received, event.follows, ' +
  'COALESCE(event_body.payload, event.payload) AS payload, event_body.labels, event_body.related';
const SELECT_EVENT = `SELECT ${EVENT_COLUMNS} FROM event LEFT JOIN event_body ON event_body.seq = event.seq`;

export function readEvents(connection: Connection, page: { readonly afterSeq: number; readonly limit: number }): readonly StoredEvent[] {
  return eventRowsAfter(connection, page).map(readEventRow);
}

export function eventRowsAfter(connection: Connection, page: { readonly afterSeq: number; readonly limit: number }): readonly EventRow[] {
  const rows = pageRows(page.limit, SCAN_ROWS_MAX);
  return connection.read(() =>
    connection.statement(`${SELECT_EVENT} WHERE event.seq > ? ORDER BY event.seq LIMIT ?`).all(page.afterSeq, rows) as unknown as EventRow[]);
}

export function newestEventSeq(connection: Connection): number {
  return connection.read(() => Number(connection.statement('SELECT COALESCE(max(seq), 0) AS seq FROM event').get()?.['seq']));
}

export function newestLogSeq(connection: Connection): number {
  return connection.read(() => Number(connection.statement('SELECT COALESCE(max(seq), 0) AS seq FROM log').get()?.['seq']));
}
