/** Which process runs a task outside any flow, so that its run is found when the process is gone. */

import type { Migration } from './migration.ts';

export const heldTaskRuns: Migration = {
  version: 10,
  name: 'processes of task runs outside flows',
  breaking: false,
  statements: ({ id }) => [
    `ALTER TABLE task_run ADD COLUMN process_id ${id}`,
    // Open runs only: the index stays as small as what is running now.
    `CREATE INDEX task_run_held ON task_run (process_id, id) WHERE process_id IS NOT NULL AND end_time IS NULL`,
  ],
};
