/** What has changed of automations, so that a server of many reads only that. */

import type { Migration } from './migration.ts';

export const automationRevisions: Migration = {
  version: 30,
  name: 'revisions of automations',
  breaking: false,
  statements: ({ integer, table }) => [
    `ALTER TABLE automation ADD COLUMN revision ${integer} NOT NULL DEFAULT 0`,
    `CREATE INDEX automation_by_revision ON automation (revision)`,
    `CREATE INDEX automation_enabled ON automation (id) WHERE enabled = 1`,
    // One row, of the last change: also of one that left no row.
    `CREATE TABLE automation_revision (
  id ${integer} NOT NULL PRIMARY KEY,
  revision ${integer} NOT NULL
)${table}`,
  ],
};
