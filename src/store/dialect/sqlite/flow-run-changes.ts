/** Making and moving a flow run, with all that is committed beside it. */

import type { OutboxEvent } from '../../../core/event.ts';
import type { Flow, FlowRun } from '../../../core/flow-run.ts';
import type { FlowRunId } from '../../../core/ids.ts';
import type { FlowRunChange, PlaceholderMove } from '../../port.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';
import { insertInput } from './flow-run-inputs.ts';
import { writeMove } from './flow-run-move.ts';
import { findByIdempotencyKey, findFlowRun, writeFlowRun } from './flow-runs.ts';
import { findFlow } from './flows.ts';
import { findTaskRun, insertStates, writeTaskRunRow } from './foreign-task-runs.ts';
import { insertFlowRunStates } from './states.ts';
import type { TaskShapes } from './task-shapes.ts';

export function insertFlowRun(
  connection: Connection, shapes: TaskShapes, run: FlowRun, events: readonly OutboxEvent[], placeholder: PlaceholderMove | undefined,
): { readonly run: FlowRun; readonly created: boolean } {
  return connection.write(() => {
    const found = findFlowRun(connection, uuidBytes(run.id)) ?? findByIdempotencyKey(connection, run);
    if (found) return { run: found, created: false };
    writeFlowRun(connection, run);
    movePlaceholder(connection, shapes, placeholder);
    insertEvents(connection, events);
    return { run, created: true };
  });
}

export function changeFlowRun<Answer>(
  connection: Connection, shapes: TaskShapes, id: FlowRunId, change: (run: FlowRun | null, flow: Flow | null) => FlowRunChange<Answer>,
): Answer {
  return connection.write(() => {
    const bytes = lookupBytes(id);
    const found = bytes && findFlowRun(connection, bytes);
    const flow = found && findFlow(connection, uuidBytes(found.flowId));
    const { run, states = [], events = [], inputs = [], placeholder, answer } = change(found, flow);
    if (bytes && states.length > 0) insertFlowRunStates(connection, bytes, states);
    if (run) {
      const isWritten = found !== null && states.includes(run.state) && writeMove(connection, found, run);
      if (!isWritten) writeFlowRun(connection, run);
    }
    for (const input of inputs) insertInput(connection, input);
    movePlaceholder(connection, shapes, placeholder);
    insertEvents(connection, events);
    return answer;
  });
}

function movePlaceholder(connection: Connection, shapes: TaskShapes, placeholder: PlaceholderMove | undefined): void {
  if (placeholder === undefined) return;
  const { run, events } = placeholder.move(findTaskRun(connection, { id: placeholder.id, naturalKey: null, flowRunId: null }));
  if (run !== null) {
    insertStates(connection, uuidBytes(run.id), [run.state]);
    writeTaskRunRow(connection, shapes.idWithin(run), run);
  }
  insertEvents(connection, events);
}
