/** The slots of backfills, and the runs that a slot has had, whoever made them. */

import {
  NO_PROGRESS,
  type Backfill,
  type BackfillId,
  type BackfillProgress,
  type BackfillSlot,
  type BackfillSlotRecord,
  type BackfillSlotState,
  type EarlierRun,
} from '../../core/backfills/backfill.ts';
import type { DeploymentId, FlowRunId } from '../../core/ids.ts';
import type { SlotRun } from '../../core/schedules/slot.ts';
import type { StateType } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { Statements, Value, Work } from '../driver.ts';
import { FIRST_ID, idOrNull, lookupBytes, readId, readIdOrNull, uuidBytes, type IdValue } from '../id-value.ts';
import type { BackfillSlotPage, SlotOwner } from '../port/backfills.ts';
import { insertRows } from './row-batches.ts';

interface SlotRow {
  readonly backfill_id: IdValue;
  readonly due_at: number;
  readonly ends_at: number | null;
  readonly nominal: string;
  readonly fold: number;
  readonly state: string;
  readonly reason: string | null;
  readonly flow_run_id: IdValue | null;
  readonly decided_at: number;
}

interface SlotWithRunRow extends SlotRow {
  readonly run_name: string | null;
  readonly run_state_type: string | null;
  readonly run_state_name: string | null;
  readonly run_start_time: number | null;
  readonly run_count: number | null;
}

const COLUMNS = 'backfill_id, due_at, ends_at, nominal, fold, deployment_id, state, reason, flow_run_id, decided_at';
const WITH_RUN = `SELECT backfill_slot.*, flow_run.name AS run_name, flow_run.state_type AS run_state_type,
  flow_run.state_name AS run_state_name, flow_run.start_time AS run_start_time, flow_run.run_count
  FROM backfill_slot LEFT JOIN flow_run ON flow_run.id = backfill_slot.flow_run_id`;

export function* insertSlots(db: Statements, of: DeploymentId, slots: readonly BackfillSlot[]): Work<void> {
  const deployment = uuidBytes(of);
  const rows = slots.map((slot): Value[] => [
    uuidBytes(slot.backfillId),
    slot.dueAt,
    slot.endsAt,
    slot.nominal,
    slot.fold,
    deployment,
    slot.state,
    slot.reason,
    idOrNull(slot.flowRunId),
    slot.decidedAt,
  ]);
  if (rows.length > 0)
    yield* insertRows(db, (values) => `INSERT INTO backfill_slot (${COLUMNS}) VALUES ${values}`, rows);
}

export function* writeSlot(db: Statements, slot: BackfillSlot): Work<void> {
  yield* db.run(
    `UPDATE backfill_slot SET state = ?, reason = ?, flow_run_id = ?, decided_at = ?
    WHERE backfill_id = ? AND due_at = ?`,
    slot.state,
    slot.reason,
    idOrNull(slot.flowRunId),
    slot.decidedAt,
    uuidBytes(slot.backfillId),
    slot.dueAt,
  );
}

export function* listOpenSlots(db: Statements, id: BackfillId): Work<readonly BackfillSlotRecord[]> {
  const rows = yield* db.all<SlotWithRunRow>(
    `${WITH_RUN} WHERE backfill_slot.backfill_id = ? AND backfill_slot.state = 'open' ORDER BY backfill_slot.due_at`,
    uuidBytes(id),
  );
  return rows.map(recordOf);
}

export function* nextWaiting(
  db: Statements,
  { id, order }: Pick<Backfill, 'id' | 'order'>,
  limit: number,
): Work<readonly BackfillSlot[]> {
  const rows = yield* db.all<SlotRow>(
    `SELECT * FROM backfill_slot WHERE backfill_id = ? AND state = 'waiting'
    ORDER BY due_at ${order === 'oldest' ? 'ASC' : 'DESC'} LIMIT ?`,
    uuidBytes(id),
    limit,
  );
  return rows.map(slotOf);
}

export function* listSlots(
  db: Statements,
  id: BackfillId,
  { states, after, limit }: BackfillSlotPage,
): Work<readonly BackfillSlotRecord[]> {
  const bytes = lookupBytes(id);
  if (bytes === null) return [];
  const narrowed = states === undefined ? '' : `AND ${db.dialect.isOneOf('backfill_slot.state', 'text')}`;
  const rows = yield* db.all<SlotWithRunRow>(
    `${WITH_RUN} WHERE backfill_slot.backfill_id = ? AND backfill_slot.due_at > ? ${narrowed}
    ORDER BY backfill_slot.due_at LIMIT ?`,
    bytes,
    after ?? Number.MIN_SAFE_INTEGER,
    ...(states === undefined ? [] : [db.dialect.list('text', states)]),
    limit,
  );
  return rows.map(recordOf);
}

