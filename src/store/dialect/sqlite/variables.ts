/** Variables. */

import { OstinatoError } from '../../../core/errors.ts';
import type { OutboxEvent } from '../../../core/event.ts';
import type { Variable } from '../../../core/variable.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import type { VariableKey } from '../../port/keepsakes.ts';
import { readVariableRow, type VariableRow } from '../../rows/variable.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';

type Change<Answer> = (variable: Variable | null) => { readonly variable?: Variable | null; readonly event?: OutboxEvent; readonly answer: Answer };

export function readVariable(connection: Connection, key: VariableKey): Variable | null {
  return connection.read(() => findVariable(connection, key));
}

function findVariable(connection: Connection, key: VariableKey): Variable | null {
  const row = 'name' in key
    ? connection.statement('SELECT * FROM variable WHERE name = ?').get(key.name)
    : connection.statement('SELECT * FROM variable WHERE id = ?').get(lookupBytes(key.id));
  return row ? readVariableRow(row as unknown as VariableRow) : null;
}

/** `variable: null` deletes it, leaving `variable` out leaves it as it is. */
export function changeVariable<Answer>(connection: Connection, key: VariableKey, change: Change<Answer>): Answer {
  return connection.write(() => {
    const found = findVariable(connection, key);
    const { variable, event, answer } = change(found);
    if (variable !== undefined && found !== null) connection.statement('DELETE FROM variable WHERE id = ?').run(uuidBytes(found.id));
    if (variable) insertVariable(connection, variable);
    if (event) insertEvents(connection, [event]);
    return answer;
  });
}

function insertVariable(connection: Connection, variable: Variable): void {
  if (connection.statement('SELECT 1 FROM variable WHERE name = ?').get(variable.name) !== undefined) {
    throw new OstinatoError('conflict', `A variable with the name '${variable.name}' already exists.`);
  }
  connection
    .statement('INSERT INTO variable (id, name, value, tags, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)')
    .run(
      uuidBytes(variable.id), variable.name, variable.exactValue ?? JSON.stringify(variable.value ?? null), JSON.stringify(variable.tags),
      variable.createdAt, variable.updatedAt,
    );
}
