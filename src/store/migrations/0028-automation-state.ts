/** What is kept of automations between one event and the next, and events that wait for one that they follow. */

import type { Migration } from './migration.ts';

export const automationState: Migration = {
  version: 28,
  name: 'what automations have counted',
  breaking: false,
  statements: ({ id, integer, json, table }) => [
    `CREATE TABLE automation_bucket (
  id ${id} NOT NULL PRIMARY KEY,
  automation_id ${id} NOT NULL,
  body ${json} NOT NULL,
  due_at ${integer},
  gone_at ${integer}
)${table}`,
    `CREATE INDEX automation_bucket_by_automation ON automation_bucket (automation_id)`,
    `CREATE INDEX automation_bucket_due ON automation_bucket (due_at) WHERE due_at IS NOT NULL`,
    `CREATE INDEX automation_bucket_gone ON automation_bucket (gone_at) WHERE gone_at IS NOT NULL`,
    `CREATE TABLE automation_waiting_event (
  id ${id} NOT NULL PRIMARY KEY,
  received_at ${integer} NOT NULL,
  body ${json} NOT NULL
)${table}`,
    `CREATE INDEX automation_waiting_event_by_time ON automation_waiting_event (received_at)`,
  ],
};