export function* countSlots(
  db: Statements,
  ids: readonly BackfillId[],
): Work<ReadonlyMap<BackfillId, BackfillProgress>> {
  const known = ids.filter((id) => lookupBytes(id) !== null);
  const counts = new Map<BackfillId, Record<BackfillSlotState, number>>(known.map((id) => [id, { ...NO_PROGRESS }]));
  if (known.length === 0) return counts;
  const rows = yield* db.all<Pick<SlotRow, 'backfill_id' | 'state'> & { readonly count: number }>(
    `SELECT backfill_id, state, COUNT(*) AS count FROM backfill_slot
    WHERE ${db.dialect.isOneOf('backfill_id', 'id')} GROUP BY backfill_id, state`,
    db.dialect.list('id', known),
  );
  for (const { backfill_id: id, state, count } of rows) {
    const progress = counts.get(readId<BackfillId>(id));
    if (progress) progress[state as BackfillSlotState] = Number(count);
  }
  return counts;
}

interface EarlierRow {
  readonly due_at: number;
  readonly flow_run_id: IdValue;
  readonly state_type: string | null;
  readonly created_at: number | null;
}

/** @param except the backfill whose own runs are not meant */
export function* findSlotRuns(
  db: Statements,
  { deploymentId, scheduleId }: SlotOwner,
  dueAt: readonly Instant[],
  except: BackfillId | null,
): Work<ReadonlyMap<Instant, readonly EarlierRun[]>> {
  const found = new Map<Instant, EarlierRun[]>();
  const deployment = lookupBytes(deploymentId);
  if (deployment === null || dueAt.length === 0) return found;
  const times = db.dialect.list('number', dueAt);
  const schedule = scheduleId === null ? [] : [uuidBytes(scheduleId)];
  const ofSchedules = yield* db.all<EarlierRow>(
    `SELECT slot.due_at, slot.flow_run_id, flow_run.state_type, flow_run.created_at FROM schedule_slot AS slot
    LEFT JOIN flow_run ON flow_run.id = slot.flow_run_id WHERE slot.deployment_id = ?
    AND ${db.dialect.isOneOf('slot.due_at', 'number')} AND slot.flow_run_id IS NOT NULL AND slot.outcome = 'run'
    ${scheduleId === null ? '' : 'AND slot.schedule_id = ?'}`,
    deployment,
    times,
    ...schedule,
  );
  const ofBackfills = yield* db.all<EarlierRow>(
    `SELECT slot.due_at, slot.flow_run_id, flow_run.state_type, flow_run.created_at FROM backfill_slot AS slot
    JOIN backfill ON backfill.id = slot.backfill_id LEFT JOIN flow_run ON flow_run.id = slot.flow_run_id
    WHERE slot.deployment_id = ? AND ${db.dialect.isOneOf('slot.due_at', 'number')}
    AND slot.flow_run_id IS NOT NULL AND slot.state <> 'left-out' AND slot.backfill_id <> ?
    ${scheduleId === null ? '' : 'AND backfill.schedule_id = ?'}`,
    deployment,
    times,
    except === null ? FIRST_ID : uuidBytes(except),
    ...schedule,
  );
  for (const row of [...ofSchedules, ...ofBackfills]) {
    const at = row.due_at as Instant;
    found.set(at, [
      ...(found.get(at) ?? []),
      {
        dueAt: at,
        id: readId<FlowRunId>(row.flow_run_id),
        stateType: row.state_type as StateType | null,
        createdAt: row.created_at as Instant | null,
      },
    ]);
  }
  return found;
}

function slotOf(row: SlotRow): BackfillSlot {
  return {
    backfillId: readId<BackfillId>(row.backfill_id),
    dueAt: row.due_at as Instant,
    endsAt: row.ends_at as Instant | null,
    nominal: row.nominal,
    fold: row.fold === 1 ? 1 : 0,
    state: row.state as BackfillSlotState,
    reason: row.reason,
    flowRunId: readIdOrNull<FlowRunId>(row.flow_run_id),
    decidedAt: row.decided_at as Instant,
  };
}

function recordOf(row: SlotWithRunRow): BackfillSlotRecord {
  return { slot: slotOf(row), run: runOf(row) };
}

function runOf(row: SlotWithRunRow): SlotRun | null {
  if (row.flow_run_id === null || row.run_name === null) return null;
  return {
    id: readId<FlowRunId>(row.flow_run_id),
    name: row.run_name,
    stateType: row.run_state_type as StateType,
    stateName: String(row.run_state_name),
    startTime: row.run_start_time as Instant | null,
    runCount: row.run_count ?? 0,
  };
}
