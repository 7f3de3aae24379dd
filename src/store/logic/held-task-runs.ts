/** Task runs outside any flow, by the process that runs them. */

import type { TaskRun, TaskRunRecord } from '../../core/task-run.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, uuidBytes } from '../id-value.ts';
import type { ProcessStorage } from '../port.ts';
import { readTaskRunRow, type TaskRunRow } from '../rows/task-run.ts';
import { giveBackSlots } from './concurrency.ts';
import { insertCompactEvent } from './events.ts';
import { writeTaskRunRow } from './prefect-client-task-runs.ts';
import { insertStates } from './states.ts';
import { SELECT_TASK_RUN } from './task-runs.ts';

/** Written as in the definition of the index of such runs. */
const HELD = 'task_run.process_id = ? AND task_run.end_time IS NULL';

export function heldTaskRunsOn(database: Database): Pick<ProcessStorage, 'holdsTaskRuns' | 'changeHeldTaskRuns'> {
  return {
    holdsTaskRuns(id) {
      const bytes = lookupBytes(id);
      if (bytes === null) return false;
      return database.read(function* (db) {
        return (yield* db.get(`SELECT 1 FROM task_run WHERE ${HELD} LIMIT 1`, bytes)) !== undefined;
      });
    },
    changeHeldTaskRuns(id, limit, change) {
      const bytes = lookupBytes(id);
      return bytes === null ? 0 : database.write((db) => changeHeld(db, bytes, limit, change));
    },
  };
}

function* changeHeld(
  db: Statements,
  id: Uint8Array,
  limit: number,
  change: (run: TaskRun) => TaskRunRecord | null,
): Work<number> {
  const rows = yield* db.all<TaskRunRow>(`${SELECT_TASK_RUN} WHERE ${HELD} ORDER BY task_run.id LIMIT ?`, id, limit);
  const changed: TaskRunRecord[] = [];
  for (const row of rows) {
    const record = change(readTaskRunRow(row));
    if (record === null) continue;
    const runId = uuidBytes(record.run.id);
    yield* writeTaskRunRow(db, row.shape_id, record.run);
    yield* insertStates(db, 'task_run_state', runId, record.states);
    if (record.run.endTime !== null && record.run.tags.length > 0) yield* giveBackSlots(db, runId);
    changed.push(record);
  }
  for (const { run, states } of changed) {
    const runId = uuidBytes(run.id);
    for (const state of states) yield* insertCompactEvent(db, runId, state);
  }
  return changed.length;
}
