/**
 * Lists over the API: saved searches, and indexes for the orders and figures that pages request over millions of runs.
 */

import type { ColumnTypes, Migration } from './migration.ts';

export const lists: Migration = {
  version: 4,
  name: 'saved searches, indexes for lists',
  breaking: false,
  statements: (types) => [savedSearch(types), ...indexes()],
};

function savedSearch({ id, integer, json, table }: ColumnTypes): string {
  return `CREATE TABLE saved_search (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  filters ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`;
}

function indexes(): readonly string[] {
  return [
    // With the states, so that counting the runs of a period by state only reads the index.
    `CREATE INDEX flow_run_by_start ON flow_run (coalesce(start_time, expected_start_time), id, state_type, state_name, parent_task_run_id)`,
    `CREATE INDEX flow_run_by_name ON flow_run (name, id)`,
    `CREATE INDEX flow_run_by_end ON flow_run (end_time, id)`,
    // All columns of a history, by state.
    `CREATE INDEX flow_run_history ON flow_run (state_type, state_name, expected_start_time, start_time, total_run_time_us, state_timestamp)`,
    `CREATE INDEX flow_run_by_flow_and_next_start ON flow_run (flow_id, next_scheduled_start_time) WHERE next_scheduled_start_time IS NOT NULL`,
    `CREATE INDEX flow_run_by_parent_flow_run ON flow_run (parent_flow_run_id, id) WHERE parent_flow_run_id IS NOT NULL`,
    `CREATE INDEX flow_run_state_by_id ON flow_run_state (id)`,
    `CREATE INDEX log_by_flow_run_and_time ON log (flow_run_id, timestamp, seq) WHERE flow_run_id IS NOT NULL`,
  ];
}
