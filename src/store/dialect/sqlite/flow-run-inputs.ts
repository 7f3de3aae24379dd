/** Inputs of flow runs. */

import type { FlowRunInput } from '../../../core/flow-run-input.ts';
import type { FlowRunId, FlowRunInputId } from '../../../core/ids.ts';
import type { Instant } from '../../../core/time.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../../id-value.ts';
import type { FlowRunInputStorage } from '../../port/flow-run-inputs.ts';
import type { Connection } from './connection.ts';

interface InputRow {
  readonly flow_run_id: IdValue;
  readonly key: string;
  readonly id: IdValue;
  readonly value: string;
  readonly sender: string | null;
  readonly created_at: number;
}

export function flowRunInputsOn(connection: Connection): FlowRunInputStorage {
  return {
    insertFlowRunInput: (input) => connection.write(() => {
      if (!connection.statement('SELECT 1 FROM flow_run WHERE id = ?').get(uuidBytes(input.flowRunId))) return 'no-flow-run';
      return insertInput(connection, input) ? 'inserted' : 'key-taken';
    }),
    readFlowRunInput(flowRunId, key) {
      const row = connection.read(() =>
        connection.statement('SELECT * FROM flow_run_input WHERE flow_run_id = ? AND key = ?').get(lookupBytes(flowRunId), key));
      return row ? readInput(row as unknown as InputRow) : null;
    },
    listFlowRunInputs: (flowRunId, { prefix, excludeKeys, limit }) => connection.read(() =>
      connection
        .statement(
          'SELECT * FROM flow_run_input WHERE flow_run_id = ? AND substr(key, 1, length(?)) = ? ' +
            'AND key NOT IN (SELECT value FROM json_each(?)) ORDER BY created_at, id LIMIT ?',
        )
        .all(lookupBytes(flowRunId), prefix, prefix, JSON.stringify(excludeKeys), limit)
        .map((row) => readInput(row as unknown as InputRow))),
    deleteFlowRunInput: (flowRunId, key) => connection.write(() =>
      connection.statement('DELETE FROM flow_run_input WHERE flow_run_id = ? AND key = ?').run(lookupBytes(flowRunId), key).changes !== 0),
  };
}

/** Inside a transaction; answers whether the key was free. */
export function insertInput(connection: Connection, { flowRunId, key, id, value, sender, createdAt }: FlowRunInput): boolean {
  return connection
    .statement('INSERT OR IGNORE INTO flow_run_input (flow_run_id, key, id, value, sender, created_at) VALUES (?, ?, ?, ?, ?, ?)')
    .run(uuidBytes(flowRunId), key, uuidBytes(id), value, sender, createdAt).changes !== 0;
}

function readInput(row: InputRow): FlowRunInput {
  return {
    id: readId<FlowRunInputId>(row.id), flowRunId: readId<FlowRunId>(row.flow_run_id), key: row.key, value: row.value, sender: row.sender,
    createdAt: row.created_at as Instant,
  };
}
