/** Alerts, and the marks by which they are found. */

import type { Migration } from './migration.ts';

export const alerts: Migration = {
  version: 32,
  name: 'alerts',
  breaking: false,
  statements: ({ id, integer, json, table, clusteredTable }) => [
    `CREATE TABLE alert (
  id ${id} NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  body ${json} NOT NULL,
  opened_at ${integer} NOT NULL,
  closed_at ${integer},
  due_at ${integer},
  leased_until ${integer},
  attempts ${integer} NOT NULL
)${table}`,
    `CREATE INDEX alert_by_due ON alert (due_at) WHERE due_at IS NOT NULL`,
    `CREATE INDEX alert_by_age ON alert (opened_at, id)`,
    `CREATE INDEX alert_by_end ON alert (closed_at) WHERE closed_at IS NOT NULL`,
    // Of alerts that are open: their causes, what they have hit, and whose success ends them.
    `CREATE TABLE alert_mark (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  alert_id ${id} NOT NULL,
  marked_at ${integer} NOT NULL,
  PRIMARY KEY (kind, name, alert_id)
)${clusteredTable}`,
    `CREATE INDEX alert_mark_by_alert ON alert_mark (alert_id, kind)`,
  ],
};
