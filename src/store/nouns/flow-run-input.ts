/** Inputs of flow runs in the store: their rows, what lists can ask them by, and how they change. */

import type { FlowRunInput } from '../../core/flow-run-input.ts';
import type { FlowRunId, FlowRunInputId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import type { FlowRunInputStorage } from '../port.ts';
import { few, id, number, text } from './field.ts';
import type { StoredNoun } from './noun.ts';

export interface InputRow {
  readonly flow_run_id: IdValue;
  readonly key: string;
  readonly id: IdValue;
  readonly value: string;
  readonly sender: string | null;
  readonly created_at: number;
}

export const flowRunInput = {
  table: {
    table: 'flow_run_input',
    fields: {
      id: id('flow_run_input.id'),
      flowRunId: few(id('flow_run_input.flow_run_id')),
      key: text('flow_run_input.key'),
      createdAt: number('flow_run_input.created_at'),
    },
  },
  read: readInput,
  writes: ['insertFlowRunInput', 'deleteFlowRunInput'],
  on: flowRunInputsOn,
} as const satisfies StoredNoun;

function flowRunInputsOn(database: Database): FlowRunInputStorage {
  return {
    insertFlowRunInput: (input) =>
      database.write(function* (db) {
        if (!(yield* db.get('SELECT 1 FROM flow_run WHERE id = ?', uuidBytes(input.flowRunId)))) return 'no-flow-run';
        return (yield* insertInput(db, input)) ? 'inserted' : 'key-taken';
      }),
    readFlowRunInput: (flowRunId, key) =>
      database.read(function* (db) {
        const row = yield* db.get<InputRow>(
          'SELECT * FROM flow_run_input WHERE flow_run_id = ? AND key = ?',
          lookupBytes(flowRunId),
          key,
        );
        return row ? readInput(row) : null;
      }),
    deleteFlowRunInput: (flowRunId, key) => database.write((db) => deleteInput(db, lookupBytes(flowRunId), key)),
  };
}

/** Call inside a transaction; returns whether it existed. */
export function* deleteInput(db: Statements, flowRunId: Uint8Array | null, key: string): Work<boolean> {
  return (yield* db.run('DELETE FROM flow_run_input WHERE flow_run_id = ? AND key = ?', flowRunId, key)) > 0;
}

/** Call inside a transaction; returns whether the key was free. */
export function* insertInput(
  db: Statements,
  { flowRunId, key, id, value, sender, createdAt }: FlowRunInput,
): Work<boolean> {
  const count = yield* db.run(
    'INSERT INTO flow_run_input (flow_run_id, key, id, value, sender, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    uuidBytes(flowRunId),
    key,
    uuidBytes(id),
    value,
    sender,
    createdAt,
  );
  return count > 0;
}

function readInput(row: InputRow): FlowRunInput {
  return {
    id: readId<FlowRunInputId>(row.id),
    flowRunId: readId<FlowRunId>(row.flow_run_id),
    key: row.key,
    value: row.value,
    sender: row.sender,
    createdAt: row.created_at as Instant,
  };
}
