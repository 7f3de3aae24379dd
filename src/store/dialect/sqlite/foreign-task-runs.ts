/** Task runs that other clients move over the API: one at a time, found by id or by their natural key. */

import type { OutboxEvent } from '../../../core/event.ts';
import type { FlowRun } from '../../../core/flow-run.ts';
import type { FlowRunId, TaskRunId } from '../../../core/ids.ts';
import type { State } from '../../../core/state.ts';
import type { TaskRun } from '../../../core/task-run.ts';
import type { RunStorage, TaskRunChange } from '../../port.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import { stateBody } from '../../rows/state.ts';
import { readTaskRunRow, taskInputsText, type TaskRunRow } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';
import { findFlowRun } from './flow-runs.ts';
import { retireLogNumbers } from './logs.ts';
import { keepCachedState } from './task-results.ts';
import { SELECT_TASK_RUN } from './task-runs.ts';
import type { TaskShapes } from './task-shapes.ts';

const COLUMNS = [
  'id', 'flow_run_id', 'parent_task_run_id', 'shape_id', 'name', 'dynamic_key', 'step', 'inputs', 'cache', 'state_id', 'state_type',
  'state_name', 'state_timestamp', 'run_count', 'flow_run_run_count', 'created_at', 'start_time', 'end_time', 'total_run_time_us',
  'natural_key', 'expected_start_time', 'foreign_fields', 'process_id',
] as const;

const WRITE =
  `INSERT INTO task_run (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')}) ` +
  `ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(1).map((column) => `${column} = excluded.${column}`).join(', ')}`;

export function changeTaskRun<Answer>(
  connection: Connection,
  shapes: TaskShapes,
  key: { readonly id: TaskRunId; readonly naturalKey: string | null; readonly flowRunId: FlowRunId | null },
  change: (run: TaskRun | null, flowRun: FlowRun | null) => TaskRunChange<Answer>,
): Answer {
  return connection.write(() => {
    const found = findTaskRun(connection, key);
    const flowRunId = found?.flowRunId ?? key.flowRunId;
    const { run, states = [], events = [], cached, answer } = change(found, flowRunId === null ? null : flowRunOf(connection, flowRunId));
    if (run) writeForeignTaskRun(connection, shapes, run, states);
    if (run && cached) keepCachedState(connection, run, cached);
    else if (found && states.length > 0) insertStates(connection, uuidBytes(found.id), states);
    insertEvents(connection, events satisfies readonly OutboxEvent[]);
    return answer;
  });
}

export function findTaskRun(connection: Connection, key: Parameters<RunStorage['changeTaskRun']>[0]): TaskRun | null {
  const id = lookupBytes(key.id);
  const row =
    (id && connection.statement(`${SELECT_TASK_RUN} WHERE task_run.id = ?`).get(id)) ??
    (key.naturalKey === null ? undefined : connection.statement(`${SELECT_TASK_RUN} WHERE task_run.natural_key = ?`).get(key.naturalKey));
  return row ? readTaskRunRow(row as unknown as TaskRunRow) : null;
}

function flowRunOf(connection: Connection, id: FlowRunId): FlowRun | null {
  const bytes = lookupBytes(id);
  return bytes && findFlowRun(connection, bytes);
}

/** Inside a transaction; states that are there already are left as they are. */
export function insertStates(connection: Connection, runId: Uint8Array, states: readonly State[]): void {
  const insert = connection.statement(
    'INSERT OR IGNORE INTO task_run_state (run_id, id, type, name, timestamp, message, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const state of states) {
    insert.run(runId, uuidBytes(state.id), state.type, state.name, state.timestamp, state.message, stateBody(state));
  }
}

function writeForeignTaskRun(connection: Connection, shapes: TaskShapes, run: TaskRun, states: readonly State[]): void {
  const { state } = run;
  insertStates(connection, uuidBytes(run.id), states.some((each) => each.id === state.id) ? states : [...states, state]);
  writeTaskRunRow(connection, shapes.idWithin(run), run);
}

/** Inside a transaction: the run's row alone, without its states. */
export function writeTaskRunRow(connection: Connection, shapeId: number, run: TaskRun): void {
  const id = uuidBytes(run.id);
  const { state, foreign } = run;
  connection.statement(WRITE).run(
    id, run.flowRunId === null ? null : uuidBytes(run.flowRunId), run.parentTaskRunId === null ? null : uuidBytes(run.parentTaskRunId),
    shapeId, run.name, run.dynamicKey, run.step, taskInputsText(run.inputs), run.cache === null ? null : JSON.stringify(run.cache),
    uuidBytes(state.id), state.type, state.name, state.timestamp, run.runCount, run.flowRunRunCount, run.createdAt, run.startTime,
    run.endTime, run.totalRunTimeUs, foreign?.naturalKey ?? null, foreign?.expectedStartTime ?? null,
    foreign === null ? null : JSON.stringify(foreign), run.processId === null ? null : uuidBytes(run.processId),
  );
}

const DELETIONS = [
  'DELETE FROM task_run_state WHERE run_id = ?', 'DELETE FROM log WHERE task_run_id = ?', 'DELETE FROM artifact WHERE task_run_id = ?',
];

export function deleteTaskRun(connection: Connection, id: TaskRunId, event: OutboxEvent): boolean {
  const bytes = lookupBytes(id);
  if (bytes === null) return false;
  return connection.write(() => {
    if (connection.statement('DELETE FROM task_run WHERE id = ?').run(bytes).changes === 0) return false;
    retireLogNumbers(connection);
    for (const deletion of DELETIONS) connection.statement(deletion).run(bytes);
    insertEvents(connection, [event]);
    return true;
  });
}
