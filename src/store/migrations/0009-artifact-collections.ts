/** What clients of the API keep beside runs: artifacts by key. */

import type { Migration } from './migration.ts';

export const artifactCollections: Migration = {
  version: 9,
  name: 'artifact collections, metadata of artifacts, configuration, CSRF tokens',
  breaking: false,
  statements: ({ id, integer, json, table }) => [
    `ALTER TABLE artifact ADD COLUMN metadata ${json}`,
    `CREATE TABLE artifact_collection (
  key TEXT NOT NULL PRIMARY KEY,
  id ${id} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `INSERT INTO artifact_collection (key, id, created_at, updated_at)
SELECT artifact.key, artifact.id, artifact.created_at, artifact.updated_at FROM artifact
WHERE artifact.key IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM artifact AS older WHERE older.key = artifact.key AND older.id < artifact.id)`,
    `CREATE TABLE configuration (
  key TEXT NOT NULL PRIMARY KEY,
  value ${json} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `CREATE TABLE csrf_token (
  client TEXT NOT NULL PRIMARY KEY,
  id ${id} NOT NULL,
  token TEXT NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL,
  expires_at ${integer} NOT NULL
)${table}`,
    `CREATE INDEX csrf_token_by_end ON csrf_token (expires_at)`,
  ],
};
