/** List queries in SQLite's SQL. Import it dynamically only: running flows does not need it. */

import { ListsByCondition } from '../../queries/lists-by-condition.ts';
import type { Connection } from './connection.ts';
import { FOLD_CASE, foldCase } from './fold-case.ts';
import { PreparedLists } from './prepared-lists.ts';
import type { ReaderThread } from './reader-thread.ts';

/** @param reader for lists that take long; `null`: everything is read on this thread */
export function sqliteLists(connection: Connection, reader: ReaderThread | null): ListsByCondition {
  connection.db.function(FOLD_CASE, { deterministic: true }, foldCase);
  return new ListsByCondition(new PreparedLists(connection, reader));
}
