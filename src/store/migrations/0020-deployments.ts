/** Deployments and their schedules. */

import type { Migration } from './migration.ts';

export const deployments: Migration = {
  version: 20,
  name: 'deployments and their schedules',
  breaking: false,
  statements: ({ id, integer, json, table }) => [
    // What no list is narrowed or ordered by is in `body`.
    `CREATE TABLE deployment (
  id ${id} NOT NULL PRIMARY KEY,
  flow_id ${id} NOT NULL,
  name TEXT NOT NULL,
  paused ${integer} NOT NULL,
  tags ${json} NOT NULL,
  work_queue_name TEXT,
  work_queue_id ${id},
  concurrency_limit_id ${id},
  is_ready ${integer} NOT NULL,
  last_polled_at ${integer},
  body ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL,
  UNIQUE (flow_id, name)
)${table}`,
    `CREATE INDEX deployment_by_name ON deployment (name, id)`,
    `CREATE INDEX deployment_by_work_queue ON deployment (work_queue_id) WHERE work_queue_id IS NOT NULL`,
    `CREATE INDEX deployment_ready ON deployment (last_polled_at) WHERE is_ready = 1`,
    `CREATE TABLE deployment_schedule (
  id ${id} NOT NULL PRIMARY KEY,
  deployment_id ${id} NOT NULL,
  active ${integer} NOT NULL,
  slug TEXT,
  schedule ${json} NOT NULL,
  parameters ${json} NOT NULL,
  max_scheduled_runs ${integer},
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL,
  scheduled_through ${integer},
  due_at ${integer},
  UNIQUE (deployment_id, slug)
)${table}`,
    `CREATE INDEX deployment_schedule_due ON deployment_schedule (due_at) WHERE due_at IS NOT NULL`,
  ],
};
