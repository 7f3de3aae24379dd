/** Flow runs: finding, writing and deleting them. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { KeyPage } from '../../core/list-query.ts';
import { EVERYTHING, type Condition, type Scalar } from '../../core/query.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { FIRST_ID, idOrNull, lookupBytes, uuidBytes, type IdValue } from '../id-value.ts';
import { pageRows } from '../page.ts';
import type { RunStorage } from '../port.ts';
import type { CancelledRunStorage } from '../port/cancelled-runs.ts';
import { FLOW_RUN_SELECTION, readFlowRunRow, type FlowRunRow } from '../rows/flow-run.ts';
import { giveBackSlots, giveBackTaskSlots } from './concurrency.ts';
import { insertEvents } from './events.ts';
import { retireLogNumbers } from './logs.ts';
import { insertState, listStates } from './states.ts';

type FlowRuns = Pick<RunStorage, 'readFlowRun' | 'deleteFlowRun' | 'listFlowRunStates'> & CancelledRunStorage;

export function flowRunsOn(database: Database): FlowRuns {
  return {
    readFlowRun(id) {
      const bytes = lookupBytes(id);
      return bytes && database.read((db) => findFlowRun(db, bytes));
    },
    deleteFlowRun(id, event, onlyFrom) {
      const bytes = lookupBytes(id);
      if (bytes === null) return false;
      return database.write(function* (db) {
        if (onlyFrom !== undefined && (yield* findFlowRun(db, bytes))?.state.id !== onlyFrom) return false;
        if (!(yield* removeFlowRun(db, bytes))) return false;
        yield* insertEvents(db, [event]);
        return true;
      });
    },
    listFlowRunStates: (id) => database.read((db) => listStates(db, 'flow_run_state', id)),
    listCancelledRuns: (since, page) =>
      database.read(function* (db) {
        // A literal state, so that SQLite uses the index of cancelled runs.
        const rows = yield* db.all<FlowRunRow>(
          `${SELECT_FLOW_RUN} WHERE flow_run.state_type = 'CANCELLED' AND flow_run.end_time >= ? AND flow_run.id > ? ORDER BY flow_run.id LIMIT ?`,
          since,
          page.after === undefined ? FIRST_ID : uuidBytes(page.after),
          pageRows(page.limit),
        );
        return rows.map(readFlowRunRow);
      }),
  };
}

export const SELECT_FLOW_RUN =
  `SELECT ${FLOW_RUN_SELECTION.join(', ')} FROM flow_run JOIN flow ON flow.id = flow_run.flow_id ` +
  'JOIN flow_run_state ON flow_run_state.run_id = flow_run.id AND flow_run_state.id = flow_run.state_id';

/** Constant texts: prepared statements are found by the text's cached hash; concatenated text is hashed each time. */
const BY_ID = `${SELECT_FLOW_RUN} WHERE flow_run.id = ?`;
const BY_IDEMPOTENCY_KEY = `${SELECT_FLOW_RUN} WHERE flow_run.flow_id = ? AND flow_run.idempotency_key = ?`;

const FLOW_RUN_COLUMNS = [
  'id',
  'flow_id',
  'name',
  'flow_version',
  'parameters',
  'tags',
  'labels',
  'state_id',
  'state_type',
  'state_name',
  'state_timestamp',
  'run_count',
  'policy',
  'durability',
  'parent_task_run_id',
  'parent_flow_run_id',
  'idempotency_key',
  'entrypoint',
  'lease_process_id',
  'lease_token',
  'created_at',
  'expected_start_time',
  'start_time',
  'end_time',
  'total_run_time_us',
  'deployment_id',
  'work_queue_id',
  'priority',
  'next_scheduled_start_time',
  'runner',
  'submission',
  'updated_at',
] as const;

