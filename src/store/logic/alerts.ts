/** Alerts, read and written with the marks by which they are found. An attempt's number is its lease's fence. */

import { isOver, type Alert, type AlertId } from '../../core/alerts/alert.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import {
  ALERTS_CURSOR,
  type AlertChange,
  type AlertKey,
  type AlertMark,
  type AlertStorage,
  type FoundAlert,
  type TakenAlert,
  type WatchMark,
} from '../port/alerts.ts';
import { endActionAttempt } from './automation-actions.ts';
import { ensureCursor } from './cursors.ts';
import { insertEvents } from './events.ts';

interface AlertRow {
  readonly id: IdValue;
  /** JSON: all of it. */
  readonly body: string;
  readonly leased_until: number | null;
  readonly attempts: number;
}

/** Watched resources of one alert that are looked at. */
const WATCHES_MAX = 1000;

export function alertsOn(database: Database): AlertStorage {
  return {
    changeAlert: (key, change) => database.write((db) => changeAlert(db, key, change)),
    readAlert: (id) =>
      database.read(function* (db) {
        const row = yield* rowOf(db, id);
        return row === undefined ? null : bodyOf(row);
      }),
    findOpenAlert: (marks) =>
      database.read(function* (db) {
        const row = yield* markedRow(db, marks);
        return row === undefined ? null : bodyOf(row);
      }),
    listAlerts: ({ states, after, limit }) =>
      database.read(function* (db) {
        const rows = yield* db.all<AlertRow>(
          `SELECT * FROM alert WHERE ${states === undefined ? '' : `${db.dialect.isOneOf('state', 'text')} AND `}
          (opened_at < ? OR (opened_at = ? AND id < ?)) ORDER BY opened_at DESC, id DESC LIMIT ?`,
          ...(states === undefined ? [] : [db.dialect.list('text', states)]),
          after?.openedAt ?? Number.MAX_SAFE_INTEGER,
          after?.openedAt ?? Number.MAX_SAFE_INTEGER,
          uuidBytes(after?.id ?? FIRST_ID),
          limit,
        );
        return rows.map(bodyOf);
      }),
    findAlerts: ({ kind, name }, limit) =>
      database.read(function* (db) {
        const rows = yield* db.all<{ readonly alert_id: IdValue }>(
          'SELECT alert_id FROM alert_mark WHERE kind = ? AND name = ? ORDER BY alert_id LIMIT ?',
          kind,
          name,
          limit,
        );
        return rows.map((row) => readId<AlertId>(row.alert_id));
      }),
    nextAlertAt: () =>
      database.read((db) =>
        db.one(
          'SELECT due_at FROM alert WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1',
          (row: { readonly due_at: number }) => row.due_at as Instant,
        ),
      ),
    takeAlerts: (request) => database.write((db) => takeAlerts(db, request)),
    deleteAlertsBefore: (before, limit) =>
      database.write(function* (db) {
        const rows = yield* db.all<Pick<AlertRow, 'id'>>(
          'SELECT id FROM alert WHERE closed_at IS NOT NULL AND closed_at < ? ORDER BY closed_at LIMIT ?',
          before,
          limit,
        );
        for (const { id } of rows) yield* db.run('DELETE FROM alert WHERE id = ?', id);
        return rows.length;
      }),
  };
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

function* rowOf(db: Statements, id: AlertId): Work<AlertRow | undefined> {
  const bytes = lookupBytes(id);
  return bytes === null ? undefined : yield* db.get<AlertRow>('SELECT * FROM alert WHERE id = ?', bytes);
}

function bodyOf({ body }: Pick<AlertRow, 'body'>): Alert {
  return JSON.parse(body) as Alert;
}

/** The open one that has one of the marks: the first of them counts. */
function* markedRow(db: Statements, marks: readonly AlertMark[]): Work<AlertRow | undefined> {
  for (const { kind, name } of marks) {
    const row = yield* db.get<AlertRow>(
      `SELECT a.* FROM alert_mark m JOIN alert a ON a.id = m.alert_id WHERE m.kind = ? AND m.name = ?
      ORDER BY a.id LIMIT 1`,
      kind,
      name,
    );
    if (row !== undefined) return row;
  }
  return undefined;
}

function* changeAlert<Answer>(
  db: Statements,
  key: AlertKey,
  change: (found: FoundAlert | null) => AlertChange<Answer>,
): Work<{ readonly answer: Answer } | null> {
  const row = yield* 'id' in key ? rowOf(db, key.id) : markedRow(db, key.marks);
  const found = row === undefined ? null : yield* foundOf(db, row, key);
  const {
    alert,
    dueAt = null,
    leasedUntil,
    marks = [],
    markedAt,
    unwatched = [],
    events = [],
    ends,
    answer,
  } = change(found);
  if (ends !== undefined && !(yield* endActionAttempt(db, ends.orderId, ends.attempt, ends.outcome))) return null;
  if (alert !== undefined) {
    const lease = leasedUntil === undefined ? ((row?.leased_until ?? null) as Instant | null) : leasedUntil;
    yield* writeAlert(db, alert, { dueAt, lease, isNew: row === undefined });
    yield* writeMarks(db, alert, { marks, at: markedAt ?? alert.repeatedAt, unwatched });
  }
  if (events.length > 0) yield* insertEvents(db, events);
  return { answer };
}

function* foundOf(db: Statements, row: AlertRow, key: AlertKey): Work<FoundAlert> {
  return {
    alert: bodyOf(row),
    leasedUntil: row.leased_until as Instant | null,
    attempt: row.attempts,
    watches: 'id' in key ? yield* watchesOf(db, row.id) : [],
    isHit: 'id' in key || key.hit === null ? false : yield* isMarked(db, row.id, key.hit),
  };
}

function* watchesOf(db: Statements, id: IdValue): Work<readonly WatchMark[]> {
  const rows = yield* db.all<{ readonly name: string; readonly marked_at: number }>(
    `SELECT name, marked_at FROM alert_mark WHERE alert_id = ? AND kind = 'watch' ORDER BY name LIMIT ?`,
    id,
    WATCHES_MAX,
  );
  return rows.map(({ name, marked_at: at }) => ({ name, at: at as Instant }));
}

function* isMarked(db: Statements, id: IdValue, name: string): Work<boolean> {
  const row = yield* db.get<{ readonly name: string }>(
    `SELECT name FROM alert_mark WHERE kind = 'hit' AND name = ? AND alert_id = ?`,
    name,
    id,
  );
  return row !== undefined;
}

function* writeAlert(
  db: Statements,
  alert: Alert,
  { dueAt, lease, isNew }: { readonly dueAt: Instant | null; readonly lease: Instant | null; readonly isNew: boolean },
): Work<void> {
  const id = uuidBytes(alert.id);
  const values = [alert.state, JSON.stringify(alert), alert.closedAt, dueAt, lease] as const;
  if (isNew)
    yield* db.run(
      `INSERT INTO alert (id, opened_at, attempts, state, body, closed_at, due_at, leased_until)
      VALUES (?, ?, 0, ?, ?, ?, ?, ?)`,
      id,
      alert.openedAt,
      ...values,
    );
  else
    yield* db.run(
      'UPDATE alert SET state = ?, body = ?, closed_at = ?, due_at = ?, leased_until = ? WHERE id = ?',
      ...values,
      id,
    );
}

function* writeMarks(
  db: Statements,
  alert: Alert,
  {
    marks,
    at,
    unwatched,
  }: { readonly marks: readonly AlertMark[]; readonly at: Instant; readonly unwatched: readonly string[] },
): Work<void> {
  const id = uuidBytes(alert.id);
  if (isOver(alert.state)) {
    const gone = yield* db.run('DELETE FROM alert_mark WHERE alert_id = ?', id);
    if (gone > 0) yield* dropIdleCursor(db);
    return;
  }
  for (const { kind, name } of marks)
    yield* db.run(
      `INSERT INTO alert_mark (kind, name, alert_id, marked_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (kind, name, alert_id) DO UPDATE SET marked_at = excluded.marked_at
      WHERE alert_mark.kind = 'watch' AND alert_mark.marked_at < excluded.marked_at`,
      kind,
      name,
      id,
      at,
    );
  for (const name of unwatched)
    yield* db.run(`DELETE FROM alert_mark WHERE kind = 'watch' AND name = ? AND alert_id = ?`, name, id);
  if (marks.some(({ kind }) => kind === 'watch')) yield* ensureCursor(db, ALERTS_CURSOR, 'newest', at);
}

function* dropIdleCursor(db: Statements): Work<void> {
  const one = yield* db.get<{ readonly name: string }>(`SELECT name FROM alert_mark WHERE kind = 'watch' LIMIT 1`);
  if (one === undefined) yield* db.run('DELETE FROM event_cursor WHERE name = ?', ALERTS_CURSOR);
}

function* takeAlerts(
  db: Statements,
  { now, leaseUntil, limit }: { readonly now: Instant; readonly leaseUntil: Instant; readonly limit: number },
): Work<readonly TakenAlert[]> {
  const rows = yield* db.all<AlertRow>(
    'SELECT * FROM alert WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?',
    now,
    limit,
  );
  const taken: TakenAlert[] = [];
  for (const row of rows) {
    const attempt = row.attempts + 1;
    yield* db.run(
      'UPDATE alert SET attempts = ?, due_at = ?, leased_until = ? WHERE id = ?',
      attempt,
      leaseUntil,
      leaseUntil,
      row.id,
    );
    taken.push({ alert: bodyOf(row), attempt });
  }
  return taken;
}
