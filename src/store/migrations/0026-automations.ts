/** Automations, and the resources that they are about or belong to. */

import type { Migration } from './migration.ts';

export const automations: Migration = {
  version: 26,
  name: 'automations',
  breaking: false,
  statements: ({ id, integer, json, table, clusteredTable }) => [
    `CREATE TABLE automation (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  enabled ${integer} NOT NULL,
  tags ${json} NOT NULL,
  trigger_body ${json} NOT NULL,
  actions ${json} NOT NULL,
  actions_on_trigger ${json} NOT NULL,
  actions_on_resolve ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `CREATE INDEX automation_by_name ON automation (name)`,
    `CREATE TABLE automation_resource (
  automation_id ${id} NOT NULL,
  resource_id TEXT NOT NULL,
  owned ${integer} NOT NULL,
  PRIMARY KEY (automation_id, resource_id)
)${clusteredTable}`,
    `CREATE INDEX automation_resource_by_resource ON automation_resource (resource_id, owned)`,
  ],
};
