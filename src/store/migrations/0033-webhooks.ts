/** Webhooks: addresses that turn what is sent there into events. */

import type { Migration } from './migration.ts';

export const webhooks: Migration = {
  version: 33,
  name: 'webhooks',
  breaking: false,
  statements: ({ id, integer, table }) => [
    // `slug_hash`: what the address is found by; the address itself is kept nowhere. `secret`: encrypted.
    `CREATE TABLE webhook (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  enabled ${integer} NOT NULL,
  form TEXT NOT NULL,
  template TEXT NOT NULL,
  slug_hash TEXT NOT NULL UNIQUE,
  secret TEXT,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
  ],
};
