/** State rows of runs of both kinds. */

import type { State } from '../../core/state.ts';
import type { Statements, Work } from '../driver.ts';
import { lookupBytes, uuidBytes, type IdValue } from '../id-value.ts';
import { readState, stateBody, type StateRow } from '../rows/state.ts';

export type StateTable = 'flow_run_state' | 'task_run_state';

/** Columns of a state row as `readState` expects them. */
export const STATE_COLUMNS =
  'id AS state_id, type AS state_type, name AS state_name, timestamp AS state_timestamp, message AS state_message, body AS state_body';

const insertInto = (table: StateTable): string =>
  `INSERT INTO ${table} (run_id, id, type, name, timestamp, message, body) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const INSERT: Readonly<Record<StateTable, string>> = {
  flow_run_state: insertInto('flow_run_state'),
  task_run_state: insertInto('task_run_state'),
};

const reword = (table: StateTable): string => `UPDATE ${table} SET message = ?, body = ? WHERE run_id = ? AND id = ?`;
const REWORD: Readonly<Record<StateTable, string>> = {
  flow_run_state: reword('flow_run_state'),
  task_run_state: reword('task_run_state'),
};

/** Call inside a transaction; a state that exists already is left as it is. Returns 1 when it was new. */
export function insertState(db: Statements, table: StateTable, runId: IdValue, state: State): Work<number> {
  return db.run(
    INSERT[table],
    runId,
    uuidBytes(state.id),
    state.type,
    state.name,
    state.timestamp,
    state.message,
    stateBody(state),
  );
}

/** Says more of a state that there is; call inside a transaction. */
export function rewordState(db: Statements, table: StateTable, runId: IdValue, state: State): Work<number> {
  return db.run(REWORD[table], state.message, stateBody(state), runId, uuidBytes(state.id));
}

export function* insertStates(db: Statements, table: StateTable, runId: IdValue, states: readonly State[]): Work<void> {
  for (const state of states) yield* insertState(db, table, runId, state);
}

/** Oldest first. */
export function* listStates(db: Statements, table: StateTable, runId: string): Work<readonly State[]> {
  const run = lookupBytes(runId);
  if (run === null) return [];
  const rows = yield* db.all<StateRow>(
    `SELECT ${STATE_COLUMNS} FROM ${table} WHERE run_id = ? ORDER BY timestamp, id`,
    run,
  );
  return rows.map(readState);
}
