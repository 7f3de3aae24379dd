/** Events that come with their own name and resource (the thin ones of task runs are in `task-run-batch.ts`). */

import { RESOURCE_ID, RESOURCE_ROLE, type OutboxEvent, type StoredEvent } from '../../../core/event.ts';
import { uuidBytes } from '../../id-value.ts';
import { pageRows, SCAN_ROWS_MAX } from '../../page.ts';
import { readEventRow, type EventRow } from '../../rows/event.ts';
import type { Connection } from './connection.ts';
import { boundRow, KeptIds, RowInserter, Rows, type Value } from './row-inserter.ts';

/** Inside a transaction. Few events: a batch goes through an `EventInserter`. */
export function insertEvents(connection: Connection, events: readonly OutboxEvent[]): void {
  for (const event of events) insertEvent(connection, event);
}

const COLUMNS = ['seq', 'id', 'name', 'resource_id', 'occurred', 'payload', 'received', 'follows'] as const;
const BODY_COLUMNS = ['seq', 'labels', 'related', 'payload'] as const;
const RESOURCE_COLUMNS = ['resource_id', 'seq', 'role'] as const;

const insertInto = (rows: string): string =>
  // The index of ids leaves the thin rows out.
  `INSERT INTO event (${COLUMNS.join(', ')}) VALUES ${rows} ON CONFLICT (id) WHERE task_run_id IS NULL DO NOTHING`;
const insertBodies = (rows: string): string => `INSERT INTO event_body (${BODY_COLUMNS.join(', ')}) VALUES ${rows}`;
/** A resource may be named twice in one role. */
const insertResources = (rows: string): string => `INSERT OR IGNORE INTO event_resource (${RESOURCE_COLUMNS.join(', ')}) VALUES ${rows}`;

const [ROW, BODY_ROW, RESOURCE_ROW] = [boundRow(COLUMNS.length), boundRow(BODY_COLUMNS.length), boundRow(RESOURCE_COLUMNS.length)];
const [INSERT_EVENT, INSERT_BODY, INSERT_RESOURCE] = [insertInto(ROW), insertBodies(BODY_ROW), insertResources(RESOURCE_ROW)];

/** Inside a transaction; answers whether its id is new. */
function insertEvent(connection: Connection, event: OutboxEvent): boolean {
  const { changes, lastInsertRowid } = connection.statement(INSERT_EVENT).run(...eventRow(event, null, uuidBytes(event.id)));
  if (changes === 0) return false;
  if (event.labels !== undefined) connection.statement(INSERT_BODY).run(...bodyRow(event, lastInsertRowid));
  const resources = resourceRows(event, lastInsertRowid);
  for (let index = 0; index < resources.length; index += RESOURCE_COLUMNS.length) {
    connection.statement(INSERT_RESOURCE).run(...resources.slice(index, index + RESOURCE_COLUMNS.length));
  }
  return true;
}

function eventRow(event: OutboxEvent, seq: number | null, id: Uint8Array): Value[] {
  const { labels, follows = null } = event;
  return [
    seq, id, event.name, event.resourceId, event.occurred, labels === undefined ? event.payload : null,
    event.received ?? null, follows === null ? null : uuidBytes(follows),
  ];
}

function bodyRow({ resourceId, labels, related = [], payload }: OutboxEvent, seq: number | bigint): Value[] {
  return [seq, JSON.stringify({ [RESOURCE_ID]: resourceId, ...labels }), JSON.stringify(related), payload ?? '{}'];
}

function resourceRows({ resourceId, related = [] }: OutboxEvent, seq: number | bigint): Value[] {
  const rows: Value[] = [resourceId, seq, ''];
  for (const resource of related) rows.push(resource[RESOURCE_ID] ?? '', seq, resource[RESOURCE_ROLE] ?? '');
  return rows;
}

/** Rows to a statement, largest first; the last one must be 1. */
const EVENT_ROWS = [32, 8, 1];
const RESOURCE_ROWS = [96, 24, 3, 1];

/** Inserts batches of events. */
export class EventInserter {
  readonly #connection: Connection;
  readonly #events: RowInserter;
  readonly #bodies: RowInserter;
  readonly #resources: RowInserter;
  readonly #rows = { events: new Rows(ROW), bodies: new Rows(BODY_ROW), resources: new Rows(RESOURCE_ROW) };
  readonly #ids = new KeptIds();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#events = new RowInserter(connection, ROW, insertInto, EVENT_ROWS);
    this.#bodies = new RowInserter(connection, BODY_ROW, insertBodies, EVENT_ROWS);
    this.#resources = new RowInserter(connection, RESOURCE_ROW, insertResources, RESOURCE_ROWS);
  }

  /** Inside a transaction; answers for each whether its id is new. */
  insert(events: readonly OutboxEvent[]): readonly boolean[] {
    const first = newestSeq(this.#connection) + 1;
    const { events: rows, bodies, resources } = this.#rows;
    for (const kept of [rows, bodies, resources, this.#ids]) kept.clear();
    events.forEach((event, index) => putAll(rows, eventRow(event, first + index, this.#ids.bytes(event.id))));
    if (this.#events.run(rows) !== events.length) return this.#insertMissing(events, first);
    events.forEach((event, index) => {
      if (event.labels !== undefined) putAll(bodies, bodyRow(event, first + index));
      putAll(resources, resourceRows(event, first + index));
    });
    this.#bodies.run(bodies);
    this.#resources.run(resources);
    return events.map(() => true);
  }

  /** Some came before, which is rare (a client that sends again what was not confirmed): one after the other, to know which. */
  #insertMissing(events: readonly OutboxEvent[], first: number): readonly boolean[] {
    this.#connection.statement('DELETE FROM event WHERE seq >= ?').run(first);
    return events.map((event) => insertEvent(this.#connection, event));
  }
}

function putAll(rows: Rows, values: readonly Value[]): void {
  for (const value of values) rows.put(value);
}

function newestSeq(connection: Connection): number {
  return Number(connection.statement('SELECT COALESCE(max(seq), 0) AS seq FROM event').get()?.['seq']);
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
  return connection.read(() => newestSeq(connection));
}

export function newestLogSeq(connection: Connection): number {
  return connection.read(() => Number(connection.statement('SELECT COALESCE(max(seq), 0) AS seq FROM log').get()?.['seq']));
}
