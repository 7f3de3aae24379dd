/** How far consumers of the events have come. */

import type { Migration } from './migration.ts';

export const eventCursors: Migration = {
  version: 18,
  name: 'cursors of consumers of events',
  breaking: false,
  statements: ({ integer, clusteredTable }) => [
    `CREATE TABLE event_cursor (
  name TEXT NOT NULL PRIMARY KEY,
  seq ${integer} NOT NULL,
  moved_at ${integer} NOT NULL,
  held_at ${integer},
  missed_through ${integer}
)${clusteredTable}`,
  ],
};
