/** Lists in PostgreSQL's SQL. */

import type { Database } from '../../driver.ts';
import { CompiledLists } from '../../queries/compiled-lists.ts';
import { ListsByCondition } from '../../queries/lists-by-condition.ts';
import { postgresQueryDialect } from './query-dialect.ts';

export function postgresLists(database: Database): ListsByCondition {
  return new ListsByCondition(new CompiledLists(database, postgresQueryDialect));
}
