/** What automations keep of a flow run is found by the run, however many automations there are. */

import type { Migration } from './migration.ts';

export const automationStateOfRuns: Migration = {
  version: 31,
  name: 'what automations keep of runs',
  breaking: false,
  statements: ({ id }) => [
    `ALTER TABLE automation_bucket ADD COLUMN flow_run_id ${id}`,
    `CREATE INDEX automation_bucket_by_flow_run ON automation_bucket (flow_run_id) WHERE flow_run_id IS NOT NULL`,
  ],
};
