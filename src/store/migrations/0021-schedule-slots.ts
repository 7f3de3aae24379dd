/** Slots of schedules: each time that one was to make a run, and what became of it. */

import type { Migration } from './migration.ts';

export const scheduleSlots: Migration = {
  version: 21,
  name: 'slots of schedules',
  breaking: false,
  statements: ({ id, integer, table }) => [
    `ALTER TABLE deployment_schedule ADD COLUMN settled_through ${integer}`,
    `ALTER TABLE deployment_schedule ADD COLUMN held_since ${integer}`,
    `CREATE TABLE schedule_slot (
  schedule_id ${id} NOT NULL,
  nominal TEXT NOT NULL,
  fold ${integer} NOT NULL,
  zone TEXT NOT NULL,
  deployment_id ${id} NOT NULL,
  due_at ${integer} NOT NULL,
  through ${integer},
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  flow_run_id ${id},
  decided_at ${integer} NOT NULL,
  PRIMARY KEY (schedule_id, nominal, fold, zone)
)${table}`,
    `CREATE INDEX schedule_slot_by_deployment ON schedule_slot (deployment_id, due_at)`,
    `CREATE INDEX schedule_slot_by_run ON schedule_slot (flow_run_id) WHERE flow_run_id IS NOT NULL`,
  ],
};
