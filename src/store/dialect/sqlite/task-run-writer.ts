/** Writes batches of task runs: see `RunStorage.writeTaskRuns`. The statements are in `task-run-batch.ts`. */

import type { LogRecord } from '../../../core/log.ts';
import type { TaskRun, TaskRunRecord } from '../../../core/task-run.ts';
import { insertLogs } from '../../logic/logs.ts';
import type { TaskShapes } from '../../logic/task-shapes.ts';
import type { Statements } from '../../driver.ts';
import type { Connection } from './connection.ts';
import { settled, statementsOn } from './statements.ts';
import { TaskRunEncoder, TaskRunStatements, type TaskRunBatch } from './task-run-batch.ts';
import { ROLL_BACK } from './transactions.ts';

export class TaskRunWriter {
  readonly #connection: Connection;
  readonly #statements: TaskRunStatements;
  readonly #shapes: TaskShapes;
  readonly #encoder = new TaskRunEncoder();
  readonly #db: Statements;
  readonly #shapeIdOf = (run: TaskRun): number => this.#shapes.known(run) ?? this.#learnShape(run);

  constructor(connection: Connection, shapes: TaskShapes) {
    this.#connection = connection;
    this.#db = statementsOn(connection);
    this.#statements = new TaskRunStatements(connection);
    this.#shapes = shapes;
  }

  write(records: readonly TaskRunRecord[], logs: readonly LogRecord[]): void {
    if (records.length === 0 && logs.length === 0) return;
    const batch = this.#encoder.encode(records, this.#shapeIdOf);
    const outcome = this.#connection.write(() => {
      if (!this.#statements.insertNew(batch)) return ROLL_BACK;
      settled(insertLogs(this.#db, logs));
      return undefined;
    });
    if (outcome !== ROLL_BACK) return;
    const plain = this.encodePlain(records);
    this.#connection.write(() => {
      this.#statements.insertMissing(plain);
      settled(insertLogs(this.#db, logs));
    });
  }

  /** The rows of these records; inserts their shapes. */
  encodePlain(records: readonly TaskRunRecord[]): TaskRunBatch {
    return this.#encoder.encodePlain(records, this.#shapeIdOf);
  }

  /** The statements alone, as one transaction, without our code around them: for a benchmark. */
  insertBare(batch: TaskRunBatch): void {
    this.#connection.write(() => this.#statements.insertNew(batch));
  }

  /** Inserts the shape before the batch, in a transaction of its own: a cached shape must not be rolled back. */
  #learnShape(run: TaskRun): number {
    const found = this.#connection.read(() => settled(this.#shapes.find(this.#db, run)));
    const id = found ?? this.#connection.write(() => settled(this.#shapes.idWithin(this.#db, run)));
    this.#shapes.remember(run, id);
    return id;
  }
}
