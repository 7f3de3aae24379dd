/** Events in full. Rows in the thin form are put together from the rows of the run and its states. */

import { RESOURCE_ID, type Event, type RelatedResource, type ResourceLabels } from '../../../core/event.ts';
import type { EventId, FlowRunId, StateId, TaskRunId } from '../../../core/ids.ts';
import { stateEvent } from '../../../core/run-event.ts';
import type { State } from '../../../core/state.ts';
import type { Instant } from '../../../core/time.ts';
import type { SequencedEvent } from '../../port/events.ts';
import { readId, readIdOrNull } from '../../id-value.ts';
import type { EventRow } from '../../rows/event.ts';
import type { Connection } from './connection.ts';
import { eventRowsAfter } from './events.ts';
import { readFlowRun } from './flow-runs.ts';
import { listStates } from './states.ts';
import { readTaskRun } from './task-runs.ts';

export function readWholeEvents(
  connection: Connection, page: { readonly afterSeq: number; readonly limit: number },
): readonly SequencedEvent[] {
  return eventRowsAfter(connection, page).map((row) => wholeEvent(connection, row));
}

export function wholeEvent(connection: Connection, row: EventRow): SequencedEvent {
  const { seq } = row;
  if (row.labels !== null) {
    return {
      ...spareEvent(row), seq,
      follows: readIdOrNull<EventId>(row.follows),
      resource: JSON.parse(row.labels) as ResourceLabels,
      related: row.related === null || row.related === '[]' ? [] : (JSON.parse(row.related) as RelatedResource[]),
    };
  }
  const event = thinEvent(connection, row);
  return { ...(event ?? spareEvent(row)), seq };
}

/** What the row alone says: of a run that was deleted since, or of a thing that has no rows. */
function spareEvent(row: EventRow): Event {
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

function thinEvent(connection: Connection, row: EventRow): Event | null {
  const taskRunId = readIdOrNull<TaskRunId>(row.task_run_id);
  if (taskRunId !== null) return taskStateEvent(connection, taskRunId, readId<StateId>(row.id));
  if (row.payload !== null || !row.resource_id?.startsWith(FLOW_RUN_PREFIX)) return null;
  const run = readFlowRun(connection, row.resource_id.slice(FLOW_RUN_PREFIX.length) as FlowRunId);
  const found = run && stateAndPrevious(connection, 'flow_run_state', run.id, readId<StateId>(row.id));
  if (!run || !found) return null;
  return stateEvent({ kind: 'flow-run', run, ...found, flowRun: null, flow: { id: run.flowId, name: run.flowName } });
}

function taskStateEvent(connection: Connection, id: TaskRunId, stateId: StateId): Event | null {
  const run = readTaskRun(connection, id);
  const found = run && stateAndPrevious(connection, 'task_run_state', id, stateId);
  if (!run || !found) return null;
  const flowRun = run.flowRunId === null ? null : readFlowRun(connection, run.flowRunId);
  return stateEvent({
    kind: 'task-run', run, ...found, flowRun,
    flow: flowRun && { id: flowRun.flowId, name: flowRun.flowName },
    payload: {
      task_run: {
        name: run.name, task_key: run.taskKey, dynamic_key: run.dynamicKey, tags: run.tags, run_count: run.runCount,
        flow_run_run_count: run.flowRunRunCount,
      },
    },
  });
}

function stateAndPrevious(
  connection: Connection, table: 'flow_run_state' | 'task_run_state', runId: string, stateId: StateId,
): { readonly state: State; readonly previous: State | null } | null {
  const states = listStates(connection, table, runId);
  const index = states.findIndex(({ id }) => id === stateId);
  const state = states[index];
  return state ? { state, previous: states[index - 1] ?? null } : null;
}
