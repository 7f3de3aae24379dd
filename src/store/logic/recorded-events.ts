/** Events of clients in batches, with the task runs that are built from them. */

import type { OutboxEvent } from '../../core/event.ts';
import type { TaskRunId } from '../../core/ids.ts';
import { naturalKeyOf } from '../../core/natural-key.ts';
import type { State } from '../../core/state.ts';
import { applyReport, reportedState, type TaskRunReport } from '../../core/task-run-report.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { EventStorage } from '../port/events.ts';
import { insertEvents } from './events.ts';
import { findByNaturalKey, writeTaskRunRow } from './prefect-client-task-runs.ts';
import { insertStates } from './states.ts';
import { findTaskRunById } from './task-runs.ts';
import { ShapesWithin, type TaskShapes } from './task-shapes.ts';

/** Call inside a transaction; returns for each event whether its id is new. */
export type InsertBatch = (db: Statements, events: readonly OutboxEvent[]) => Work<readonly boolean[]>;

/**
 * @param insertBatch the dialect's own way of inserting many events, for a dialect whose writers are exclusive from the
 * beginning. Default: runs first, events last, so that others wait for numbers as briefly as possible
 */
export function recordedEventsOn(
  database: Database,
  shapes: TaskShapes,
  insertBatch?: InsertBatch,
): Pick<EventStorage, 'recordEvents'> {
  return {
    recordEvents: (reports) =>
      database.write(function* (db) {
        const events = reports.map(({ event }) => event);
        const areNew = insertBatch ? yield* insertBatch(db, events) : yield* whichAreNew(db, events);
        const runs = new ReportedRuns(db, shapes);
        for (const [index, { taskRun }] of reports.entries()) {
          if (areNew[index] && taskRun !== null) yield* runs.report(taskRun);
        }
        yield* runs.write();
        if (!insertBatch)
          yield* insertEvents(
            db,
            events.filter((_, index) => areNew[index]),
          );
        return areNew;
      }),
  };
}

function* whichAreNew(db: Statements, events: readonly OutboxEvent[]): Work<readonly boolean[]> {
  const rows = yield* db.all<{ readonly id: IdValue }>(
    `SELECT id FROM event WHERE task_run_id IS NULL AND ${db.dialect.isOneOf('id', 'id')}`,
    db.dialect.list(
      'id',
      events.map(({ id }) => id),
    ),
  );
  const known = new Set(rows.map(({ id }) => readId(id)));
  return events.map(({ id }) => !known.has(id) && known.add(id) === known);
}

interface ReportedRun {
  readonly id: TaskRunId;
  run: TaskRun | null;
  isChanged: boolean;
  readonly states: State[];
}

/** The runs of one batch: each is read and written once, whatever number of its states the batch has. */
class ReportedRuns {
  readonly #db: Statements;
  readonly #shapes: ShapesWithin;
  readonly #byId = new Map<string, ReportedRun>();
  readonly #byNaturalKey = new Map<string, ReportedRun>();

  constructor(db: Statements, shapes: TaskShapes) {
    this.#db = db;
    this.#shapes = new ShapesWithin(db, shapes);
  }

  *report(report: TaskRunReport): Work<void> {
    const entry = yield* this.#entry(report);
    entry.states.push(reportedState(report, entry.id));
    const run = applyReport(entry.run, { ...report, id: entry.id });
    if (run === null) return;
    entry.run = run;
    entry.isChanged = true;
  }

  *write(): Work<void> {
    for (const { id, run, isChanged, states } of new Set(this.#byId.values())) {
      yield* insertStates(this.#db, 'task_run_state', uuidBytes(id), states);
      if (run !== null && isChanged) yield* writeTaskRunRow(this.#db, yield* this.#shapes.idOf(run), run);
    }
  }

  /** By the natural key first: another process may have begun the same run under another id. */
  *#entry(report: TaskRunReport): Work<ReportedRun> {
    const key = naturalKeyOf(report.flowRunId, report.taskKey, report.dynamicKey);
    const known = (key === null ? undefined : this.#byNaturalKey.get(key)) ?? this.#byId.get(report.id);
    const entry = known ?? (yield* this.#load(report.id, key));
    this.#byId.set(report.id, entry);
    this.#byId.set(entry.id, entry);
    if (key !== null) this.#byNaturalKey.set(key, entry);
    return entry;
  }

  *#load(id: TaskRunId, naturalKey: string | null): Work<ReportedRun> {
    const bytes = lookupBytes(id);
    const run =
      (naturalKey === null ? null : yield* findByNaturalKey(this.#db, naturalKey)) ??
      (bytes && (yield* findTaskRunById(this.#db, bytes)));
    return (run && this.#byId.get(run.id)) ?? { id: run?.id ?? id, run, isChanged: false, states: [] };
  }
}
