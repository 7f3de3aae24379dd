/**
 * The outbox: events with their own name and resource, and the compact ones of task runs, which are composed from
 * states.
 */

import { RESOURCE_ID, RESOURCE_ROLE, type OutboxEvent } from '../../core/event.ts';
import type { FeedPosition } from '../../core/feed-position.ts';
import type { State } from '../../core/state.ts';
import type { Database, Statements, Value, Work } from '../driver.ts';
import { idOrNull, uuidBytes, type IdValue } from '../id-value.ts';
import { pageRows, SCAN_ROWS_MAX } from '../page.ts';
import type { RunStorage } from '../port.ts';
import type { EventStorage } from '../port/events.ts';
import { readEventRow, type EventRow } from '../rows/event.ts';

export function eventsOn(
  database: Database,
): Pick<RunStorage, 'readEvents'> & Pick<EventStorage, 'newestEventSeq' | 'hasEventAt'> {
  return {
    readEvents: (page) =>
      database.read(function* (db) {
        return (yield* eventRowsAfter(db, page)).map(readEventRow);
      }),
    newestEventSeq: () => database.read(newestSeq),
    hasEventAt: (position) => database.read((db) => hasRowAt(db, 'event', position)),
  };
}

const COLUMNS = ['id', 'name', 'resource_id', 'occurred', 'payload', 'received', 'follows'] as const;
const BODY_COLUMNS = ['seq', 'labels', 'related', 'payload'] as const;
const RESOURCE_COLUMNS = ['resource_id', 'seq', 'role'] as const;

const insertInto = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
// The index on ids leaves the compact rows out.
const INSERT_EVENT = `${insertInto('event', COLUMNS)} ON CONFLICT (id) WHERE task_run_id IS NULL DO NOTHING`;
const INSERT_BODY = insertInto('event_body', BODY_COLUMNS);
/** One role may name a resource twice. */
const INSERT_RESOURCE = `${insertInto('event_resource', RESOURCE_COLUMNS)} ON CONFLICT DO NOTHING`;
const INSERT_THIN = insertInto('event', ['task_run_id', 'id', 'name', 'occurred']);

/** Must come last in a transaction: see `Statements.takeNumbers`. Returns for each event whether its id is new. */
export function* insertEvents(db: Statements, events: readonly OutboxEvent[]): Work<readonly boolean[]> {
  if (events.length > 0) yield* db.takeNumbers();
  const areNew: boolean[] = [];
  for (const event of events) {
    const seq = yield* db.insert('seq', INSERT_EVENT, ...eventValues(event, uuidBytes(event.id)));
    areNew.push(seq !== null);
    if (seq === null) continue;
    if (event.labels !== undefined) yield* db.run(INSERT_BODY, ...bodyValues(event, seq));
    yield* db.run(INSERT_RESOURCE, event.resourceId, seq, '');
    for (const resource of event.related ?? [])
      yield* db.run(INSERT_RESOURCE, resource[RESOURCE_ID] ?? '', seq, resource[RESOURCE_ROLE] ?? '');
  }
  return areNew;
}

/** The event of a task run's state. Must come last in a transaction, as `insertEvents`. */
export function* insertCompactEvent(db: Statements, taskRunId: IdValue, state: State): Work<void> {
  yield* db.takeNumbers();
  yield* db.run(INSERT_THIN, taskRunId, uuidBytes(state.id), state.name, state.timestamp);
}

/** In the order of the columns: id, name, resource_id, occurred, payload, received, follows. */
export function eventValues(event: OutboxEvent, id: Uint8Array): Value[] {
  const { labels, follows = null } = event;
  return [
    id,
    event.name,
    event.resourceId,
    event.occurred,
    labels === undefined ? event.payload : null,
    event.received ?? null,
    idOrNull(follows),
  ];
}

/** In the order of the columns: seq, labels, related, payload. */
export function bodyValues({ resourceId, labels, related = [], payload }: OutboxEvent, seq: number): Value[] {
  return [seq, JSON.stringify({ [RESOURCE_ID]: resourceId, ...labels }), JSON.stringify(related), payload ?? '{}'];
}

/** Rows end to end, each in the order of the columns: resource_id, seq, role. */
export function resourceValues({ resourceId, related = [] }: OutboxEvent, seq: number): Value[] {
  const rows: Value[] = [resourceId, seq, ''];
  for (const resource of related) rows.push(resource[RESOURCE_ID] ?? '', seq, resource[RESOURCE_ROLE] ?? '');
  return rows;
}

export function* hasRowAt(db: Statements, table: 'event' | 'log', { seq, id }: FeedPosition): Work<boolean> {
  return (yield* db.get(`SELECT 1 FROM ${table} WHERE seq = ? AND id = ?`, seq, uuidBytes(id))) !== undefined;
}

export function* newestSeq(db: Statements): Work<number> {
  return Number((yield* db.get<{ readonly seq: number }>('SELECT COALESCE(max(seq), 0) AS seq FROM event'))?.seq);
}

export const EVENT_COLUMNS =
  'event.seq, event.id, event.task_run_id, event.name, event.resource_id, event.occurred, event.received, event.follows, ' +
  'COALESCE(event_body.payload, event.payload) AS payload, event_body.labels, event_body.related';
const SELECT_EVENT = `SELECT ${EVENT_COLUMNS} FROM event LEFT JOIN event_body ON event_body.seq = event.seq`;

export function eventRowsAfter(
  db: Statements,
  page: { readonly afterSeq: number; readonly limit: number },
): Work<readonly EventRow[]> {
  return db.all<EventRow>(
    `${SELECT_EVENT} WHERE event.seq > ? ORDER BY event.seq LIMIT ?`,
    page.afterSeq,
    pageRows(page.limit, SCAN_ROWS_MAX),
  );
}
