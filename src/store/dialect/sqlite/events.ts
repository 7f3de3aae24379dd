/** Outbox events that come with their own name and resource (the thin ones of task runs are in `task-run-batch.ts`). */

import type { OutboxEvent, StoredEvent } from '../../../core/event.ts';
import { uuidBytes } from '../../id-value.ts';
import { pageRows, SCAN_ROWS_MAX } from '../../page.ts';
import { readEventRow, type EventRow } from '../../rows/event.ts';
import type { Connection } from './connection.ts';

/** Inside a transaction. */
export function insertEvents(connection: Connection, events: readonly OutboxEvent[]): void {
  const insert = connection.statement('INSERT INTO event (id, name, resource_id, occurred, payload) VALUES (?, ?, ?, ?, ?)');
  for (const event of events) insert.run(uuidBytes(event.id), event.name, event.resourceId, event.occurred, event.payload);
}

export function readEvents(connection: Connection, page: { readonly afterSeq: number; readonly limit: number }): readonly StoredEvent[] {
  const rows = pageRows(page.limit, SCAN_ROWS_MAX);
  return connection.read(() =>
    connection
      .statement('SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?')
      .all(page.afterSeq, rows)
      .map((row) => readEventRow(row as unknown as EventRow)),
  );
}
