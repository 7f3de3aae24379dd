/** Slots of schedules: each has one entry, whoever makes it. */

import type { DeploymentId, DeploymentScheduleId, FlowRunId } from '../../core/ids.ts';
import type { ScheduleSlot, SlotOutcome, SlotRun } from '../../core/schedules/slot.ts';
import type { StateType } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { Statements, Work } from '../driver.ts';
import { FIRST_ID, idOrNull, lookupBytes, readId, readIdOrNull, uuidBytes, type IdValue } from '../id-value.ts';
import type {
  ChangedSlot,
  DoubtfulSchedules,
  NewSlot,
  OpenSlotsAsked,
  RunsTakenBack,
  SlotPage,
  SlotRecord,
} from '../port/deployments.ts';
import { findByIdempotencyKey, removeFlowRun, writeFlowRun } from './flow-runs.ts';

/** Entries of a deployment that are kept, beside those that are not due yet. A schedule's mark is not among them. */
const SLOTS_KEPT_MAX = 10_000;

export function* insertSlots(db: Statements, slots: readonly NewSlot[], kept = SLOTS_KEPT_MAX): Work<void> {
  const last = slots.at(-1);
  if (last === undefined) return;
  for (const { slot, run, settled = false } of slots) {
    if (!(yield* insertSlot(db, slot, settled)) || run === null) continue;
    // A run of before there were entries has its key.
    if ((yield* findByIdempotencyKey(db, run)) === null) yield* writeFlowRun(db, run);
  }
  const deploymentId = uuidBytes(last.slot.deploymentId);
  yield* db.run(
    `DELETE FROM schedule_slot WHERE deployment_id = ? AND due_at < ? AND due_at <
    (SELECT due_at FROM schedule_slot WHERE deployment_id = ? ORDER BY due_at DESC LIMIT 1 OFFSET ?)`,
    deploymentId,
    last.slot.decidedAt,
    deploymentId,
    kept - 1,
  );
}

/** Answers whether it had none. */
function* insertSlot(db: Statements, slot: ScheduleSlot, settled: boolean): Work<boolean> {
  const inserted = yield* db.run(
    `INSERT INTO schedule_slot (schedule_id, nominal, fold, zone, deployment_id, due_at, through, outcome, reason,
    flow_run_id, decided_at, settled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (schedule_id, nominal, fold, zone) DO NOTHING`,
    uuidBytes(slot.scheduleId),
    slot.nominal,
    slot.fold,
    slot.zone,
    uuidBytes(slot.deploymentId),
    slot.dueAt,
    slot.through,
    slot.outcome,
    slot.reason,
    idOrNull(slot.flowRunId),
    slot.decidedAt,
    settled ? 1 : 0,
  );
  return inserted > 0;
}

export function* changeSlots(db: Statements, slots: readonly ChangedSlot[]): Work<void> {
  for (const { slot, run, settled = false, removedRun = null } of slots) {
    yield* db.run(
      `UPDATE schedule_slot SET outcome = ?, reason = ?, flow_run_id = ?, decided_at = ?, settled = ?
      WHERE schedule_id = ? AND nominal = ? AND fold = ? AND zone = ?`,
      slot.outcome,
      slot.reason,
      idOrNull(slot.flowRunId),
      slot.decidedAt,
      settled ? 1 : 0,
      uuidBytes(slot.scheduleId),
      slot.nominal,
      slot.fold,
      slot.zone,
    );
    if (removedRun !== null) yield* removeFlowRun(db, uuidBytes(removedRun));
    if (run !== null && (yield* findByIdempotencyKey(db, run)) === null) yield* writeFlowRun(db, run);
  }
}

/** The run of the slot is gone. */
export function* takeSlotBack(db: Statements, run: IdValue, dueAt: Instant, { at, past }: RunsTakenBack): Work<void> {
  if (dueAt > at) yield* db.run('DELETE FROM schedule_slot WHERE flow_run_id = ?', run);
  else
    yield* db.run(
      'UPDATE schedule_slot SET outcome = ?, reason = ?, decided_at = ?, flow_run_id = NULL WHERE flow_run_id = ?',
      past.outcome,
      past.reason,
      at,
      run,
    );
}

/** Slots that are left out, and not due yet: their schedules will say anew which these are. */
export function* forgetSkipped(db: Statements, deploymentId: IdValue, { at }: RunsTakenBack): Work<void> {
  yield* db.run(
    `DELETE FROM schedule_slot WHERE deployment_id = ? AND due_at > ? AND outcome = 'skipped' AND flow_run_id IS NULL`,
    deploymentId,
    at,
  );
}

export interface ScheduleSlotRow {
  readonly schedule_id: IdValue;
  readonly deployment_id: IdValue;
  readonly nominal: string;
  readonly fold: number;
  readonly zone: string;
  readonly due_at: number;
  readonly through: number | null;
  readonly outcome: string;
  readonly reason: string;
  readonly flow_run_id: IdValue | null;
  readonly decided_at: number;
}

