/** Brings a database file to the newest schema. */

import { MIGRATIONS } from '../../migrations/list.ts';
import type { ColumnTypes, Migration } from '../../migrations/migration.ts';
import type { Connection } from './connection.ts';
import { MIGRATION_TABLE, noteMigration, planOf } from './schema-version.ts';

export const SQLITE_COLUMN_TYPES: ColumnTypes = {
  id: 'BLOB',
  integer: 'INTEGER',
  real: 'REAL',
  json: 'TEXT',
  sequence: 'INTEGER PRIMARY KEY',
  table: ' STRICT',
  clusteredTable: ' WITHOUT ROWID, STRICT',
};

/**
 * `store-newer` when a newer program changed the schema, `store-corrupt` when the file is another program's database.
 */
export function migrate(connection: Connection, known: readonly Migration[] = MIGRATIONS): void {
  if (connection.read(() => planOf(connection, known.length)).status === 'current') return;
  connection.write(() => {
    // Planned again, now that no other process can be migrating.
    const now = planOf(connection, known.length);
    if (now.status !== 'behind') return;
    connection.db.exec(MIGRATION_TABLE);
    for (const migration of known) if (now.missing.includes(migration.version)) apply(connection, migration);
  });
}

function apply(connection: Connection, migration: Migration): void {
  for (const statement of migration.statements(SQLITE_COLUMN_TYPES)) connection.db.exec(statement);
  noteMigration(connection, migration);
}
