/** Concurrency limits and the leases on their slots. */

import type { Migration } from './migration.ts';

export const concurrency: Migration = {
  version: 8,
  name: 'concurrency limits and leases',
  breaking: false,
  statements: ({ id, integer, real, table, clusteredTable }) => [
    `CREATE TABLE concurrency_limit (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  slots_max ${integer} NOT NULL,
  active ${integer} NOT NULL,
  active_slots ${integer} NOT NULL,
  denied_slots ${integer} NOT NULL,
  slot_decay_per_second ${real} NOT NULL,
  avg_slot_occupancy_seconds ${real} NOT NULL,
  slots_at ${integer} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `CREATE TABLE concurrency_lease (
  id ${id} NOT NULL PRIMARY KEY,
  slots ${integer} NOT NULL,
  holder_type TEXT,
  holder_id ${id},
  created_at ${integer} NOT NULL,
  expires_at ${integer} NOT NULL
)${table}`,
    `CREATE INDEX concurrency_lease_by_end ON concurrency_lease (expires_at)`,
    `CREATE INDEX concurrency_lease_by_holder ON concurrency_lease (holder_id) WHERE holder_id IS NOT NULL`,
    `CREATE TABLE concurrency_lease_limit (
  lease_id ${id} NOT NULL,
  limit_id ${id} NOT NULL,
  PRIMARY KEY (lease_id, limit_id)
)${clusteredTable}`,
    `CREATE INDEX concurrency_lease_limit_by_limit ON concurrency_lease_limit (limit_id)`,
  ],
};
