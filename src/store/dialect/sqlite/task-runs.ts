/** Task runs: writing batches, and what a resumed flow run looks up. */

import type { FlowRunId, TaskRunId } from '../../../core/ids.ts';
import type { LogRecord } from '../../../core/log.ts';
import type { RecordedStep, TaskRun, TaskRunRecord } from '../../../core/task-run.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import { pageRows, SCAN_ROWS_MAX } from '../../page.ts';
import { readRecordedStep, readTaskRunRow, TASK_RUN_SELECTION, type TaskRunRow } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';
import { ROLL_BACK } from './transactions.ts';
import { insertLogs } from './logs.ts';
import { TaskRunEncoder, TaskRunStatements, type TaskRunBatch } from './task-run-batch.ts';
import { TaskShapes } from './task-shapes.ts';

export const SELECT_TASK_RUN =
  `SELECT ${TASK_RUN_SELECTION.join(', ')} FROM task_run JOIN task_shape ON task_shape.id = task_run.shape_id ` +
  'JOIN task_run_state ON task_run_state.run_id = task_run.id AND task_run_state.id = task_run.state_id';

/** See `RunStorage.writeTaskRuns`. */
export class TaskRunWriter {
  readonly #connection: Connection;
  readonly #statements: TaskRunStatements;
  readonly #shapes: TaskShapes;
  readonly #encoder = new TaskRunEncoder();
  readonly #shapeIdOf = (run: TaskRun): number => this.#shapes.idOf(run);

  constructor(connection: Connection, shapes = new TaskShapes(connection)) {
    this.#connection = connection;
    this.#statements = new TaskRunStatements(connection);
    this.#shapes = shapes;
  }

  write(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): void {
    if (records.length === 0 && logs.length === 0) return;
    const batch = this.#encoder.encode(records, this.#shapeIdOf);
    const outcome = this.#connection.write(() => {
      if (!this.#statements.insertNew(batch)) return ROLL_BACK;
      insertLogs(this.#connection, logs);
      return undefined;
    });
    if (outcome !== ROLL_BACK) return;
    const plain = this.encodePlain(records);
    this.#connection.write(() => {
      this.#statements.insertMissing(plain);
      insertLogs(this.#connection, logs);
    });
  }

  /** The rows that these records become; inserts their shapes. */
  encodePlain(records: readonly TaskRunRecord[]): TaskRunBatch {
    return this.#encoder.encodePlain(records, this.#shapeIdOf);
  }

  /** Plain statements alone, as a transaction: what anybody's loop costs, without our code around it, for a benchmark. */
  insertBare(batch: TaskRunBatch): void {
    this.#connection.write(() => this.#statements.insertNew(batch));
  }
}

export function readTaskRun(connection: Connection, id: TaskRunId): TaskRun | null {
  const bytes = lookupBytes(id);
  if (bytes === null) return null;
  const row = connection.read(() => connection.statement(`${SELECT_TASK_RUN} WHERE task_run.id = ?`).get(bytes));
  return row ? readTaskRunRow(row as unknown as TaskRunRow) : null;
}

/** Oldest first. */
export function listRecordedSteps(
  connection: Connection, id: FlowRunId, page: { readonly after?: TaskRunId | undefined; readonly limit: number },
): readonly RecordedStep[] {
  const bytes = lookupBytes(id);
  if (bytes === null) return [];
  return connection.read(() =>
    connection
      .statement(`${SELECT_TASK_RUN} WHERE task_run.flow_run_id = ? AND task_run.id > ? ORDER BY task_run.id LIMIT ?`)
      .all(bytes, page.after === undefined ? new Uint8Array(0) : uuidBytes(page.after), pageRows(page.limit, SCAN_ROWS_MAX))
      .map((row) => readRecordedStep(row as unknown as TaskRunRow)),
  );
}
