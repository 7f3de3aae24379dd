/**
 * The hot path: a batch of task runs as parameters, and the statements that insert them.
 *
 * 1. The two halves are apart so that a benchmark can time the statements alone, on the same rows in the same batches.
 * 2. Nearly every task run goes straight: it is pending, runs and completes, and nothing is said about any of it. What
 *    is the same in all of these stands in the statement: of 56 values a run 18 need not be bound (measured: 0.4 µs of
 *    21 a task).
 */

import { DEFAULT_STATE_NAMES, type State } from '../../../core/state.ts';
import type { TaskRun, TaskRunRecord } from '../../../core/task-run.ts';
import { insertTaskRuns, TASK_RUN_COLUMNS } from '../../logic/task-run-batch.ts';
import { stateBody } from '../../rows/state.ts';
import { taskInputsText } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';
import { boundRow, KeptIds, RowInserter, Rows } from './row-inserter.ts';

const STATE_COLUMNS = ['run_id', 'id', 'timestamp', 'type', 'name', 'message', 'body'] as const;
const EVENT_COLUMNS = ['task_run_id', 'id', 'occurred', 'name'] as const;

/** Text of rows in a statement; for a plain success all three states, and all three events, at once. */
interface RowTexts {
  readonly runs: string;
  readonly states: string;
  readonly events: string;
}

const STRAIGHT: RowTexts = {
  runs: `(${'?, '.repeat(TASK_RUN_COLUMNS.length - 4)}NULL, NULL, 'COMPLETED', 'Completed')`,
  states:
    "(?, ?, ?, 'PENDING', 'Pending', NULL, NULL), (?, ?, ?, 'RUNNING', 'Running', NULL, NULL), (?, ?, ?, 'COMPLETED', 'Completed', NULL, ?)",
  events: "(?, ?, ?, 'Pending'), (?, ?, ?, 'Running'), (?, ?, ?, 'Completed')",
};
const OTHERS: RowTexts = {
  runs: boundRow(TASK_RUN_COLUMNS.length),
  states: boundRow(STATE_COLUMNS.length),
  events: boundRow(EVENT_COLUMNS.length),
};

/** Values of rows, end to end, ready to be bound. */
class RunRows {
  readonly runs: Rows;
  readonly states: Rows;
  /** One event for each row of `states`, in the same order. */
  readonly events: Rows;

  constructor({ runs, states, events }: RowTexts) {
    this.runs = new Rows(runs);
    this.states = new Rows(states);
    this.events = new Rows(events);
  }

  clear(): void {
    this.runs.clear();
    this.states.clear();
    this.events.clear();
  }
}

/** Runs that follow each other in a batch. */
interface Segment {
  readonly kind: 'straight' | 'others';
  readonly runs: number;
  /** Number of rows in `RunRows`, where the rows of a plain success count as one. */
  readonly stateRows: number;
  readonly states: number;
}

/** Valid until the next batch is encoded, which reuses the memory of ids. */
export interface TaskRunBatch {
  /** In the order of the records, which is that of their events. */
  readonly segments: Segment[];
  readonly straight: RunRows;
  readonly others: RunRows;
}

/** Fewer plain successes between other runs are not worth statements of their own. */
const STRETCH_RUNS_MIN = 4;
const STRAIGHT_STATES_COUNT = 3;

/** Encodes batches; the memory of one batch is reused for the next. */
export class TaskRunEncoder {
  readonly #batch: TaskRunBatch = { segments: [], straight: new RunRows(STRAIGHT), others: new RunRows(OTHERS) };
  readonly #ids = new KeptIds();
  /** Cached, since most records of a batch belong to one flow run, and many tasks have one parent. */
  #lastFlowRun: { text: string; bytes: Uint8Array } | null = null;

