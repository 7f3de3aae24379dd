/** Blocks. */

import type { Migration } from './migration.ts';

export const blocks: Migration = {
  version: 7,
  name: 'block types, schemas, documents and their references',
  breaking: false,
  statements: ({ id, integer, json, table, clusteredTable }) => [
    `CREATE TABLE block_type (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  logo_url TEXT,
  documentation_url TEXT,
  description TEXT,
  code_example TEXT,
  is_protected ${integer} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL
)${table}`,
    `CREATE TABLE block_schema (
  id ${id} NOT NULL PRIMARY KEY,
  checksum TEXT NOT NULL,
  version TEXT NOT NULL,
  block_type_id ${id} NOT NULL,
  fields ${json} NOT NULL,
  capabilities ${json} NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL,
  UNIQUE (checksum, version)
)${table}`,
    `CREATE INDEX block_schema_by_type ON block_schema (block_type_id)`,
    // The values are sealed: the text is readable for the server only.
    `CREATE TABLE block_document (
  id ${id} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  block_type_id ${id} NOT NULL,
  block_type_name TEXT NOT NULL,
  block_schema_id ${id} NOT NULL,
  is_anonymous ${integer} NOT NULL,
  sealed_data TEXT NOT NULL,
  created_at ${integer} NOT NULL,
  updated_at ${integer} NOT NULL,
  UNIQUE (block_type_id, name)
)${table}`,
    `CREATE INDEX block_document_by_schema ON block_document (block_schema_id)`,
    `CREATE TABLE block_reference (
  parent_id ${id} NOT NULL,
  name TEXT NOT NULL,
  reference_id ${id} NOT NULL,
  PRIMARY KEY (parent_id, name)
)${clusteredTable}`,
    `CREATE INDEX block_reference_by_target ON block_reference (reference_id)`,
  ],
};
