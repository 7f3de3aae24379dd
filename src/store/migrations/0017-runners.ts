/** Who runs a flow run; for existing runs, inferred from their other columns. */

import type { Migration } from './migration.ts';

export const runners: Migration = {
  version: 17,
  name: 'who runs a flow run',
  breaking: false,
  statements: () => [
    // The default is what older programs write that run flows on this database.
    `ALTER TABLE flow_run ADD COLUMN runner TEXT NOT NULL DEFAULT 'ostinato'`,
    `UPDATE flow_run SET runner = CASE WHEN deployment_id IS NULL THEN 'prefect-client' ELSE 'worker' END WHERE submission IS NOT NULL`,
  ],
};
