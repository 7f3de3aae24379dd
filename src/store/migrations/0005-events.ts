/** Full events: their content besides name and resource, and the resources by which they are found. */

import type { ColumnTypes, Migration } from './migration.ts';

export const events: Migration = {
  version: 5,
  name: 'events in full',
  breaking: false,
  statements: (types) => [...columns(types), ...tables(types), ...indexes()],
};

function columns({ id, integer }: ColumnTypes): readonly string[] {
  return [`ALTER TABLE event ADD COLUMN received ${integer}`, `ALTER TABLE event ADD COLUMN follows ${id}`];
}

function tables({ integer, json, table, clusteredTable }: ColumnTypes): readonly string[] {
  return [
    // Separate from the events, so that searching millions of them does not read their content.
    `CREATE TABLE event_body (
  seq ${integer} NOT NULL PRIMARY KEY,
  labels ${json} NOT NULL,
  related ${json} NOT NULL,
  payload ${json} NOT NULL
)${table}`,
    // The event's own resource (with no role) and the related ones.
    `CREATE TABLE event_resource (
  resource_id TEXT NOT NULL,
  seq ${integer} NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (resource_id, seq, role)
)${clusteredTable}`,
  ];
}

function indexes(): readonly string[] {
  return [
    // Clients send an event again when they do not know whether it arrived. The compact rows of our own engine, three a
    // task, stay out: their states are told apart by themselves.
    `CREATE UNIQUE INDEX event_by_id ON event (id) WHERE task_run_id IS NULL`,
    `CREATE INDEX event_by_occurred ON event (occurred)`,
    // Deferred task runs are looked for when a server starts.
    `CREATE INDEX task_run_scheduled ON task_run (id) WHERE state_type = 'SCHEDULED'`,
    // Existing events are found by their own resource.
    `INSERT INTO event_resource (resource_id, seq, role) SELECT resource_id, seq, '' FROM event WHERE resource_id IS NOT NULL`,
  ];
}
