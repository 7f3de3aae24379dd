/** Variables. */

import type { OutboxEvent } from '../../../core/event.ts';
import type { Variable } from '../../../core/variable.ts';
import { uuidBytes } from '../../id-value.ts';
import { readVariableRow, type VariableRow } from '../../rows/variable.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';

export function readVariable(connection: Connection, name: string): Variable | null {
  return connection.read(() => findVariable(connection, name));
}

function findVariable(connection: Connection, name: string): Variable | null {
  const row = connection.statement('SELECT * FROM variable WHERE name = ?').get(name);
  return row ? readVariableRow(row as unknown as VariableRow) : null;
}

/** `variable: null` deletes it, leaving `variable` out leaves it as it is. */
export function changeVariable<Answer>(
  connection: Connection, name: string,
  change: (variable: Variable | null) => { readonly variable?: Variable | null; readonly event?: OutboxEvent; readonly answer: Answer },
): Answer {
  return connection.write(() => {
    const { variable, event, answer } = change(findVariable(connection, name));
    if (variable !== undefined) connection.statement('DELETE FROM variable WHERE name = ?').run(name);
    if (variable) {
      connection
        .statement('INSERT INTO variable (id, name, value, tags, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)')
        .run(
          uuidBytes(variable.id), variable.name, JSON.stringify(variable.value ?? null), JSON.stringify(variable.tags),
          variable.createdAt, variable.updatedAt,
        );
    }
    if (event) insertEvents(connection, [event]);
    return answer;
  });
}
