/** The outbox of automations: actions that are to be done, and what became of them. */

import type { Migration } from './migration.ts';

export const automationActions: Migration = {
  version: 29,
  name: 'automation actions',
  breaking: false,
  statements: ({ id, integer, json, table }) => [
    `CREATE TABLE automation_action (
  id ${id} NOT NULL PRIMARY KEY,
  automation_id ${id} NOT NULL,
  firing ${json} NOT NULL,
  action_index ${integer} NOT NULL,
  action_body ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  attempts ${integer} NOT NULL,
  due_at ${integer},
  status TEXT,
  note TEXT,
  ended_at ${integer}
)${table}`,
    // What waits, or is acted on; no row that has ended. Those of busy automations are passed over by it alone.
    `CREATE INDEX automation_action_by_due ON automation_action (due_at, automation_id) WHERE due_at IS NOT NULL`,
    `CREATE INDEX automation_action_by_automation ON automation_action (automation_id, created_at)`,
    `CREATE INDEX automation_action_by_end ON automation_action (ended_at) WHERE ended_at IS NOT NULL`,
  ],
};
