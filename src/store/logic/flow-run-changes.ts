/** Creates and changes flow runs, with everything that is committed with them. */

import type { FlowRun } from '../../core/flow-run.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, uuidBytes } from '../id-value.ts';
import type { FlowRunChange, PlaceholderMove, RunStorage } from '../port.ts';
import type { ContextFor, FlowRunNeeds, NeedsOf } from '../port/flow-run-context.ts';
import { writeSlots } from './concurrency.ts';
import { insertEvents } from './events.ts';
import { loadContext } from './flow-run-context.ts';
import { deleteInput, insertInput } from '../nouns/flow-run-input.ts';
import { writeMove } from './flow-run-move.ts';
import { findByIdempotencyKey, findFlowRun, writeFlowRun } from './flow-runs.ts';
import { findTaskRun, writeTaskRunRow } from './prefect-client-task-runs.ts';
import { writeProcess } from './processes.ts';
import { insertState, rewordState } from './states.ts';
import type { TaskShapes } from './task-shapes.ts';

export function flowRunChangesOn(
  database: Database,
  shapes: TaskShapes,
): Pick<RunStorage, 'insertFlowRun' | 'changeFlowRun'> {
  return {
    insertFlowRun: (run, events, placeholder) =>
      database.write((db) => insertFlowRun(db, shapes, run, events, placeholder)),
    changeFlowRun: (id, needs, change) => database.write((db) => changeFlowRun(db, shapes, id, needs, change)),
  };
}

function* insertFlowRun(
  db: Statements,
  shapes: TaskShapes,
  run: FlowRun,
  events: readonly OutboxEvent[],
  placeholder: PlaceholderMove | undefined,
): Work<{ readonly run: FlowRun; readonly created: boolean }> {
  const found = (yield* findFlowRun(db, uuidBytes(run.id))) ?? (yield* findByIdempotencyKey(db, run));
  if (found) return { run: found, created: false };
  yield* writeFlowRun(db, run);
  yield* insertEvents(
    db,
    placeholder === undefined ? events : [...(yield* movePlaceholder(db, shapes, placeholder)), ...events],
  );
  return { run, created: true };
}

function* changeFlowRun<Answer, Needs extends FlowRunNeeds>(
  db: Statements,
  shapes: TaskShapes,
  id: FlowRunId,
  needs: NeedsOf<Needs>,
  change: (run: FlowRun | null, context: ContextFor<Needs>) => FlowRunChange<Answer>,
): Work<Answer> {
  const bytes = lookupBytes(id);
  const found = bytes && (yield* findFlowRun(db, bytes));
  const changes = change(found, yield* loadContext(db, found, needs));
  const { run, states = [], events = [], inputs = [], forgottenInputs = [], placeholder, slots, answer } = changes;
  const { reworded, process } = changes;
  if (process) yield* writeProcess(db, process);
  if (bytes) for (const state of states) yield* insertState(db, 'flow_run_state', bytes, state);
  if (run) {
    const isWritten = found !== null && states.includes(run.state) && (yield* writeMove(db, found, run));
    if (!isWritten) yield* writeFlowRun(db, run);
  }
  if (bytes && reworded) {
    yield* rewordState(db, 'flow_run_state', bytes, reworded);
    db.forgetFlowRun(id);
  }
  if (slots) yield* writeSlots(db, slots);
  for (const input of inputs) yield* insertInput(db, input);
  for (const key of bytes ? forgottenInputs : []) yield* deleteInput(db, bytes, key);
  yield* insertEvents(
    db,
    placeholder === undefined ? events : [...(yield* movePlaceholder(db, shapes, placeholder)), ...events],
  );
  return answer;
}

/** Returns the events to insert. */
function* movePlaceholder(
  db: Statements,
  shapes: TaskShapes,
  placeholder: PlaceholderMove,
): Work<readonly OutboxEvent[]> {
  const { run, events } = placeholder.move(
    yield* findTaskRun(db, { id: placeholder.id, naturalKey: null, flowRunId: null }),
  );
  if (run !== null) {
    yield* insertState(db, 'task_run_state', uuidBytes(run.id), run.state);
    yield* writeTaskRunRow(db, yield* shapes.idWithin(db, run), run);
  }
  return events;
}
