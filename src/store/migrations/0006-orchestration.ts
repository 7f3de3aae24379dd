/** What the server stores for the runs of other clients: inputs, cached states, and recently cancelled runs. */

import type { Migration } from './migration.ts';

export const orchestration: Migration = {
  version: 6,
  name: 'flow run inputs, cached task states, cancelled runs by time',
  breaking: false,
  statements: ({ id, integer, sequence, table, clusteredTable }) => [
    `CREATE TABLE flow_run_input (
  flow_run_id ${id} NOT NULL,
  key TEXT NOT NULL,
  id ${id} NOT NULL,
  value TEXT NOT NULL,
  sender TEXT,
  created_at ${integer} NOT NULL,
  PRIMARY KEY (flow_run_id, key)
)${clusteredTable}`,
    `CREATE TABLE task_state_cache (
  seq ${sequence},
  key TEXT NOT NULL,
  expires_at ${integer},
  task_run_id ${id} NOT NULL,
  state_id ${id} NOT NULL
)${table}`,
    `CREATE INDEX task_state_cache_by_key ON task_state_cache (key, seq)`,
    // Read every few seconds to find what is left to cancel below them.
    `CREATE INDEX flow_run_cancelled ON flow_run (end_time, id) WHERE state_type = 'CANCELLED'`,
  ],
};
