/** Priorities of runs: which of those that are due begins first. */

import type { Migration } from './migration.ts';

export const runPriorities: Migration = {
  version: 27,
  name: 'run priorities',
  breaking: false,
  statements: ({ integer }) => [
    // Nothing where it is the ordinary one: so the index holds, and is written for, the others alone.
    `ALTER TABLE flow_run ADD COLUMN priority ${integer}`,
    `CREATE INDEX flow_run_by_priority ON flow_run (work_queue_id, state_type, priority, next_scheduled_start_time)
  WHERE priority IS NOT NULL`,
  ],
};
