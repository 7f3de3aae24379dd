/** Event queries in SQLite's SQL. */

import type { Database } from '../../driver.ts';
import type { EventQueries } from '../../port/events.ts';
import { eventQueriesOn } from '../../queries/event-queries.ts';
import type { EventDialect } from '../../queries/event-dialect.ts';
import type { Bindable } from '../../queries/sql-dialect.ts';
import type { Connection } from './connection.ts';
import { FOLD_CASE, foldCase } from './fold-case.ts';
import type { ReaderThread } from './reader-thread.ts';
import { sqliteDialect } from './dialect.ts';

const hex = (column: string): string => `lower(hex(${column}))`;
const PARTS = [
  [1, 8],
  [9, 4],
  [13, 4],
  [17, 4],
  [21, 12],
] as const;

const dialect: EventDialect = {
  ...sqliteDialect,
  idText: (column) => PARTS.map(([from, length]) => `substr(${hex(column)}, ${from}, ${length})`).join(" || '-' || "),
  idOf: (text) => `unhex(${text})`,
  // SQLite does not reorder cross joins.
  orderedJoin: 'CROSS JOIN',
  entries: (json, alias) => `json_each(${json}) AS ${alias}`,
  fits: (column, pattern, isTurned) => `${column} ${isTurned ? 'NOT GLOB' : 'GLOB'} ${pattern}`,
  pattern: (wildcards) => wildcards.replaceAll('[', '[[]'),
  folded: (text) => `${FOLD_CASE}(${text})`,
  // SQLite takes bare columns from the row in which `min` or `max` was found.
  ofOne: (expression) => expression,
};

/** @param reader thread for queries that take long; `null`: everything is read on this thread, synchronously */
export function eventListsOn(connection: Connection, database: Database, reader: ReaderThread | null): EventQueries {
  let isReady = false;
  return eventQueriesOn(database, dialect, ({ sql, values }, mayTakeLong) => {
    // Read on the other thread, so that other requests do not wait.
    if (reader !== null && mayTakeLong) return reader.read(sql, values as Bindable[]).then(({ rows }) => rows);
    if (!isReady) connection.db.function(FOLD_CASE, { deterministic: true }, foldCase);
    isReady = true;
    return connection.read(() => connection.db.prepare(sql).all(...values));
  });
}
