/** Fields that other clients set over the API: deployments, natural keys, labels of flows. */

import type { ColumnTypes, Migration } from './migration.ts';

export const clients: Migration = {
  version: 3,
  name: 'runs of other clients',
  breaking: false,
  statements: (types) => [...columns(types), ...indexes()],
};

function columns({ id, integer, json }: ColumnTypes): readonly string[] {
  return [
    `ALTER TABLE flow ADD COLUMN labels ${json}`,
    `ALTER TABLE flow_run ADD COLUMN deployment_id ${id}`,
    `ALTER TABLE flow_run ADD COLUMN work_queue_id ${id}`,
    `ALTER TABLE flow_run ADD COLUMN next_scheduled_start_time ${integer}`,
    `ALTER TABLE flow_run ADD COLUMN submission ${json}`,
    `ALTER TABLE task_run ADD COLUMN natural_key TEXT`,
    `ALTER TABLE task_run ADD COLUMN expected_start_time ${integer}`,
    `ALTER TABLE task_run ADD COLUMN foreign_fields ${json}`,
  ];
}

function indexes(): readonly string[] {
  return [
    `CREATE INDEX flow_run_by_expected_start ON flow_run (expected_start_time, id)`,
    `CREATE INDEX flow_run_by_next_start ON flow_run (next_scheduled_start_time, id) WHERE next_scheduled_start_time IS NOT NULL`,
    `CREATE INDEX flow_run_by_deployment ON flow_run (deployment_id, id) WHERE deployment_id IS NOT NULL`,
    // Only other clients find task runs by these keys: the runs of our own engine, of which there are millions, are
    // left out.
    `CREATE UNIQUE INDEX task_run_natural_key ON task_run (natural_key) WHERE natural_key IS NOT NULL`,
  ];
}
