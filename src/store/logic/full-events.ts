/** Events in full. Rows in the compact form are put together from the rows of the run and its states. */

import { RESOURCE_ID, type Event, type RelatedResource, type ResourceLabels } from '../../core/event.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { EventId, StateId, TaskRunId } from '../../core/ids.ts';
import { stateEvent } from '../../core/run-event.ts';
import type { State } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import type { EventStorage, SequencedEvent } from '../port/events.ts';
import { lookupBytes, readId, readIdOrNull, uuidBytes } from '../id-value.ts';
import type { EventRow } from '../rows/event.ts';
import { eventRowsAfter } from './events.ts';
import { findFlowRun } from './flow-runs.ts';
import { listStates, type StateTable } from './states.ts';
import { findTaskRunById } from './task-runs.ts';

export function fullEventsOn(database: Database): Pick<EventStorage, 'readFullEvents'> {
  return {
    readFullEvents: (page) =>
      database.read(function* (db) {
        return yield* fullEvents(db, yield* eventRowsAfter(db, page));
      }),
  };
}

export function* fullEvents(db: Statements, rows: readonly EventRow[]): Work<readonly SequencedEvent[]> {
  const events: SequencedEvent[] = [];
  for (const row of rows) events.push(yield* fullEvent(db, row));
  return events;
}

function* fullEvent(db: Statements, row: EventRow): Work<SequencedEvent> {
  const { seq } = row;
  if (row.labels !== null) {
    return {
      ...fallbackEvent(row),
      seq,
      follows: readIdOrNull<EventId>(row.follows),
      resource: JSON.parse(row.labels) as ResourceLabels,
      related: row.related === null || row.related === '[]' ? [] : (JSON.parse(row.related) as RelatedResource[]),
    };
  }
  return { ...((yield* compactEvent(db, row)) ?? fallbackEvent(row)), seq };
}

/** The event from its row alone: the run was deleted since, or the resource has no rows. */
function fallbackEvent(row: EventRow): Event {
  const taskRun = readIdOrNull<TaskRunId>(row.task_run_id);
  return {
    id: readId<EventId>(row.id),
    name: taskRun === null ? row.name : `prefect.task-run.${row.name}`,
    occurred: row.occurred as Instant,
    received: (row.received ?? row.occurred) as Instant,
    follows: null,
    resource: { [RESOURCE_ID]: taskRun === null ? (row.resource_id ?? '') : `prefect.task-run.${taskRun}` },
    related: [],
    payload: row.payload ?? '{}',
  };
}

const FLOW_RUN_PREFIX = 'prefect.flow-run.';

function* compactEvent(db: Statements, row: EventRow): Work<Event | null> {
  const taskRunId = readIdOrNull<TaskRunId>(row.task_run_id);
  if (taskRunId !== null) return yield* taskStateEvent(db, taskRunId, readId<StateId>(row.id));
  if (row.payload !== null || !row.resource_id?.startsWith(FLOW_RUN_PREFIX)) return null;
  const run = yield* flowRunOf(db, row.resource_id.slice(FLOW_RUN_PREFIX.length));
  const found = run && (yield* stateAndPrevious(db, 'flow_run_state', run.id, readId<StateId>(row.id)));
  if (!run || !found) return null;
  return stateEvent({ kind: 'flow-run', run, ...found, flowRun: null, flow: { id: run.flowId, name: run.flowName } });
}

function* flowRunOf(db: Statements, id: string | null): Work<FlowRun | null> {
  const bytes = id === null ? null : lookupBytes(id);
  return bytes && (yield* findFlowRun(db, bytes));
}

function* taskStateEvent(db: Statements, id: TaskRunId, stateId: StateId): Work<Event | null> {
  const run = yield* findTaskRunById(db, uuidBytes(id));
  const found = run && (yield* stateAndPrevious(db, 'task_run_state', id, stateId));
  if (!run || !found) return null;
  const flowRun = yield* flowRunOf(db, run.flowRunId);
  return stateEvent({
    kind: 'task-run',
    run,
    ...found,
    flowRun,
    flow: flowRun && { id: flowRun.flowId, name: flowRun.flowName },
    payload: {
      task_run: {
        name: run.name,
        task_key: run.taskKey,
        dynamic_key: run.dynamicKey,
        tags: run.tags,
        run_count: run.runCount,
        flow_run_run_count: run.flowRunRunCount,
      },
    },
  });
}

function* stateAndPrevious(
  db: Statements,
  table: StateTable,
  runId: string,
  stateId: StateId,
): Work<{ readonly state: State; readonly previous: State | null } | null> {
  const states = yield* listStates(db, table, runId);
  const index = states.findIndex(({ id }) => id === stateId);
  const state = states[index];
  return state ? { state, previous: states[index - 1] ?? null } : null;
}
