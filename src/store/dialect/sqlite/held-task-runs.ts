/** Task runs outside any flow, by the process that runs them. */

import type { ProcessId } from '../../../core/ids.ts';
import type { TaskRun, TaskRunRecord } from '../../../core/task-run.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import { readTaskRunRow, type TaskRunRow } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';
import { insertStates, writeTaskRunRow } from './foreign-task-runs.ts';
import { SELECT_TASK_RUN } from './task-runs.ts';

/** In the words of the index of such runs. */
const HELD = 'task_run.process_id = ? AND task_run.end_time IS NULL';

export function holdsTaskRuns(connection: Connection, id: ProcessId): boolean {
  const bytes = lookupBytes(id);
  if (bytes === null) return false;
  return connection.read(() => connection.statement(`SELECT 1 FROM task_run WHERE ${HELD} LIMIT 1`).get(bytes) !== undefined);
}

/** See `ProcessStorage.changeHeldTaskRuns`. */
export function changeHeldTaskRuns(
  connection: Connection, id: ProcessId, limit: number, change: (run: TaskRun) => TaskRunRecord | null,
): number {
  const bytes = lookupBytes(id);
  if (bytes === null) return 0;
  return connection.write(() => {
    const rows = connection.statement(`${SELECT_TASK_RUN} WHERE ${HELD} ORDER BY task_run.id LIMIT ?`).all(bytes, limit) as unknown as TaskRunRow[];
    let changed = 0;
    for (const row of rows) {
      const record = change(readTaskRunRow(row));
      if (record === null) continue;
      writeTaskRunRow(connection, row.shape_id, record.run);
      insertNews(connection, record);
      changed += 1;
    }
    return changed;
  });
}

function insertNews(connection: Connection, { run, states }: TaskRunRecord): void {
  const runId = uuidBytes(run.id);
  insertStates(connection, runId, states);
  const insert = connection.statement('INSERT INTO event (task_run_id, id, name, occurred) VALUES (?, ?, ?, ?)');
  for (const state of states) insert.run(runId, uuidBytes(state.id), state.name, state.timestamp);
}
