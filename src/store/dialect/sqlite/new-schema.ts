/** The schema of a new database, made at once: what all migrations lead to, without carrying them out. */

import type { Connection } from './connection.ts';
import { NEWEST_MIGRATIONS, NEWEST_SCHEMA } from './newest-schema.ts';
import { appliedMigrations, MissingMigrations, noteMigration, planOf } from './schema-version.ts';

/** @throws `MissingMigrations` when another process has made an older one meanwhile; and as `planOf` */
export function makeSchema(connection: Connection): void {
  connection.write(() => {
    if (planOf(connection).status === 'current') return;
    if (appliedMigrations(connection).length > 0) throw new MissingMigrations();
    connection.db.exec(NEWEST_SCHEMA.join(';\n'));
    for (const migration of NEWEST_MIGRATIONS) noteMigration(connection, migration);
  });
}
