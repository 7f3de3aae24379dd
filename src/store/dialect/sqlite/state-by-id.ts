/**
 * States by their id alone. Those of flow runs have an index. Task runs have hundreds of times as many, and an index would
 * cost every step: their state is looked for where its event says it is, and only then among all.
 */

import type { StateId } from '../../../core/ids.ts';
import type { State } from '../../../core/state.ts';
import { lookupBytes, readId } from '../../id-value.ts';
import { readState as readStateRow, type StateRow } from '../../rows/state.ts';
import type { Connection } from './connection.ts';

const COLUMNS = 'run_id, id AS state_id, type AS state_type, name AS state_name, timestamp AS state_timestamp, message AS state_message, body AS state_body';
/** Ids are made when their state is, or moments later. */
const EVENT_SPAN_US = 500_000;
const TASK_RUN_RESOURCE = 'prefect.task-run.';

export function readState(connection: Connection, of: 'flow_run' | 'task_run', id: StateId): { readonly state: State; readonly runId: string } | null {
  const bytes = lookupBytes(id);
  if (bytes === null) return null;
  return connection.read(() => {
    const row = of === 'flow_run'
      ? connection.statement(`SELECT ${COLUMNS} FROM flow_run_state WHERE id = ?`).get(bytes)
      : taskRunState(connection, id, bytes);
    return row ? { state: readStateRow(row as unknown as StateRow), runId: readId((row as unknown as { readonly run_id: Uint8Array }).run_id) } : null;
  });
}

function taskRunState(connection: Connection, id: string, bytes: Uint8Array): unknown {
  const runId = runByReportedEvent(connection, bytes) ?? runByOwnEvent(connection, id, bytes);
  const found = runId && connection.statement(`SELECT ${COLUMNS} FROM task_run_state WHERE run_id = ? AND id = ?`).get(runId, bytes);
  return found ?? connection.statement(`SELECT ${COLUMNS} FROM task_run_state WHERE id = ?`).get(bytes);
}

/** Other clients' events have the id of the state that they tell of. */
function runByReportedEvent(connection: Connection, id: Uint8Array): Uint8Array | null {
  const row = connection.statement('SELECT resource_id FROM event WHERE id = ? AND task_run_id IS NULL').get(id);
  const resource = row?.['resource_id'];
  return typeof resource === 'string' && resource.startsWith(TASK_RUN_RESOURCE) ? lookupBytes(resource.slice(TASK_RUN_RESOURCE.length)) : null;
}

/** Events of our own engine have no index by id, but one by time, which the id tells. */
function runByOwnEvent(connection: Connection, id: string, bytes: Uint8Array): Uint8Array | null {
  if (id[14] !== '7') return null;
  const madeUs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) * 1000;
  const row = connection
    .statement('SELECT task_run_id FROM event WHERE occurred BETWEEN ? AND ? AND id = ? AND task_run_id IS NOT NULL')
    .get(madeUs - EVENT_SPAN_US, madeUs + EVENT_SPAN_US, bytes);
  return (row?.['task_run_id'] as Uint8Array | undefined) ?? null;
}
