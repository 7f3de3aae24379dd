/** Flows, their runs, task runs, states, logs and the outbox. */

import type { ColumnTypes, Migration } from './migration.ts';

export const runs: Migration = {
  version: 1,
  name: 'flows, flow runs, task runs, states, logs, events',
  breaking: true,
  statements: (types) => [...flowTables(types), ...taskTables(types), ...streamTables(types)],
};

function stateTable(name: string, types: ColumnTypes): string {
  // Keyed by run first: the states of a run are stored together, and one B-tree serves look-ups and the check for
  // repeats.
  return `CREATE TABLE ${name} (
  run_id ${types.id} NOT NULL,
  id ${types.id} NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  timestamp ${types.integer} NOT NULL,
  message TEXT,
  body ${types.json},
  PRIMARY KEY (run_id, id)
)${types.clusteredTable}`;
}

function flowTables(types: ColumnTypes): readonly string[] {
  const { id, integer, json } = types;
  return [
    `CREATE TABLE flow (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  tags ${json} NOT NULL,
  created_at ${integer} NOT NULL
)${types.table}`,
    `CREATE TABLE flow_run (
  id ${id} NOT NULL PRIMARY KEY,
  flow_id ${id} NOT NULL,
  name TEXT NOT NULL,
  flow_version TEXT,
  parameters ${json} NOT NULL,
  tags ${json} NOT NULL,
  labels ${json} NOT NULL,
  state_id ${id} NOT NULL,
  state_type TEXT NOT NULL,
  state_name TEXT NOT NULL,
  state_timestamp ${integer} NOT NULL,
  run_count ${integer} NOT NULL,
  policy ${json} NOT NULL,
  durability TEXT NOT NULL,
  parent_task_run_id ${id},
  parent_flow_run_id ${id},
  idempotency_key TEXT,
  entrypoint ${json},
  lease_process_id ${id},
  lease_token ${integer},
  created_at ${integer} NOT NULL,
  expected_start_time ${integer},
  start_time ${integer},
  end_time ${integer},
  total_run_time_us ${integer} NOT NULL
)${types.table}`,
    `CREATE INDEX flow_run_by_flow ON flow_run (flow_id, id)`,
    `CREATE INDEX flow_run_by_state ON flow_run (state_type, id)`,
    `CREATE UNIQUE INDEX flow_run_idempotency ON flow_run (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL`,
    `CREATE INDEX flow_run_by_parent_task_run ON flow_run (parent_task_run_id, id) WHERE parent_task_run_id IS NOT NULL`,
    `CREATE INDEX flow_run_by_process ON flow_run (lease_process_id, state_type) WHERE lease_process_id IS NOT NULL`,
    stateTable('flow_run_state', types),
  ];
}

function taskTables(types: ColumnTypes): readonly string[] {
  const { id, integer, json } = types;
  return [
    `CREATE TABLE task_shape (
  id ${types.sequence},
  task_key TEXT NOT NULL,
  body ${json} NOT NULL UNIQUE
)${types.table}`,
    `CREATE INDEX task_shape_by_task_key ON task_shape (task_key)`,
    `CREATE TABLE task_run (
  id ${id} NOT NULL PRIMARY KEY,
  flow_run_id ${id},
  parent_task_run_id ${id},
  shape_id ${integer} NOT NULL,
  name TEXT NOT NULL,
  dynamic_key TEXT NOT NULL,
  step TEXT NOT NULL,
  inputs ${json},
  cache ${json},
  state_id ${id} NOT NULL,
  state_type TEXT NOT NULL,
  state_name TEXT NOT NULL,
  state_timestamp ${integer} NOT NULL,
  run_count ${integer} NOT NULL,
  flow_run_run_count ${integer} NOT NULL,
  created_at ${integer} NOT NULL,
  start_time ${integer},
  end_time ${integer},
  total_run_time_us ${integer} NOT NULL
)${types.clusteredTable}`,
    // With the state's type, so that counting by state only reads the index.
    `CREATE INDEX task_run_by_flow_run ON task_run (flow_run_id, id, state_type)`,
    stateTable('task_run_state', types),
  ];
}

function streamTables(types: ColumnTypes): readonly string[] {
  const { id, integer, json } = types;
  return [
    // Retention must keep the newest row, since the next number follows the largest one that exists.
    `CREATE TABLE event (
  seq ${types.sequence},
  id ${id} NOT NULL,
  task_run_id ${id},
  name TEXT NOT NULL,
  resource_id TEXT,
  occurred ${integer} NOT NULL,
  payload ${json}
)${types.table}`,
    `CREATE TABLE log (
  seq ${types.sequence},
  id ${id} NOT NULL UNIQUE,
  flow_run_id ${id},
  task_run_id ${id},
  name TEXT NOT NULL,
  level ${integer} NOT NULL,
  message TEXT NOT NULL,
  timestamp ${integer} NOT NULL
)${types.table}`,
    `CREATE INDEX log_by_flow_run ON log (flow_run_id, seq) WHERE flow_run_id IS NOT NULL`,
    `CREATE INDEX log_by_task_run ON log (task_run_id, seq) WHERE task_run_id IS NOT NULL`,
  ];
}
