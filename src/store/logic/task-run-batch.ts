/** Batches of task runs: see `RunStorage.writeTaskRuns`. */

import type { State } from '../../core/state.ts';
import { chain } from '../../core/maybe-promise.ts';
import type { TaskRun, TaskRunRecord } from '../../core/task-run.ts';
import type { Database, Statements, Value, Work } from '../driver.ts';
import { idOrNull, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { RunStorage } from '../port.ts';
import { stateBody } from '../rows/state.ts';
import { taskInputsText } from '../rows/task-run.ts';
import { insertLogs } from './logs.ts';
import { insertRows } from './row-batches.ts';
import { ShapesWithin, type TaskShapes } from './task-shapes.ts';

/** Columns for our own runs; runs that other clients move have further ones. */
export const TASK_RUN_COLUMNS = [
  'id',
  'flow_run_id',
  'parent_task_run_id',
  'shape_id',
  'name',
  'dynamic_key',
  'step',
  'inputs',
  'state_id',
  'state_timestamp',
  'run_count',
  'flow_run_run_count',
  'created_at',
  'start_time',
  'end_time',
  'total_run_time_us',
  'process_id',
  'map_index',
  'map_input',
  'cache',
  'participation',
  'state_type',
  'state_name',
] as const;

/**
 * By what a record is told to be newer than a row, whatever order they arrive in. What an earlier attempt of the flow
 * run still says (its process was only thought dead) comes first. In one attempt, what the process made of the run in
 * the end stands over whatever was taken for true while it was out of reach, though it is told later: a Crashed of
 * somebody who gave it up. States of one microsecond are told apart by their ids, which grow.
 */
function standing(row: 'excluded' | 'task_run'): string {
  return `${row}.flow_run_run_count, ${row}.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED'), ${row}.state_timestamp, ${row}.state_id`;
}

const CHANGING = TASK_RUN_COLUMNS.filter((column) => column !== 'id').map((column) => `${column} = excluded.${column}`);

/**
 * Inserts runs, or updates them.
 * @param rows text of the rows in the statement, values in the order of the columns
 */
export const insertTaskRuns = (rows: string): string =>
  `INSERT INTO task_run (${TASK_RUN_COLUMNS.join(', ')}) VALUES ${rows} ON CONFLICT (id) DO UPDATE SET ${CHANGING.join(', ')} ` +
  `WHERE (${standing('excluded')}) >= (${standing('task_run')})`;

const insertStateRows = (rows: string): string =>
  `INSERT INTO task_run_state (run_id, id, type, name, timestamp, message, body) VALUES ${rows} ON CONFLICT DO NOTHING RETURNING id`;
const insertCompactRows = (rows: string): string =>
  `INSERT INTO event (task_run_id, id, name, occurred) VALUES ${rows}`;

export function taskRunBatchesOn(database: Database, shapes: TaskShapes): RunStorage['writeTaskRuns'] {
  return (records, logs) => {
    if (records.length === 0 && logs.length === 0) return;
    const learned = new Map<number, TaskRun>();
    const written = database.write(function* (db) {
      learned.clear();
      const states = records.flatMap(statesOf);
      yield* writeRuns(db, new ShapesWithin(db, shapes), records, learned);
      const rows = states.map(({ runId, state }) => [
        runId,
        uuidBytes(state.id),
        state.type,
        state.name,
        state.timestamp,
        state.message,
        stateBody(state),
      ]);
      const news = new Set(
        (yield* insertRows<{ readonly id: IdValue }>(db, insertStateRows, rows)).map(({ id }) => readId(id)),
      );
      if (news.size > 0) yield* db.takeNumbers();
      // A state that occurs twice in one batch is new once.
      yield* insertRows(
        db,
        insertCompactRows,
        states
          .filter(({ state }) => news.delete(state.id))
          .map(({ runId, state }) => [runId, uuidBytes(state.id), state.name, state.timestamp]),
      );
      yield* insertLogs(db, logs);
    });
    return chain(written, () => {
      for (const [id, run] of learned) shapes.remember(run, id);
    });
  };
}

/** A record may leave out states that were sent before; the current one is needed to read the run's row. */
function statesOf({ run, states }: TaskRunRecord): readonly { readonly runId: Uint8Array; readonly state: State }[] {
  const runId = uuidBytes(run.id);
  const all = states.some(({ id }) => id === run.state.id) ? states : [...states, run.state];
  return all.map((state) => ({ runId, state }));
}

/** Splits the batch so that no statement has a run twice: a statement may change a row only once. */
function* writeRuns(
  db: Statements,
  shapes: ShapesWithin,
  records: readonly TaskRunRecord[],
  learned: Map<number, TaskRun>,
): Work<void> {
  let stretch = new Map<string, readonly Value[]>();
  for (const { run } of records) {
    const shapeId = yield* shapes.idOf(run);
    learned.set(shapeId, run);
    if (stretch.has(run.id)) {
      yield* insertRows(db, insertTaskRuns, [...stretch.values()]);
      stretch = new Map();
    }
    stretch.set(run.id, valuesOf(run, shapeId));
  }
  yield* insertRows(db, insertTaskRuns, [...stretch.values()]);
}

function valuesOf(run: TaskRun, shapeId: number): readonly Value[] {
  return [
    uuidBytes(run.id),
    idOrNull(run.flowRunId),
    idOrNull(run.parentTaskRunId),
    shapeId,
    run.name,
    run.dynamicKey,
    run.step,
    taskInputsText(run.inputs),
    uuidBytes(run.state.id),
    run.state.timestamp,
    run.runCount,
    run.flowRunRunCount,
    run.createdAt,
    run.startTime,
    run.endTime,
    run.totalRunTimeUs,
    idOrNull(run.processId),
    run.item?.index ?? null,
    run.item?.input ?? null,
    run.cache === null ? null : JSON.stringify(run.cache),
    run.participation === undefined ? null : JSON.stringify(run.participation),
    run.state.type,
    run.state.name,
  ];
}
