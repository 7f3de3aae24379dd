/** Backfills of deployments, and their slots. */

import type { Migration } from './migration.ts';

export const backfills: Migration = {
  version: 25,
  name: 'backfills',
  breaking: false,
  statements: ({ id, integer, json, table, clusteredTable }) => [
    `CREATE TABLE backfill (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  deployment_id ${id} NOT NULL,
  schedule_id ${id},
  state TEXT NOT NULL,
  settled ${integer} NOT NULL,
  body ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `CREATE UNIQUE INDEX backfill_by_name ON backfill (name)`,
    `CREATE INDEX backfill_by_deployment ON backfill (deployment_id, created_at)`,
    `CREATE INDEX backfill_unsettled ON backfill (id) WHERE settled = 0`,
    `CREATE TABLE backfill_slot (
  backfill_id ${id} NOT NULL,
  due_at ${integer} NOT NULL,
  ends_at ${integer},
  nominal TEXT NOT NULL,
  fold ${integer} NOT NULL,
  deployment_id ${id} NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  flow_run_id ${id},
  decided_at ${integer} NOT NULL,
  PRIMARY KEY (backfill_id, due_at)
)${clusteredTable}`,
    `CREATE INDEX backfill_slot_by_state ON backfill_slot (backfill_id, state, due_at)`,
    // What slots of a deployment have had: of those that were left out, another row tells.
    `CREATE INDEX backfill_slot_with_run ON backfill_slot (deployment_id, due_at)
  WHERE flow_run_id IS NOT NULL AND state <> 'left-out'`,
  ],
};
