/** Which migrations a database file has, as it says itself. */

import { OstinatoError } from '../../../core/errors.ts';
import { planMigrations, type AppliedMigration, type MigrationPlan } from '../../migrations/newest.ts';
import type { Connection } from './connection.ts';

export const MIGRATION_TABLE = `CREATE TABLE IF NOT EXISTS migration (
  version INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  breaking INTEGER NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`;

/** Says in the database that it has the migration. */
export function noteMigration({ db }: Connection, { version, name, breaking }: AppliedMigration): void {
  db.prepare(`INSERT INTO migration VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000000 AS INTEGER))`).run(
    version,
    name,
    breaking ? 1 : 0,
  );
}

/** An older database needs what is not loaded. Nothing was done. */
export class MissingMigrations extends Error {}

/** @throws `MissingMigrations`; and as `planOf` */
export function refuseOlder(connection: Connection): void {
  if (!isMigrated(connection)) throw new MissingMigrations();
}

/** Whether the database needs nothing. @throws as `planOf` */
function isMigrated(connection: Connection): boolean {
  return connection.read(() => planOf(connection)).status === 'current';
}

/**
 * @param newest version of the newest migration that there is
 * @throws `store-newer` when a newer program changed the schema, `store-corrupt` when the file is another program's
 */
export function planOf(connection: Connection, newest?: number): MigrationPlan {
  const found = planMigrations(appliedMigrations(connection), newest);
  if (found.status === 'newer') {
    throw new OstinatoError(
      'store-newer',
      `The database ${connection.path} was changed by a newer Ostinato (migration ${found.first.version}: ${found.first.name}).`,
      { remedy: 'Use the newer version, or another home folder (OSTINATO_HOME).' },
    );
  }
  return found;
}

export function appliedMigrations(connection: Connection): readonly AppliedMigration[] {
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
