/** Task runs: look-ups, and the steps that a resumed flow run continues with. */

import type { Database, Statements, Work } from '../driver.ts';
import { FIRST_ID, lookupBytes, uuidBytes, type IdValue } from '../id-value.ts';
import { pageRows, SCAN_ROWS_MAX } from '../page.ts';
import type { RunStorage } from '../port.ts';
import type { EventStorage } from '../port/events.ts';
import type { TaskRun } from '../../core/task-run.ts';
import { readRecordedStep, readTaskRunRow, TASK_RUN_SELECTION, type TaskRunRow } from '../rows/task-run.ts';
import { listStates } from './states.ts';

export const SELECT_TASK_RUN =
  `SELECT ${TASK_RUN_SELECTION.join(', ')} FROM task_run JOIN task_shape ON task_shape.id = task_run.shape_id ` +
  'JOIN task_run_state ON task_run_state.run_id = task_run.id AND task_run_state.id = task_run.state_id';
const BY_ID = `${SELECT_TASK_RUN} WHERE task_run.id = ?`;

type TaskRuns = Pick<RunStorage, 'readTaskRun' | 'listTaskRunStates' | 'listRecordedSteps'> &
  Pick<EventStorage, 'listScheduledTaskRuns'>;

export function taskRunsOn(database: Database): TaskRuns {
  return {
    readTaskRun(id) {
      const bytes = lookupBytes(id);
      return bytes && database.read((db) => findTaskRunById(db, bytes));
    },
    listTaskRunStates: (id) => database.read((db) => listStates(db, 'task_run_state', id)),
    listRecordedSteps(id, page) {
      const bytes = lookupBytes(id);
      if (bytes === null) return [];
      return database.read(function* (db) {
        const rows = yield* db.all<TaskRunRow>(
          `${SELECT_TASK_RUN} WHERE task_run.flow_run_id = ? AND task_run.id > ? ORDER BY task_run.id LIMIT ?`,
          bytes,
          page.after === undefined ? FIRST_ID : uuidBytes(page.after),
          pageRows(page.limit, SCAN_ROWS_MAX),
        );
        return rows.map(readRecordedStep);
      });
    },
    listScheduledTaskRuns: (page) =>
      database.read(function* (db) {
        // A literal state, so that SQLite uses the index of scheduled runs.
        const rows = yield* db.all<TaskRunRow>(
          `${SELECT_TASK_RUN} WHERE task_run.state_type = 'SCHEDULED' AND task_run.id > ? ORDER BY task_run.id LIMIT ?`,
          page.after === undefined ? FIRST_ID : uuidBytes(page.after),
          pageRows(page.limit),
        );
        return rows.map(readTaskRunRow);
      }),
  };
}

export function findTaskRunById(db: Statements, id: IdValue): Work<TaskRun | null> {
  return db.one(BY_ID, readTaskRunRow, id);
}
