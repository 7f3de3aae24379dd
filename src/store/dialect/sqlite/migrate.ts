/** Brings a database file to the newest schema. */

import { OstinatoError } from '../../../core/errors.ts';
import { MIGRATIONS, planMigrations, type AppliedMigration, type MigrationPlan } from '../../migrations/list.ts';
import type { ColumnTypes, Migration } from '../../migrations/migration.ts';
import type { Connection } from './connection.ts';

export const SQLITE_COLUMN_TYPES: ColumnTypes = {
  id: 'BLOB',
  integer: 'INTEGER',
  real: 'REAL',
  json: 'TEXT',
  sequence: 'INTEGER PRIMARY KEY',
  table: ' STRICT',
  clusteredTable: ' WITHOUT ROWID, STRICT',
};

const MIGRATION_TABLE = `CREATE TABLE IF NOT EXISTS migration (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  breaking INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`;

/**
 * `store-newer` when a newer program changed the schema, `store-corrupt` when the file is another program's database.
 */
export function migrate(connection: Connection, known: readonly Migration[] = MIGRATIONS): void {
  if (connection.read(() => plan(connection, known)).status === 'current') return;
  connection.write(() => {
    // Planned again, now that no other process can be migrating.
    const now = plan(connection, known);
    if (now.status !== 'behind') return;
    connection.db.exec(MIGRATION_TABLE);
    for (const migration of now.missing) apply(connection, migration);
  });
}

function apply(connection: Connection, migration: Migration): void {
  for (const statement of migration.statements(SQLITE_COLUMN_TYPES)) connection.db.exec(statement);
  connection.db
    .prepare(`INSERT INTO migration VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000000 AS INTEGER))`)
    .run(migration.version, migration.name, migration.breaking ? 1 : 0);
}

function plan(connection: Connection, known: readonly Migration[]): MigrationPlan {
  const found = planMigrations(appliedMigrations(connection), known);
  if (found.status === 'newer') {
    throw new OstinatoError(
      'store-newer',
      `The database ${connection.path} was changed by a newer Ostinato (migration ${found.first.version}: ${found.first.name}).`,
      { remedy: 'Use the newer version, or another home folder (OSTINATO_HOME).' },
    );
  }
  return found;
}

function appliedMigrations(connection: Connection): readonly AppliedMigration[] {
  const { db, path } = connection;
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  if (tables.length === 0) return [];
  const columns = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all('migration')
    .map((column) => column['name']);
  // Other programs have a table of that name, too.
  if (!['version', 'name', 'breaking'].every((name) => columns.includes(name))) {
    throw new OstinatoError('store-corrupt', `The file ${path} is the database of another program.`, {
      remedy: 'Choose another file or home folder (OSTINATO_HOME).',
    });
  }
  const rows = db.prepare('SELECT version, name, breaking FROM migration ORDER BY version').all();
  return rows.map((row) => ({
    version: Number(row['version']),
    name: String(row['name']),
    breaking: row['breaking'] === 1,
  }));
}
