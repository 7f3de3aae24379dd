/** The cache, the processes, artifacts and variables. */

import type { Migration } from './migration.ts';

export const values: Migration = {
  version: 2,
  name: 'cache entries and claims, processes, artifacts, variables',
  breaking: true,
  statements: ({ id, integer, json, table }) => [
    `CREATE TABLE cache_entry (
  key TEXT NOT NULL PRIMARY KEY,
  task_key TEXT NOT NULL,
  task_run_id ${id} NOT NULL,
  parts ${json} NOT NULL,
  data ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  expires_at ${integer}
)${table}`,
    `CREATE INDEX cache_entry_by_task ON cache_entry (task_key, created_at)`,
    `CREATE TABLE cache_claim (
  key TEXT NOT NULL PRIMARY KEY,
  task_run_id ${id} NOT NULL,
  process_id ${id} NOT NULL,
  claimed_at ${integer} NOT NULL
)${table}`,
    `CREATE TABLE process (
  id ${id} NOT NULL PRIMARY KEY,
  pid ${integer} NOT NULL,
  host TEXT NOT NULL,
  start_mark TEXT,
  command TEXT NOT NULL,
  started_at ${integer} NOT NULL,
  heartbeat_at ${integer} NOT NULL
)${table}`,
    `CREATE TABLE artifact (
  id ${id} NOT NULL PRIMARY KEY,
  key TEXT,
  type TEXT NOT NULL,
  description TEXT,
  data ${json} NOT NULL,
  flow_run_id ${id},
  task_run_id ${id},
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `CREATE INDEX artifact_by_key ON artifact (key, id) WHERE key IS NOT NULL`,
    `CREATE INDEX artifact_by_flow_run ON artifact (flow_run_id, id) WHERE flow_run_id IS NOT NULL`,
    `CREATE INDEX artifact_by_task_run ON artifact (task_run_id, id) WHERE task_run_id IS NOT NULL`,
    `CREATE TABLE variable (
  id ${id} NOT NULL UNIQUE,
  name TEXT NOT NULL PRIMARY KEY,
  value ${json} NOT NULL,
  tags ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
  ],
};
