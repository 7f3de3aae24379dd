/** The list queries in SQLite's language. Loads Kysely: import it dynamically only. */

import { DummyDriver, Kysely, sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type SqlBool } from 'kysely';
import { FOLD_CASE } from './fold-case.ts';
import { uuidBytes } from '../../id-value.ts';
import { listQueries, type ListQueries } from '../../queries/list-queries.ts';
import type { StoreTables } from '../../queries/tables.ts';

export { ListsByCondition } from './lists-by-condition.ts';

/** Compiles, and runs nothing. */
export function sqliteCompiler(): Kysely<StoreTables> {
  return new Kysely<StoreTables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

export function sqliteListQueries(db: Kysely<StoreTables>): ListQueries {
  return listQueries({
    db,
    id: uuidBytes,
    jsonArrayHas: (column, text) => sql<SqlBool>`exists (select 1 from json_each(${column}) where json_each.value = ${text})`,
    containsText: (column, text) => sql<SqlBool>`instr(${sql.raw(FOLD_CASE)}(${column}), ${text.toLowerCase()}) > 0`,
  });
}
