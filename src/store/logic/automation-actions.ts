/** The outbox of automations. An attempt's number is its lease's fence: who took an order later has a higher one. */

import type { ActionRecord, ActionStatus, TakenOrder } from '../../core/action-receipt.ts';
import type { AutomationId } from '../../core/automation.ts';
import type { ActionOrder, Firing } from '../../core/automation-firing.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { ActionOutcome, AutomationActionStorage, TakeActions } from '../port/automation-actions.ts';
import { insertEvents } from './events.ts';

interface ActionRow {
  readonly id: IdValue;
  readonly automation_id: IdValue;
  /** JSON, as is `action_body`. */
  readonly firing: string;
  readonly action_index: number;
  readonly action_body: string;
  readonly created_at: number;
  readonly attempts: number;
  readonly due_at: number | null;
  readonly status: string | null;
  readonly note: string | null;
  readonly ended_at: number | null;
}

export function automationActionsOn(database: Database): AutomationActionStorage {
  return {
    insertActionOrders: (orders, now) => database.write((db) => insertActionOrders(db, orders, now)),
    nextActionOrderAt: () =>
      database.read((db) =>
        db.one(
          'SELECT due_at FROM automation_action WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1',
          (row: { readonly due_at: number }) => row.due_at as Instant,
        ),
      ),
    takeActionOrders: (request) => database.write((db) => takeActionOrders(db, request)),
    endActionAttempt: (id, attempt, outcome) => database.write((db) => endActionAttempt(db, id, attempt, outcome)),
    listActionRecords: (automationId, limit) =>
      database.read(function* (db) {
        const bytes = lookupBytes(automationId);
        if (bytes === null) return [];
        const rows = yield* db.all<ActionRow>(
          'SELECT * FROM automation_action WHERE automation_id = ? ORDER BY created_at DESC, id DESC LIMIT ?',
          bytes,
          limit,
        );
        return rows.map(readRecord);
      }),
    countActionRecords: (automationIds, since) =>
      database.read(function* (db) {
        const rows = yield* db.all<Pick<ActionRow, 'automation_id' | 'status'> & { readonly count: number }>(
          `SELECT automation_id, status, count(*) AS count FROM automation_action
          WHERE ${db.dialect.isOneOf('automation_id', 'id')} AND created_at >= ? AND status IS NOT NULL
          GROUP BY automation_id, status`,
          db.dialect.list('id', automationIds),
          since,
        );
        return rows.map(({ automation_id: id, status, count }) => ({
          automationId: readId<AutomationId>(id),
          status: status as ActionStatus,
          count: Number(count),
        }));
      }),
    deleteActionRecordsBefore(before, limit) {
      return database.write(function* (db) {
        const rows = yield* db.all<Pick<ActionRow, 'id'>>(
          'SELECT id FROM automation_action WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at LIMIT ?',
          before,
          limit,
        );
        for (const { id } of rows) yield* db.run('DELETE FROM automation_action WHERE id = ?', id);
        return rows.length;
      });
    },
  };
}

/** See `AutomationActionStorage`; in the transaction in which the automation fires. */
export function* insertActionOrders(db: Statements, orders: readonly ActionOrder[], now: Instant): Work<void> {
  for (const { id, firing, index, action } of orders)
    yield* db.run(
      `INSERT INTO automation_action (id, automation_id, firing, action_index, action_body, created_at, attempts, due_at)
      VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (id) DO NOTHING`,
      uuidBytes(id),
      uuidBytes(firing.automationId),
      JSON.stringify(firing),
      index,
      action,
      now,
      now,
    );
}

function* takeActionOrders(db: Statements, request: TakeActions): Work<readonly TakenOrder[]> {
  const { now, leaseUntil, limit, automationMax, underWay } = request;
  const counts = new Map(underWay);
  const full = new Set([...counts].filter(([, count]) => count >= automationMax).map(([id]) => id));
  const taken: TakenOrder[] = [];
  while (taken.length < limit) {
    const row = yield* db.get<ActionRow>(
      `SELECT * FROM automation_action WHERE due_at IS NOT NULL AND due_at <= ?
      AND NOT (${db.dialect.isOneOf('automation_id', 'id')}) ORDER BY due_at LIMIT 1`,
      now,
      db.dialect.list('id', [...full]),
    );
    if (row === undefined) return taken;
    const attempt = row.attempts + 1;
    yield* db.run('UPDATE automation_action SET attempts = ?, due_at = ? WHERE id = ?', attempt, leaseUntil, row.id);
    const { order } = readRecord(row);
    const count = (counts.get(order.firing.automationId) ?? 0) + 1;
    counts.set(order.firing.automationId, count);
    if (count >= automationMax) full.add(order.firing.automationId);
    taken.push({ order, attempt });
  }
  return taken;
}

/** See `AutomationActionStorage`; in the transaction of the caller. */
export function* endActionAttempt(db: Statements, id: string, attempt: number, outcome: ActionOutcome): Work<boolean> {
  const [dueAt, status, note, endedAt] =
    'receipt' in outcome
      ? [null, outcome.receipt.status, outcome.receipt.text, outcome.at]
      : [outcome.retryAt, null, outcome.problem, null];
  const changed = yield* db.run(
    `UPDATE automation_action SET due_at = ?, status = ?, note = ?, ended_at = ?
    WHERE id = ? AND attempts = ? AND due_at IS NOT NULL`,
    dueAt,
    status,
    note,
    endedAt,
    uuidBytes(id),
    attempt,
  );
  if (changed === 0) return false;
  if ('receipt' in outcome) yield* insertEvents(db, outcome.events);
  return true;
}

function readRecord(row: ActionRow): ActionRecord {
  const { status, note } = row;
  return {
    order: {
      id: readId<string>(row.id),
      firing: JSON.parse(row.firing) as Firing,
      index: row.action_index,
      action: row.action_body,
    },
    createdAt: row.created_at as Instant,
    attempts: row.attempts,
    dueAt: row.due_at as Instant | null,
    receipt: status === null ? null : { status: status as ActionStatus, text: note ?? '' },
    problem: status === null ? note : null,
    endedAt: row.ended_at as Instant | null,
  };
}
