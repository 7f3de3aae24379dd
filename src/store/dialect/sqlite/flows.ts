/** Flows: the named things that runs are runs of. */

import type { OutboxEvent } from '../../../core/event.ts';
import type { Flow } from '../../../core/flow-run.ts';
import type { FlowId } from '../../../core/ids.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import { readFlowRow, type FlowRow } from '../../rows/flow-run.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';
import { forgetFlowRuns } from './flow-run-memory.ts';
import { removeFlowRun } from './flow-runs.ts';

const SELECT_FLOW = 'SELECT id, name, tags, labels, description, created_at, updated_at FROM flow';

export function ensureFlow(connection: Connection, name: string, make: () => Flow, event?: (flow: Flow) => OutboxEvent): Flow {
  return connection.read(() => findByName(connection, name)) ?? connection.write(() => {
    const found = findByName(connection, name);
    if (found) return found;
    const flow = make();
    connection
      .statement('INSERT INTO flow (id, name, tags, labels, description, created_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(uuidBytes(flow.id), flow.name, JSON.stringify(flow.tags), JSON.stringify(flow.labels), flow.description ?? null, flow.createdAt);
    if (event) insertEvents(connection, [event(flow)]);
    return flow;
  });
}

function findByName(connection: Connection, name: string): Flow | null {
  const row = connection.statement(`${SELECT_FLOW} WHERE name = ?`).get(name);
  return row ? readFlowRow(row as unknown as FlowRow) : null;
}

export function findFlow(connection: Connection, id: Uint8Array): Flow | null {
  const row = connection.statement(`${SELECT_FLOW} WHERE id = ?`).get(id);
  return row ? readFlowRow(row as unknown as FlowRow) : null;
}

export function readFlow(connection: Connection, id: FlowId): Flow | null {
  const bytes = lookupBytes(id);
  return bytes && connection.read(() => findFlow(connection, bytes));
}

export function changeFlow<Answer>(
  connection: Connection, id: FlowId,
  change: (flow: Flow | null) => { readonly flow?: Flow | null; readonly event?: OutboxEvent; readonly answer: Answer },
): Answer {
  return connection.write(() => {
    const bytes = lookupBytes(id);
    const { flow, event, answer } = change(bytes && findFlow(connection, bytes));
    if (bytes && flow === null) removeFlow(connection, bytes);
    else if (bytes && flow) {
      forgetFlowRuns(connection);
      connection
        .statement('UPDATE flow SET name = ?, tags = ?, labels = ?, description = ?, updated_at = ? WHERE id = ?')
        .run(flow.name, JSON.stringify(flow.tags), JSON.stringify(flow.labels), flow.description ?? null, flow.updatedAt ?? null, bytes);
    }
    if (event) insertEvents(connection, [event]);
    return answer;
  });
}

function removeFlow(connection: Connection, id: Uint8Array): void {
  const runs = connection.statement('SELECT id FROM flow_run WHERE flow_id = ?').all(id) as unknown as readonly { readonly id: Uint8Array }[];
  for (const run of runs) removeFlowRun(connection, run.id);
  connection.statement('DELETE FROM flow WHERE id = ?').run(id);
}
