/** Work pools, their queues, and workers. */

import type { Migration } from './migration.ts';

export const workPools: Migration = {
  version: 19,
  name: 'work pools, work queues and workers',
  breaking: false,
  statements: ({ id, integer, json, table }) => [
    `CREATE TABLE work_pool (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT,
  type TEXT NOT NULL,
  base_job_template ${json} NOT NULL,
  is_paused ${integer} NOT NULL,
  concurrency_limit ${integer},
  status TEXT,
  default_queue_id ${id} NOT NULL,
  storage_configuration ${json} NOT NULL,
  status_event_id ${id},
  status_at ${integer},
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `CREATE TABLE work_queue (
  id ${id} NOT NULL PRIMARY KEY,
  work_pool_id ${id} NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  is_paused ${integer} NOT NULL,
  concurrency_limit ${integer},
  priority ${integer} NOT NULL,
  filter ${json},
  last_polled ${integer},
  status TEXT NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL,
  UNIQUE (work_pool_id, name)
)${table}`,
    `CREATE TABLE worker (
  id ${id} NOT NULL PRIMARY KEY,
  work_pool_id ${id} NOT NULL,
  name TEXT NOT NULL,
  last_heartbeat ${integer} NOT NULL,
  heartbeat_interval_seconds ${integer},
  status TEXT NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL,
  UNIQUE (work_pool_id, name)
)${table}`,
    // What is due in a queue, and what is under way there.
    `CREATE INDEX flow_run_by_work_queue ON flow_run (work_queue_id, state_type, next_scheduled_start_time) WHERE work_queue_id IS NOT NULL`,
  ],
};