  encode(records: readonly TaskRunRecord[], shapeIdOf: (run: TaskRun) => number): TaskRunBatch {
    this.#clear();
    for (let first = 0; first < records.length;) {
      let end = first;
      while (end < records.length && isPlainSuccess(records[end] as TaskRunRecord)) end += 1;
      if (end - first >= STRETCH_RUNS_MIN) {
        for (let index = first; index < end; index += 1) this.#putStraight(records[index] as TaskRunRecord, shapeIdOf);
        const runs = end - first;
        this.#batch.segments.push({ kind: 'straight', runs, stateRows: runs, states: STRAIGHT_STATES_COUNT * runs });
      } else {
        end = Math.max(end, first + 1);
        this.#putOthers(records.slice(first, end), shapeIdOf);
      }
      first = end;
    }
    return this.#batch;
  }

  /** Encodes the batch in the form that fits any run: every value bound. */
  encodePlain(records: readonly TaskRunRecord[], shapeIdOf: (run: TaskRun) => number): TaskRunBatch {
    this.#clear();
    this.#putOthers(records, shapeIdOf);
    return this.#batch;
  }

  #clear(): void {
    const { segments, straight, others } = this.#batch;
    segments.length = 0;
    straight.clear();
    others.clear();
    this.#ids.clear();
    this.#lastFlowRun = null;
  }

  #putStraight({ run, states: [pending, running] }: TaskRunRecord, shapeIdOf: (run: TaskRun) => number): void {
    const { runs, states, events } = this.#batch.straight;
    const id = this.#ids.bytes(run.id);
    const stateId = this.#ids.bytes(run.state.id);
    this.#putRun(runs, run, id, stateId, shapeIdOf(run));
    for (const state of [pending as State, running as State, run.state]) {
      const bytes = state === run.state ? stateId : this.#ids.bytes(state.id);
      putState(states, id, bytes, state.timestamp);
      putState(events, id, bytes, state.timestamp);
    }
    states.put(stateBody(run.state));
  }

  #putOthers(records: readonly TaskRunRecord[], shapeIdOf: (run: TaskRun) => number): void {
    const { segments, others } = this.#batch;
    const statesBefore = others.states.count;
    for (const record of records) {
      const { run } = record;
      const id = this.#ids.bytes(run.id);
      const stateId = this.#ids.bytes(run.state.id);
      this.#putRun(others.runs, run, id, stateId, shapeIdOf(run));
      others.runs.put(run.cache === null ? null : JSON.stringify(run.cache));
      others.runs.put(run.participation === undefined ? null : JSON.stringify(run.participation));
      others.runs.put(run.state.type);
      others.runs.put(run.state.name);
      let hasCurrent = false;
      for (const state of record.states) {
        const isCurrent = state.id === run.state.id;
        hasCurrent ||= isCurrent;
        this.#putOther(id, isCurrent ? stateId : this.#ids.bytes(state.id), state);
      }
      // A record may leave out states that were sent before; the current one is needed to read the run's row.
      if (!hasCurrent) this.#putOther(id, stateId, run.state);
    }
    const states = others.states.count - statesBefore;
    segments.push({ kind: 'others', runs: records.length, stateRows: states, states });
  }

  #putRun(runs: Rows, run: TaskRun, id: Uint8Array, stateId: Uint8Array, shapeId: number): void {
    runs.put(id);
    runs.put(this.#flowRunId(run.flowRunId));
    runs.put(run.parentTaskRunId === null ? null : this.#ids.bytes(run.parentTaskRunId));
    runs.put(shapeId);
    runs.put(run.name);
    runs.put(run.dynamicKey);
    runs.put(run.step);
    runs.put(taskInputsText(run.inputs));
    runs.put(stateId);
    runs.put(run.state.timestamp);
    runs.put(run.runCount);
    runs.put(run.flowRunRunCount);
    runs.put(run.createdAt);
    runs.put(run.startTime);
    runs.put(run.endTime);
    runs.put(run.totalRunTimeUs);
    runs.put(run.processId === null ? null : this.#ids.bytes(run.processId));
    runs.put(run.item === undefined ? null : run.item.index);
    runs.put(run.item === undefined ? null : run.item.input);
  }

  #putOther(runId: Uint8Array, id: Uint8Array, state: State): void {
    const { states, events } = this.#batch.others;
    putState(states, runId, id, state.timestamp);
    states.put(state.type);
    states.put(state.name);
    states.put(state.message);
    states.put(stateBody(state));
    putState(events, runId, id, state.timestamp);
    events.put(state.name);
  }

  #flowRunId(text: string | null): Uint8Array | null {
    if (text === null) return null;
    if (this.#lastFlowRun?.text !== text) this.#lastFlowRun = { text, bytes: this.#ids.bytes(text) };
    return this.#lastFlowRun.bytes;
  }
}

