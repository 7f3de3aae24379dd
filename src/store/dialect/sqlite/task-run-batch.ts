/**
 * The hot path: a batch of task runs as parameters, and the statements that insert them.
 *
 * The two halves are apart so that a benchmark can time the statements alone, on the same rows in the same batches.
 */

import type { State } from '../../../core/state.ts';
import type { TaskRun, TaskRunRecord } from '../../../core/task-run.ts';
import { writeUuidBytes } from '../../id-value.ts';
import { stateBody } from '../../rows/state.ts';
import { taskInputsText } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';
import { RowInserter, type Value } from './row-inserter.ts';

const TASK_RUN_COLUMNS = [
  'id', 'flow_run_id', 'parent_task_run_id', 'shape_id', 'name', 'dynamic_key', 'step', 'inputs', 'cache', 'state_id', 'state_type',
  'state_name', 'state_timestamp', 'run_count', 'flow_run_run_count', 'created_at', 'start_time', 'end_time', 'total_run_time_us', 'process_id',
] as const;
const STATE_COLUMNS = ['run_id', 'id', 'type', 'name', 'timestamp', 'message', 'body'] as const;
const EVENT_COLUMNS = ['task_run_id', 'id', 'name', 'occurred'] as const;

/** Rows laid end to end, ready to be bound. Valid until the next batch is encoded: the bytes of ids are used again. */
export interface TaskRunBatch {
  readonly runs: Value[];
  readonly states: Value[];
  /** One for each row of `states`, in the same order. */
  readonly events: Value[];
}

/** Of a usual batch of 128 records; a replayed journal needs more, once. */
const IDS_KEPT_MAX = 4096;

/** Encodes batches, keeping the memory of one batch for the next. */
export class TaskRunEncoder {
  readonly #batch: TaskRunBatch = { runs: [], states: [], events: [] };
  readonly #ids: Uint8Array[] = [];
  #idsUsed = 0;
  /** Most records of a batch belong to one flow run, many tasks have one parent. */
  #lastFlowRun: { text: string; bytes: Uint8Array } | null = null;

  encode(records: readonly TaskRunRecord[], shapeIdOf: (run: TaskRun) => number): TaskRunBatch {
    const { runs, states, events } = this.#batch;
    runs.length = 0;
    states.length = 0;
    events.length = 0;
    if (this.#ids.length > IDS_KEPT_MAX) this.#ids.length = 0;
    this.#idsUsed = 0;
    this.#lastFlowRun = null;
    for (const record of records) {
      const { run } = record;
      const id = this.#id(run.id);
      const stateId = this.#id(run.state.id);
      this.#pushRun(run, id, stateId, shapeIdOf(run));
      let hasCurrent = false;
      for (const state of record.states) {
        const isCurrent = state.id === run.state.id;
        hasCurrent ||= isCurrent;
        this.#pushState(id, isCurrent ? stateId : this.#id(state.id), state);
      }
      // A record may leave out states that were shipped before; the current one is what the run's row is read with.
      if (!hasCurrent) this.#pushState(id, stateId, run.state);
    }
    return this.#batch;
  }

  #pushRun(run: TaskRun, id: Uint8Array, stateId: Uint8Array, shapeId: number): void {
    const { state } = run;
    this.#batch.runs.push(
      id, this.#flowRunId(run.flowRunId), run.parentTaskRunId === null ? null : this.#id(run.parentTaskRunId), shapeId,
      run.name, run.dynamicKey, run.step, taskInputsText(run.inputs), run.cache === null ? null : JSON.stringify(run.cache),
      stateId, state.type, state.name, state.timestamp, run.runCount, run.flowRunRunCount,
      run.createdAt, run.startTime, run.endTime, run.totalRunTimeUs, run.processId === null ? null : this.#id(run.processId),
    );
  }

  #pushState(runId: Uint8Array, id: Uint8Array, state: State): void {
    this.#batch.states.push(runId, id, state.type, state.name, state.timestamp, state.message, stateBody(state));
    this.#batch.events.push(runId, id, state.name, state.timestamp);
  }

  #flowRunId(text: string | null): Uint8Array | null {
    if (text === null) return null;
    if (this.#lastFlowRun?.text !== text) this.#lastFlowRun = { text, bytes: this.#id(text) };
    return this.#lastFlowRun.bytes;
  }

  #id(text: string): Uint8Array {
    let bytes = this.#ids[this.#idsUsed];
    if (!bytes) {
      bytes = new Uint8Array(16);
      this.#ids.push(bytes);
    }
    this.#idsUsed++;
    return writeUuidBytes(text, bytes);
  }
}

/**
 * By what a record is told to be newer than a row, whatever order they arrive in. What an earlier attempt of the flow run
 * still says (its process was only thought dead) comes first. In one attempt, what the process made of the run in the end
 * stands over whatever was taken for true while it was out of reach, though it is told later: a Crashed of somebody who
 * gave it up. States of one microsecond are told apart by their ids, which grow.
 */
function standing(row: 'excluded' | 'task_run'): string {
  return `${row}.flow_run_run_count, ${row}.state_type IN ('CANCELLED', 'COMPLETED', 'FAILED'), ${row}.state_timestamp, ${row}.state_id`;
}

/** Rows to a statement, largest first; the last one must be 1. */
const RUN_ROWS = [16, 4, 1];
const STATE_ROWS = [48, 12, 3, 1];

export class TaskRunStatements {
  readonly #runs: RowInserter;
  readonly #states: RowInserter;
  readonly #events: RowInserter;

  constructor(connection: Connection) {
    const changing = TASK_RUN_COLUMNS.filter((column) => column !== 'id').map((column) => `${column} = excluded.${column}`);
    this.#runs = new RowInserter(
      connection, TASK_RUN_COLUMNS.length,
      (rows) =>
        `INSERT INTO task_run (${TASK_RUN_COLUMNS.join(', ')}) VALUES ${rows} ON CONFLICT (id) DO UPDATE SET ${changing.join(', ')} ` +
        `WHERE (${standing('excluded')}) >= (${standing('task_run')})`,
      RUN_ROWS,
    );
    this.#states = new RowInserter(
      connection, STATE_COLUMNS.length,
      (rows) => `INSERT OR IGNORE INTO task_run_state (${STATE_COLUMNS.join(', ')}) VALUES ${rows}`, STATE_ROWS,
    );
    this.#events = new RowInserter(
      connection, EVENT_COLUMNS.length, (rows) => `INSERT INTO event (${EVENT_COLUMNS.join(', ')}) VALUES ${rows}`, STATE_ROWS,
    );
  }

  /** The usual case, where no state was written before. @returns `false` when one was: the transaction must be rolled back */
  insertNew(batch: TaskRunBatch): boolean {
    this.#runs.run(batch.runs);
    const expected = batch.states.length / STATE_COLUMNS.length;
    if (this.#states.run(batch.states) !== expected) return false;
    this.#events.run(batch.events);
    return true;
  }

  /** A batch that was, in part, written before: state by state, an event for the new ones only. */
  insertMissing(batch: TaskRunBatch): void {
    this.#runs.run(batch.runs);
    const count = batch.states.length / STATE_COLUMNS.length;
    for (let index = 0; index < count; index++) {
      const row = batch.states.slice(index * STATE_COLUMNS.length, (index + 1) * STATE_COLUMNS.length);
      if (this.#states.run(row) === 0) continue;
      this.#events.run(batch.events.slice(index * EVENT_COLUMNS.length, (index + 1) * EVENT_COLUMNS.length));
    }
  }
}