export function readSlotRow(row: ScheduleSlotRow): ScheduleSlot {
  return {
    scheduleId: readId<DeploymentScheduleId>(row.schedule_id),
    deploymentId: readId<DeploymentId>(row.deployment_id),
    nominal: row.nominal,
    fold: row.fold === 1 ? 1 : 0,
    zone: row.zone,
    dueAt: row.due_at as Instant,
    through: row.through as Instant | null,
    outcome: row.outcome as SlotOutcome,
    reason: row.reason,
    flowRunId: readIdOrNull<FlowRunId>(row.flow_run_id),
    decidedAt: row.decided_at as Instant,
  };
}

interface SlotOfRunRow extends ScheduleSlotRow {
  readonly run_name: string | null;
  readonly state_type: string | null;
  readonly state_name: string | null;
  readonly start_time: number | null;
  readonly run_count: number | null;
}

const WITH_RUN = `SELECT schedule_slot.*, flow_run.name AS run_name, flow_run.state_type, flow_run.state_name,
  flow_run.start_time, flow_run.run_count FROM schedule_slot LEFT JOIN flow_run ON flow_run.id = schedule_slot.flow_run_id
  `;
const SLOTS = `${WITH_RUN} WHERE schedule_slot.deployment_id = ? AND schedule_slot.due_at < ? ORDER BY schedule_slot.due_at DESC,
  schedule_slot.schedule_id LIMIT ?`;

export function* listSlots(db: Statements, id: DeploymentId, { before, limit }: SlotPage): Work<readonly SlotRecord[]> {
  const bytes = lookupBytes(id);
  if (bytes === null) return [];
  const rows = yield* db.all<SlotOfRunRow>(
    SLOTS,
    bytes,
    before ?? Number.MAX_SAFE_INTEGER,
    Math.min(Math.max(0, limit), SLOTS_KEPT_MAX),
  );
  return rows.map((row) => ({ slot: readSlotRow(row), run: runOf(row) }));
}

const OPEN = `${WITH_RUN} WHERE schedule_slot.schedule_id = ? AND schedule_slot.settled = 0
  AND schedule_slot.due_at <= ? AND schedule_slot.outcome IN ('run', 'held') ORDER BY schedule_slot.due_at`;

export function* listOpenSlots(db: Statements, { scheduleId, until }: OpenSlotsAsked): Work<readonly SlotRecord[]> {
  const rows = yield* db.all<SlotOfRunRow>(OPEN, uuidBytes(scheduleId), until);
  return rows.map((row) => ({ slot: readSlotRow(row), run: runOf(row) }));
}

const DOUBTFUL = `SELECT schedule.id, schedule.deployment_id FROM deployment_schedule AS schedule
  JOIN deployment ON deployment.id = schedule.deployment_id
  WHERE schedule.active = 1 AND deployment.paused = 0 AND schedule.id > ? AND schedule.id <= ? AND (schedule.due_at IS NULL OR
  (schedule.due_at > ? AND NOT EXISTS (SELECT 1 FROM schedule_slot WHERE schedule_slot.schedule_id = schedule.id
  AND schedule_slot.settled = 0 AND schedule_slot.due_at >= ?))) ORDER BY schedule.id`;
const LAST_OF_SOME = 'SELECT id FROM deployment_schedule WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?';
const LAST = 'SELECT id FROM deployment_schedule WHERE id > ? ORDER BY id DESC LIMIT 1';

export function* listDoubtfulSchedules(
  db: Statements,
  now: Instant,
  after: DeploymentScheduleId | null,
  lookedAt: number,
): Work<DoubtfulSchedules> {
  const from = after === null ? FIRST_ID : uuidBytes(after);
  const last = yield* db.get<{ readonly id: IdValue }>(LAST_OF_SOME, from, lookedAt - 1);
  const end = last ?? (yield* db.get<{ readonly id: IdValue }>(LAST, from));
  if (end === undefined) return { doubtful: [], through: null };
  const rows = yield* db.all<{ readonly id: IdValue; readonly deployment_id: IdValue }>(
    DOUBTFUL,
    from,
    end.id,
    now,
    now,
  );
  return {
    doubtful: rows.map((row) => ({ id: readId(row.id), deploymentId: readId(row.deployment_id) })),
    through: last === undefined ? null : readId<DeploymentScheduleId>(last.id),
  };
}

function runOf({ flow_run_id: id, run_name: name, ...row }: SlotOfRunRow): SlotRun | null {
  if (id === null || name === null) return null;
  return {
    id: readId<FlowRunId>(id),
    name,
    stateType: row.state_type as StateType,
    stateName: String(row.state_name),
    startTime: row.start_time as Instant | null,
    runCount: row.run_count ?? 0,
  };
}
