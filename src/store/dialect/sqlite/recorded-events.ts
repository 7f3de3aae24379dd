/** Events of clients in batches, with the task runs that are built from them. */

import type { TaskRunId } from '../../../core/ids.ts';
import { naturalKeyOf } from '../../../core/natural-key.ts';
import type { State } from '../../../core/state.ts';
import { applyReport, reportedState, type TaskRunReport } from '../../../core/task-run-report.ts';
import type { TaskRun } from '../../../core/task-run.ts';
import type { EventReport } from '../../port/events.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import { readTaskRunRow, taskShapeOf, type TaskRunRow } from '../../rows/task-run.ts';
import type { Connection } from './connection.ts';
import { EventInserter } from './events.ts';
import { insertStates, writeTaskRunRow } from './foreign-task-runs.ts';
import { SELECT_TASK_RUN } from './task-runs.ts';
import type { TaskShapes } from './task-shapes.ts';

/** See `EventStorage.recordEvents`. */
export function eventRecorder(connection: Connection, shapes: TaskShapes): (reports: readonly EventReport[]) => readonly boolean[] {
  let inserter: EventInserter | null = null;
  return (reports) =>
    connection.write(() => {
      inserter ??= new EventInserter(connection);
      const areNew = inserter.insert(reports.map(({ event }) => event));
      const runs = new ReportedRuns(connection, shapes);
      reports.forEach(({ taskRun }, index) => {
        if (areNew[index] && taskRun !== null) runs.report(taskRun);
      });
      runs.write();
      return areNew;
    });
}

interface ReportedRun {
  readonly id: TaskRunId;
  run: TaskRun | null;
  isChanged: boolean;
  readonly states: State[];
}

/** The runs of one batch: each is read once and written once, however many of its states the batch brings. */
class ReportedRuns {
  readonly #connection: Connection;
  readonly #shapes: TaskShapes;
  readonly #byId = new Map<string, ReportedRun>();
  readonly #byNaturalKey = new Map<string, ReportedRun>();
  readonly #shapeIds = new Map<string, number>();

  constructor(connection: Connection, shapes: TaskShapes) {
    this.#connection = connection;
    this.#shapes = shapes;
  }

  report(report: TaskRunReport): void {
    const entry = this.#entry(report);
    entry.states.push(reportedState(report, entry.id));
    const run = applyReport(entry.run, { ...report, id: entry.id });
    if (run === null) return;
    entry.run = run;
    entry.isChanged = true;
  }

  write(): void {
    for (const { id, run, isChanged, states } of new Set(this.#byId.values())) {
      insertStates(this.#connection, uuidBytes(id), states);
      if (run !== null && isChanged) writeTaskRunRow(this.#connection, this.#shapeId(run), run);
    }
  }

  /** By the natural key first: another process may have begun the same run under another id. */
  #entry(report: TaskRunReport): ReportedRun {
    const key = naturalKeyOf(report.flowRunId, report.taskKey, report.dynamicKey);
    const known = (key === null ? undefined : this.#byNaturalKey.get(key)) ?? this.#byId.get(report.id);
    const entry = known ?? this.#load(report.id, key);
    this.#byId.set(report.id, entry);
    this.#byId.set(entry.id, entry);
    if (key !== null) this.#byNaturalKey.set(key, entry);
    return entry;
  }

  #load(id: TaskRunId, naturalKey: string | null): ReportedRun {
    const row =
      (naturalKey === null ? undefined : this.#connection.statement(`${SELECT_TASK_RUN} WHERE task_run.natural_key = ?`).get(naturalKey)) ??
      this.#connection.statement(`${SELECT_TASK_RUN} WHERE task_run.id = ?`).get(lookupBytes(id));
    const run = row ? readTaskRunRow(row as unknown as TaskRunRow) : null;
    return (run && this.#byId.get(run.id)) ?? { id: run?.id ?? id, run, isChanged: false, states: [] };
  }

  /** A shape may be new, and the batch may be taken back: what is known of it ends with the batch. */
  #shapeId(run: TaskRun): number {
    const body = JSON.stringify(taskShapeOf(run));
    let id = this.#shapeIds.get(body);
    if (id === undefined) this.#shapeIds.set(body, (id = this.#shapes.idWithin(run)));
    return id;
  }
}
