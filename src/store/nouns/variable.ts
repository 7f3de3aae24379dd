/** Variables in the store: their rows, what lists can ask them by, and how they change. */

import { OstinatoError } from '../../core/errors.ts';
import type { Instant } from '../../core/time.ts';
import type { Variable, VariableId, VariableKey } from '../../core/variable.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { isExact } from '../exact-json.ts';
import { lookupBytes, readId, uuidBytes, type IdValue } from '../id-value.ts';
import { insertEvents } from '../logic/events.ts';
import type { VariableChange, VariableStorage } from '../port.ts';
import { id, list, number, text } from './field.ts';
import type { StoredNoun } from './noun.ts';

export interface VariableRow {
  readonly id: IdValue;
  readonly name: string;
  /** JSON. */
  readonly value: string;
  readonly tags: string;
  readonly created_at: number;
  readonly updated_at: number;
}

function readVariableRow(row: VariableRow): Variable {
  const value: unknown = JSON.parse(row.value);
  return {
    id: readId<VariableId>(row.id),
    name: row.name,
    value,
    ...(isExact(value, row.value) ? {} : { exactValue: row.value }),
    tags: JSON.parse(row.tags) as string[],
    createdAt: row.created_at as Instant,
    updatedAt: row.updated_at as Instant,
  };
}

export const variable = {
  table: {
    table: 'variable',
    fields: {
      id: id('variable.id'),
      name: text('variable.name'),
      tags: list('variable.tags'),
      createdAt: number('variable.created_at'),
      updatedAt: number('variable.updated_at'),
    },
  },
  read: readVariableRow,
  writes: ['changeVariable'],
  on: variablesOn,
} as const satisfies StoredNoun;

function variablesOn(database: Database): VariableStorage {
  return {
    readVariable: (key) => database.read((db) => findVariable(db, key)),
    changeVariable: (key, change) => database.write((db) => changeVariable(db, key, change)),
  };
}

function findVariable(db: Statements, key: VariableKey): Work<Variable | null> {
  return 'name' in key
    ? db.one('SELECT * FROM variable WHERE name = ?', readVariableRow, key.name)
    : db.one('SELECT * FROM variable WHERE id = ?', readVariableRow, lookupBytes(key.id));
}

function* changeVariable<Answer>(
  db: Statements,
  key: VariableKey,
  change: (found: Variable | null) => VariableChange<Answer>,
): Work<Answer> {
  const found = yield* findVariable(db, key);
  const { variable: changed, event, answer } = change(found);
  if (changed !== undefined && found !== null) yield* db.run('DELETE FROM variable WHERE id = ?', uuidBytes(found.id));
  if (changed) yield* insertVariable(db, changed);
  if (event) yield* insertEvents(db, [event]);
  return answer;
}

function* insertVariable(db: Statements, { name, ...fields }: Variable): Work<void> {
  if ((yield* db.get('SELECT 1 FROM variable WHERE name = ?', name)) !== undefined) {
    throw new OstinatoError('conflict', `A variable with the name '${name}' already exists.`);
  }
  yield* db.run(
    'INSERT INTO variable (id, name, value, tags, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
    uuidBytes(fields.id),
    name,
    fields.exactValue ?? JSON.stringify(fields.value ?? null),
    JSON.stringify(fields.tags),
    fields.createdAt,
    fields.updatedAt,
  );
}
