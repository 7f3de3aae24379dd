/** Task runs that other clients move over the API: one at a time, found by id or by their natural key. */

import type { State } from '../../core/state.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { idOrNull, lookupBytes, uuidBytes } from '../id-value.ts';
import type { RunStorage, TaskContextFor, TaskRunChange, TaskRunNeeds } from '../port.ts';
import type { TaskNeedsOf } from '../port/task-run-context.ts';
import { readTaskRunRow, taskInputsText } from '../rows/task-run.ts';
import { giveBackSlots, writeSlots } from './concurrency.ts';
import { insertEvents } from './events.ts';
import { retireLogNumbers } from './logs.ts';
import { insertStates } from './states.ts';
import { keepCachedState } from './task-results.ts';
import { loadTaskContext } from './task-run-context.ts';
import { findTaskRunById, SELECT_TASK_RUN } from './task-runs.ts';
import type { TaskShapes } from './task-shapes.ts';

type Key = Parameters<RunStorage['changeTaskRun']>[0];

export function prefectClientTaskRunsOn(
  database: Database,
  shapes: TaskShapes,
): Pick<RunStorage, 'changeTaskRun' | 'deleteTaskRun'> {
  return {
    changeTaskRun: (key, needs, change) => database.write((db) => changeTaskRun(db, shapes, key, needs, change)),
    deleteTaskRun(id, event) {
      const bytes = lookupBytes(id);
      if (bytes === null) return false;
      return database.write(function* (db) {
        if ((yield* db.run('DELETE FROM task_run WHERE id = ?', bytes)) === 0) return false;
        yield* giveBackSlots(db, bytes);
        yield* retireLogNumbers(db);
        for (const deletion of DELETIONS) yield* db.run(deletion, bytes);
        yield* insertEvents(db, [event]);
        return true;
      });
    },
  };
}

const BY_NATURAL_KEY = `${SELECT_TASK_RUN} WHERE task_run.natural_key = ?`;

const COLUMNS = [
  'id',
  'flow_run_id',
  'parent_task_run_id',
  'shape_id',
  'name',
  'dynamic_key',
  'step',
  'inputs',
  'cache',
  'state_id',
  'state_type',
  'state_name',
  'state_timestamp',
  'run_count',
  'flow_run_run_count',
  'created_at',
  'start_time',
  'end_time',
  'total_run_time_us',
  'natural_key',
  'expected_start_time',
  'foreign_fields',
  'process_id',
] as const;

const WRITE =
  `INSERT INTO task_run (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')}) ` +
  `ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

const DELETIONS = [
  'DELETE FROM task_run_state WHERE run_id = ?',
  'DELETE FROM log WHERE task_run_id = ?',
  'DELETE FROM artifact WHERE task_run_id = ?',
];

function* changeTaskRun<Answer, Needs extends TaskRunNeeds>(
  db: Statements,
  shapes: TaskShapes,
  key: Key,
  needs: TaskNeedsOf<Needs>,
  change: (run: TaskRun | null, context: TaskContextFor<Needs>) => TaskRunChange<Answer>,
): Work<Answer> {
  const found = yield* findTaskRun(db, key);
  const {
    run,
    states = [],
    events = [],
    cached,
    slots,
    answer,
  } = change(found, yield* loadTaskContext(db, { id: key.id, flowRunId: key.flowRunId, found }, needs));
  if (run) yield* writePrefectClientTaskRun(db, shapes, run, states);
  if (run && cached) yield* keepCachedState(db, run, cached);
  else if (found && states.length > 0) yield* insertStates(db, 'task_run_state', uuidBytes(found.id), states);
  if (slots) yield* writeSlots(db, slots);
  yield* insertEvents(db, events);
  return answer;
}

export function* findTaskRun(db: Statements, key: Key): Work<TaskRun | null> {
  const id = lookupBytes(key.id);
  const run = id && (yield* findTaskRunById(db, id));
  return run ?? (key.naturalKey === null ? null : yield* findByNaturalKey(db, key.naturalKey));
}

export function findByNaturalKey(db: Statements, naturalKey: string): Work<TaskRun | null> {
  return db.one(BY_NATURAL_KEY, readTaskRunRow, naturalKey);
}

function* writePrefectClientTaskRun(
  db: Statements,
  shapes: TaskShapes,
  run: TaskRun,
  states: readonly State[],
): Work<void> {
  const { state } = run;
  yield* insertStates(
    db,
    'task_run_state',
    uuidBytes(run.id),
    states.some((each) => each.id === state.id) ? states : [...states, state],
  );
  yield* writeTaskRunRow(db, yield* shapes.idWithin(db, run), run);
}

/** Call inside a transaction. Writes the run's row only, without its states. */
export function* writeTaskRunRow(db: Statements, shapeId: number, run: TaskRun): Work<void> {
  const { state, prefectClient } = run;
  yield* db.run(
    WRITE,
    uuidBytes(run.id),
    idOrNull(run.flowRunId),
    idOrNull(run.parentTaskRunId),
    shapeId,
    run.name,
    run.dynamicKey,
    run.step,
    taskInputsText(run.inputs),
    run.cache === null ? null : JSON.stringify(run.cache),
    uuidBytes(state.id),
    state.type,
    state.name,
    state.timestamp,
    run.runCount,
    run.flowRunRunCount,
    run.createdAt,
    run.startTime,
    run.endTime,
    run.totalRunTimeUs,
    prefectClient?.naturalKey ?? null,
    prefectClient?.expectedStartTime ?? null,
    prefectClient === null ? null : JSON.stringify(prefectClient),
    idOrNull(run.processId),
  );
}
