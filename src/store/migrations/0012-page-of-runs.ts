/**
 * Indexes for what the page of runs requests by default (no subflows, of one flow; counted and over time), without
 * reading the rows themselves.
 */

import type { Migration } from './migration.ts';

export const pageOfRuns: Migration = {
  version: 12,
  name: 'indexes of the page of runs',
  breaking: false,
  statements: () => [
    `DROP INDEX flow_run_history`,
    `CREATE INDEX flow_run_history ON flow_run (state_type, state_name, expected_start_time, start_time, total_run_time_us, state_timestamp, parent_task_run_id, flow_id)`,
    `DROP INDEX flow_run_by_expected_start`,
    `CREATE INDEX flow_run_by_expected_start ON flow_run (expected_start_time, id, parent_task_run_id)`,
  ],
};
