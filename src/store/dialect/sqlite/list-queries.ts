/** The list queries in SQLite's language. Import it dynamically only: what runs flows does not need it. */

import { FOLD_CASE } from './fold-case.ts';
import { uuidBytes } from '../../id-value.ts';
import { listQueries, type ListQueries } from '../../queries/list-queries.ts';
import { sql } from '../../queries/sql.ts';

export { ListsByCondition } from './lists-by-condition.ts';

export function sqliteListQueries(): ListQueries {
  return listQueries({
    id: uuidBytes,
    jsonArrayHas: (column, text) => sql`exists (select 1 from json_each(${sql.raw(column)}) where json_each.value = ${text})`,
    containsText: (column, text) => sql`instr(${sql.raw(FOLD_CASE)}(${sql.raw(column)}), ${text.toLowerCase()}) > 0`,
  });
}