const WRITE_FLOW_RUN =
  `INSERT INTO flow_run (${FLOW_RUN_COLUMNS.join(', ')}) VALUES (${FLOW_RUN_COLUMNS.map(() => '?').join(', ')}) ` +
  `ON CONFLICT (id) DO UPDATE SET ${FLOW_RUN_COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

export function* findByIdempotencyKey(db: Statements, run: FlowRun): Work<FlowRun | null> {
  if (run.idempotencyKey === null) return null;
  const row = yield* db.get<FlowRunRow>(BY_IDEMPOTENCY_KEY, uuidBytes(run.flowId), run.idempotencyKey);
  return row ? readFlowRunRow(row) : null;
}

export function findFlowRun(db: Statements, id: IdValue): Work<FlowRun | null> {
  return db.one(BY_ID, readFlowRunRow, id);
}

/** Call inside a transaction. Writes the row and, if it is new, the state that the row refers to. */
export function* writeFlowRun(db: Statements, run: FlowRun): Work<void> {
  db.forgetFlowRun(run.id);
  const id = uuidBytes(run.id);
  yield* insertState(db, 'flow_run_state', id, run.state);
  yield* db.run(
    WRITE_FLOW_RUN,
    id,
    uuidBytes(run.flowId),
    run.name,
    run.flowVersion,
    JSON.stringify(run.parameters),
    JSON.stringify(run.tags),
    JSON.stringify(run.labels),
    uuidBytes(run.state.id),
    run.state.type,
    run.state.name,
    run.state.timestamp,
    run.runCount,
    JSON.stringify(run.policy),
    run.durability,
    idOrNull(run.parentTaskRunId),
    idOrNull(run.parentFlowRunId),
    run.idempotencyKey,
    run.entrypoint === null ? null : JSON.stringify(run.entrypoint),
    idOrNull(run.lease?.processId ?? null),
    run.lease?.token ?? null,
    run.createdAt,
    run.expectedStartTime,
    run.startTime,
    run.endTime,
    run.totalRunTimeUs,
    idOrNull(run.submission?.deploymentId ?? null),
    idOrNull(run.submission?.workQueueId ?? null),
    run.submission?.priority ?? null,
    run.state.type === 'SCHEDULED' ? run.state.scheduledTime : null,
    run.runner,
    run.submission === null ? null : JSON.stringify(run.submission),
    run.updatedAt ?? null,
  );
}

/** Rows that belong to a flow run; those found through others come first. */
const DELETIONS = [
  'DELETE FROM task_run_state WHERE run_id IN (SELECT id FROM task_run WHERE flow_run_id = ?)',
  'DELETE FROM log WHERE task_run_id IN (SELECT id FROM task_run WHERE flow_run_id = ?)',
  'DELETE FROM artifact WHERE task_run_id IN (SELECT id FROM task_run WHERE flow_run_id = ?)',
  'DELETE FROM task_run WHERE flow_run_id = ?',
  'DELETE FROM log WHERE flow_run_id = ?',
  'DELETE FROM artifact WHERE flow_run_id = ?',
  'DELETE FROM flow_run_state WHERE run_id = ?',
  'DELETE FROM flow_run_input WHERE flow_run_id = ?',
];

/** A subflow run belongs to the placeholder task run in its parent. None for a run that does not exist. */
export const SELECT_DESCENDANTS =
  'WITH RECURSIVE family (id) AS (SELECT flow_run.id FROM flow_run WHERE flow_run.id = ? ' +
  'UNION SELECT flow_run.id FROM family JOIN task_run ON task_run.flow_run_id = family.id ' +
  'JOIN flow_run ON flow_run.parent_task_run_id = task_run.id) SELECT id FROM family';

/** Removes the run with its subflow runs. Call inside a transaction; returns whether it existed. */
export function* removeFlowRun(db: Statements, id: IdValue): Work<boolean> {
  const family = yield* db.all<{ readonly id: IdValue }>(SELECT_DESCENDANTS, id);
  if (family.length === 0) return false;
  yield* retireLogNumbers(db);
  for (const member of family) {
    db.forgetFlowRun(member.id);
    yield* giveBackSlots(db, member.id);
    yield* giveBackTaskSlots(db, 'task_run.flow_run_id = ?', member.id);
    yield* db.run('DELETE FROM flow_run WHERE id = ?', member.id);
    for (const deletion of DELETIONS) yield* db.run(deletion, member.id);
  }
  return true;
}

/** What a starting process asks of runs: who holds them, and the types of their states. */
interface HeldRuns {
  stateTypes?: readonly Scalar[];
  processId?: Scalar;
  /** By whomever. */
  isHeld?: true;
}

/**
 * The lists by which a starting process finds runs of dead processes, without loading the query compiler. `null` for
 * one that asks anything else.
 */
export function listFlowRunsByHolder({
  where = EVERYTHING,
  direction = 'desc',
  after,
  limit,
}: KeyPage<'flow_run'>): ((db: Statements) => Work<readonly FlowRun[]>) | null {
  const held = direction === 'desc' ? heldRunsOf(where) : null;
  if (held === null) return null;
  const { stateTypes, processId, isHeld } = held;
  return function* (db) {
    const conditions = [
      ...(stateTypes ? [db.dialect.isOneOf('flow_run.state_type', 'text')] : []),
      ...(processId ? ['flow_run.lease_process_id = ?'] : []),
      ...(isHeld ? ['flow_run.lease_process_id IS NOT NULL'] : []),
      ...(after === undefined ? [] : ['flow_run.id < ?']),
    ];
    const rows = yield* db.all<FlowRunRow>(
      `${SELECT_FLOW_RUN} WHERE ${conditions.join(' AND ')} ORDER BY flow_run.id DESC LIMIT ?`,
      ...(stateTypes ? [db.dialect.list('text', stateTypes.map(String))] : []),
      ...(processId ? [uuidBytes(String(processId))] : []),
      ...(after === undefined ? [] : [uuidBytes(after)]),
      pageRows(limit),
    );
    return rows.map(readFlowRunRow);
  };
}

function heldRunsOf(where: Condition): HeldRuns | null {
  const held: HeldRuns = {};
  for (const part of where.op === 'and' ? where.of : [where]) {
    if (part.op === 'in' && part.field === 'stateType' && held.stateTypes === undefined) held.stateTypes = part.values;
    else if (part.op === 'eq' && part.field === 'processId' && held.processId === undefined)
      held.processId = part.value;
    else if (part.op === 'isNull' && part.field === 'processId' && !part.isNull) held.isHeld = true;
    else return null;
  }
  return Object.keys(held).length === 0 ? null : held;
}
