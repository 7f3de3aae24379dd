import type { TaskRunId } from '../../../core/ids.ts';
import type { TaskRun } from '../../../core/task-run.ts';
import { uuidBytes } from '../../id-value.ts';
import { pageRows } from '../../page.ts';
import { readTaskRunRow, type TaskRunRow } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';
import { SELECT_TASK_RUN } from './task-runs.ts';

/** See `EventStorage.listScheduledTaskRuns`. */
export function listScheduledTaskRuns(connection: Connection, page: { readonly after?: TaskRunId | undefined; readonly limit: number }): readonly TaskRun[] {
  // The state is a literal, so that the index of scheduled runs is taken.
  return connection.read(() =>
    connection
      .statement(`${SELECT_TASK_RUN} WHERE task_run.state_type = 'SCHEDULED' AND task_run.id > ? ORDER BY task_run.id LIMIT ?`)
      .all(page.after === undefined ? new Uint8Array(0) : uuidBytes(page.after), pageRows(page.limit))
      .map((row) => readTaskRunRow(row as unknown as TaskRunRow)));
}
