/** State rows of flow runs, and the reading of both kinds. */

import type { State } from '../../../core/state.ts';
import { lookupBytes } from '../../id-value.ts';
import { readState, stateBody, type StateRow } from '../../rows/state.ts';
import { uuidBytes } from '../../id-value.ts';
import type { Connection } from './connection.ts';

/** Inside a transaction; states that are there already are left as they are. */
export function insertFlowRunStates(connection: Connection, runId: Uint8Array, states: readonly State[]): void {
  const insert = connection.statement(
    'INSERT OR IGNORE INTO flow_run_state (run_id, id, type, name, timestamp, message, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  for (const state of states) {
    insert.run(runId, uuidBytes(state.id), state.type, state.name, state.timestamp, state.message, stateBody(state));
  }
}

/** Oldest first. */
export function listStates(connection: Connection, table: 'flow_run_state' | 'task_run_state', runId: string): readonly State[] {
  const run = lookupBytes(runId);
  if (run === null) return [];
  return connection.read(() =>
    connection
      .statement(
        `SELECT id AS state_id, type AS state_type, name AS state_name, timestamp AS state_timestamp, message AS state_message,
        body AS state_body FROM ${table} WHERE run_id = ? ORDER BY timestamp, id`,
      )
      .all(run)
      .map((row) => readState(row as unknown as StateRow)),
  );
}