/** The first columns of rows of states and events. */
function putState(rows: Rows, runId: Uint8Array, id: Uint8Array, timestamp: number): void {
  rows.put(runId);
  rows.put(id);
  rows.put(timestamp);
}

function isPlainSuccess({ run, states }: TaskRunRecord): boolean {
  const [pending, running, completed] = states;
  return (
    states.length === STRAIGHT_STATES_COUNT &&
    completed === run.state &&
    run.cache === null &&
    run.participation === undefined &&
    isBare(pending as State, 'PENDING') &&
    isBare(running as State, 'RUNNING') &&
    stateBody(pending as State) === null &&
    stateBody(running as State) === null &&
    isBare(run.state, 'COMPLETED')
  );
}

/** Whether the state has neither name nor message of its own. */
function isBare({ type, name, message }: State, expected: 'PENDING' | 'RUNNING' | 'COMPLETED'): boolean {
  return type === expected && name === DEFAULT_STATE_NAMES[expected] && message === null;
}

const insertStates = (rows: string): string =>
  `INSERT OR IGNORE INTO task_run_state (${STATE_COLUMNS.join(', ')}) VALUES ${rows}`;
const insertEvents = (rows: string): string => `INSERT INTO event (${EVENT_COLUMNS.join(', ')}) VALUES ${rows}`;

/** Rows in one statement, largest first; the last one must be 1. */
const RUN_ROWS = [16, 4, 1];
const STATE_ROWS = [48, 12, 3, 1];

interface RunInserters {
  readonly runs: RowInserter;
  readonly states: RowInserter;
  readonly events: RowInserter;
}

export class TaskRunStatements {
  readonly #into: Readonly<Record<Segment['kind'], RunInserters>>;

  constructor(connection: Connection) {
    const inserters = ({ runs, states, events }: RowTexts, stateRows: readonly number[]): RunInserters => ({
      runs: new RowInserter(connection, runs, insertTaskRuns, RUN_ROWS),
      states: new RowInserter(connection, states, insertStates, stateRows),
      events: new RowInserter(connection, events, insertEvents, stateRows),
    });
    this.#into = { straight: inserters(STRAIGHT, RUN_ROWS), others: inserters(OTHERS, STATE_ROWS) };
  }

  /**
   * The usual case: no state was written before.
   * @returns `false` when one was: the transaction must be rolled back
   */
  insertNew(batch: TaskRunBatch): boolean {
    const begun = { straight: { runs: 0, states: 0 }, others: { runs: 0, states: 0 } };
    for (const { kind, runs, stateRows, states } of batch.segments) {
      const [rows, into, at] = [batch[kind], this.#into[kind], begun[kind]];
      into.runs.run(rows.runs, at.runs, runs);
      if (into.states.run(rows.states, at.states, stateRows) !== states) return false;
      into.events.run(rows.events, at.states, stateRows);
      at.runs += runs;
      at.states += stateRows;
    }
    return true;
  }

  /** A batch that was partly written before: inserts state by state, with events for the new ones only. */
  insertMissing({ others }: TaskRunBatch): void {
    const { runs, states, events } = this.#into.others;
    runs.run(others.runs);
    for (let index = 0; index < others.states.count; index++) {
      if (states.run(others.states, index, 1) > 0) events.run(others.events, index, 1);
    }
  }
}
