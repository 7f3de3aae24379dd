/** Rows of what is kept of automations between one event and the next. */

import type { AutomationId } from '../../core/automation.ts';
import type { StateRow } from '../../core/automations/state-row.ts';
import type { Event } from '../../core/event.ts';
import type { EventId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Statements, Work } from '../driver.ts';
import { readId, uuidBytes, type IdValue } from '../id-value.ts';

interface BucketRow {
  readonly id: IdValue;
  readonly automation_id: IdValue;
  readonly body: string;
  readonly due_at: number | null;
  readonly gone_at: number | null;
}

/** Those with these ids. */
export function* readStateRows(db: Statements, ids: readonly string[]): Work<readonly StateRow[]> {
  if (ids.length === 0) return [];
  const { isOneOf, list } = db.dialect;
  const rows = yield* db.all<BucketRow>(
    `SELECT * FROM automation_bucket WHERE ${isOneOf('id', 'id')}`,
    list('id', ids),
  );
  return rows.map(readRow);
}

/** Those that are due by then. */
export function* readDueRows(db: Statements, until: Instant): Work<readonly StateRow[]> {
  return (yield* db.all<BucketRow>('SELECT * FROM automation_bucket WHERE due_at <= ?', until)).map(readRow);
}

function readRow({ id, automation_id: automationId, body, due_at: dueAt, gone_at: goneAt }: BucketRow): StateRow {
  return {
    id: readId<string>(id),
    automationId: readId<AutomationId>(automationId),
    body: JSON.parse(body) as StateRow['body'],
    dueAt: dueAt as Instant | null,
    goneAt: goneAt as Instant | null,
  };
}

/** @param clock rows whose time has come by then go */
export function* writeStateRows(
  db: Statements,
  rows: ReadonlyMap<string, StateRow | null>,
  clock: Instant,
): Work<void> {
  if (rows.size === 0) return;
  yield* db.run('DELETE FROM automation_bucket WHERE gone_at <= ?', clock);
  for (const [id, row] of rows) {
    if (row === null) yield* db.run('DELETE FROM automation_bucket WHERE id = ?', uuidBytes(id));
    else
      yield* db.run(
        `INSERT INTO automation_bucket (id, automation_id, body, due_at, gone_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, due_at = excluded.due_at, gone_at = excluded.gone_at`,
        uuidBytes(id),
        uuidBytes(row.automationId),
        JSON.stringify(row.body),
        row.dueAt,
        row.goneAt,
      );
  }
}

export function* dropStateRows(db: Statements, id: AutomationId): Work<void> {
  yield* db.run('DELETE FROM automation_bucket WHERE automation_id = ?', uuidBytes(id));
}

export function* dropAllState(db: Statements): Work<void> {
  yield* db.run('DELETE FROM automation_bucket');
  yield* db.run('DELETE FROM automation_waiting_event');
}

/** In the order in which they were received. */
export function* readWaitingEvents(db: Statements): Work<readonly Event[]> {
  const rows = yield* db.all<{ readonly body: string }>(
    'SELECT body FROM automation_waiting_event ORDER BY received_at, id',
  );
  return rows.map(({ body }) => JSON.parse(body) as Event);
}

export function* writeWaitingEvents(
  db: Statements,
  nowWaiting: readonly Event[],
  waitNoMore: readonly EventId[],
): Work<void> {
  for (const id of waitNoMore) yield* db.run('DELETE FROM automation_waiting_event WHERE id = ?', uuidBytes(id));
  for (const event of nowWaiting)
    yield* db.run(
      `INSERT INTO automation_waiting_event (id, received_at, body) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      uuidBytes(event.id),
      event.received,
      JSON.stringify(event),
    );
}

/** When time changes something next. */
export function* nextTimes(
  db: Statements,
): Work<{ readonly dueAt: Instant | null; readonly waitingSince: Instant | null }> {
  const first = (column: string, table: string): Work<Instant | null> =>
    db.one(
      `SELECT ${column} AS at FROM ${table} WHERE ${column} IS NOT NULL ORDER BY ${column} LIMIT 1`,
      ({ at }: { readonly at: number }) => at as Instant,
    );
  return {
    dueAt: yield* first('due_at', 'automation_bucket'),
    waitingSince: yield* first('received_at', 'automation_waiting_event'),
  };
}
