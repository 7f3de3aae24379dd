/** Event queries in PostgreSQL's SQL. */

import type { Database } from '../../driver.ts';
import type { EventQueries } from '../../port/events.ts';
import { eventQueriesOn } from '../../queries/event-queries.ts';
import type { EventDialect } from '../../queries/event-dialect.ts';
import { folded } from './query-dialect.ts';
import { postgresDialect } from './dialect.ts';

const dialect: EventDialect = {
  ...postgresDialect,
  idText: (column) => `CAST(${column} AS text)`,
  idOf: (text) => `CAST(${text} AS uuid)`,
  orderedJoin: 'JOIN',
  entries: (json, alias) => `json_each_text(CAST(${json} AS json)) AS ${alias}(key, value)`,
  fits: (column, pattern, isTurned) => `${column} ${isTurned ? 'NOT LIKE' : 'LIKE'} ${pattern}`,
  pattern: (wildcards) =>
    wildcards
      .replaceAll(/[\\%_]/g, String.raw`\$&`)
      .replaceAll('*', '%')
      .replaceAll('?', '_'),
  folded: (text) => folded(`(${text})`),
  ofOne: (expression) => `(array_agg(CAST(${expression} AS text) ORDER BY event.occurred DESC, event.seq DESC))[1]`,
};

export function eventListsOn(database: Database): EventQueries {
  return eventQueriesOn(database, dialect, ({ sql, values }) => database.read((db) => db.once(sql, values)));
}
