/** Rows of what is kept of automations between one event and the next. */

import type { AutomationId } from '../../core/automation.ts';
import type { RunTimes, RunTimesNeeded } from '../../core/automations/run-evaluation.ts';
import type { StateRow } from '../../core/automations/state-row.ts';
import type { StepNeeds } from '../../core/automations/step-needs.ts';
import type { Event } from '../../core/event.ts';
import type { EventId, FlowRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Statements, Work } from '../driver.ts';
import { readId, uuidBytes, type IdValue } from '../id-value.ts';

interface BucketRow {
  readonly id: IdValue;
  readonly automation_id: IdValue;
  readonly body: string;
  readonly due_at: number | null;
  readonly gone_at: number | null;
  readonly flow_run_id: IdValue | null;
}

/** Those that are due by then. */
export function* readDueRows(db: Statements, until: Instant): Work<readonly StateRow[]> {
  return (yield* db.all<BucketRow>('SELECT * FROM automation_bucket WHERE due_at <= ?', until)).map(readRow);
}

/** These, those with these ids and those about these runs; and those that they need. */
export function* readStateRows(
  db: Statements,
  due: readonly StateRow[],
  { rowIds, flowRunIds }: Pick<StepNeeds, 'rowIds' | 'flowRunIds'>,
  neededBy: (rows: readonly StateRow[]) => readonly string[],
): Work<readonly StateRow[]> {
  const found = [...(yield* rowsBy(db, 'id', rowIds)), ...(yield* rowsBy(db, 'flow_run_id', flowRunIds))];
  const known = new Map([...due, ...found.map(readRow)].map((row) => [row.id, row]));
  const further = neededBy([...known.values()]).filter((id) => !known.has(id));
  return [...known.values(), ...(yield* rowsBy(db, 'id', further)).map(readRow)];
}

function* rowsBy(db: Statements, column: 'id' | 'flow_run_id', ids: readonly string[]): Work<readonly BucketRow[]> {
  if (ids.length === 0) return [];
  const { isOneOf, list } = db.dialect;
  return yield* db.all<BucketRow>(`SELECT * FROM automation_bucket WHERE ${isOneOf(column, 'id')}`, list('id', ids));
}

function readRow(row: BucketRow): StateRow {
  const { id, automation_id: automationId, body, due_at: dueAt, gone_at: goneAt, flow_run_id: flowRunId } = row;
  return {
    id: readId<string>(id),
    automationId: readId<AutomationId>(automationId),
    body: JSON.parse(body) as StateRow['body'],
    dueAt: dueAt as Instant | null,
    goneAt: goneAt as Instant | null,
    ...(flowRunId === null ? {} : { flowRunId: readId<FlowRunId>(flowRunId) }),
  };
}

/** As many completed runs are looked for among this many times as many. */
const RUNS_LOOKED_AT = 10;

/** Run times, in microseconds, of the newest completed runs of each run's flow or deployment. */
export function* readRunTimes(
  db: Statements,
  needed: readonly RunTimesNeeded[],
  keyOf: (needed: RunTimesNeeded) => string,
): Work<RunTimes> {
  const byKey = new Map<string, readonly number[]>();
  const bySource = new Map<string, readonly number[]>();
  for (const one of needed) {
    if (byKey.has(keyOf(one))) continue;
    const column = one.of === 'flow' ? 'flow_id' : 'deployment_id';
    const source = yield* db.one(
      `SELECT ${column} AS source FROM flow_run WHERE id = ?`,
      (row: { readonly source: IdValue | null }) => row.source,
      uuidBytes(one.flowRunId),
    );
    if (source === null) continue;
    const name = `${column} ${one.runs} ${readId<string>(source)}`;
    const times = bySource.get(name) ?? (yield* newestRunTimes(db, column, source, one.runs));
    bySource.set(name, times);
    byKey.set(keyOf(one), times);
  }
  return byKey;
}

function* newestRunTimes(
  db: Statements,
  column: 'flow_id' | 'deployment_id',
  source: IdValue,
  limit: number,
): Work<readonly number[]> {
  const rows = yield* db.all<{ readonly us: number }>(
    `SELECT us FROM (SELECT id, state_type, total_run_time_us AS us FROM flow_run WHERE ${column} = ?
      ORDER BY id DESC LIMIT ?) AS newest WHERE state_type = 'COMPLETED' ORDER BY id DESC LIMIT ?`,
    source,
    limit * RUNS_LOOKED_AT,
    limit,
  );
  return rows.map(({ us }) => Number(us));
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
        `INSERT INTO automation_bucket (id, automation_id, body, due_at, gone_at, flow_run_id) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, due_at = excluded.due_at, gone_at = excluded.gone_at`,
        uuidBytes(id),
        uuidBytes(row.automationId),
        JSON.stringify(row.body),
        row.dueAt,
        row.goneAt,
        row.flowRunId === undefined ? null : uuidBytes(row.flowRunId),
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
