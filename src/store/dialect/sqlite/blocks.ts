/** Block types and schemas. */

import type { BlockSchema, BlockType } from '../../../core/blocks/block.ts';
import { OstinatoError } from '../../../core/errors.ts';
import type { OutboxEvent } from '../../../core/event.ts';
import type { BlockSchemaId } from '../../../core/ids.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import type { BlockSchemaKey, BlockTypeKey } from '../../port/blocks.ts';
import { readBlockSchemaRow, readBlockTypeRow, type BlockSchemaRow, type BlockTypeRow } from '../../rows/block.ts';
import { removeBlockDocument } from './block-removal.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';

export function readBlockType(connection: Connection, key: BlockTypeKey): BlockType | null {
  return connection.read(() => findBlockType(connection, key));
}

export function findBlockType(connection: Connection, key: BlockTypeKey): BlockType | null {
  const row = 'id' in key
    ? connection.statement('SELECT * FROM block_type WHERE id = ?').get(lookupBytes(key.id))
    : connection.statement('SELECT * FROM block_type WHERE slug = ?').get(key.slug);
  return row ? readBlockTypeRow(row as unknown as BlockTypeRow) : null;
}

export function changeBlockType<Answer>(
  connection: Connection, key: BlockTypeKey,
  change: (type: BlockType | null) => { readonly type?: BlockType | null; readonly events?: readonly OutboxEvent[]; readonly answer: Answer },
): Answer {
  return connection.write(() => {
    const found = findBlockType(connection, key);
    const { type, events, answer } = change(found);
    if (type) writeBlockType(connection, type);
    if (type === null && found) removeBlockType(connection, found);
    insertEvents(connection, events ?? []);
    return answer;
  });
}

function writeBlockType(connection: Connection, type: BlockType): void {
  const id = uuidBytes(type.id);
  if (connection.statement('SELECT 1 FROM block_type WHERE slug = ? AND id <> ?').get(type.slug, id)) {
    throw new OstinatoError('conflict', `Block type with name "${type.name}" already exists`);
  }
  connection
    .statement(
      `INSERT INTO block_type (id, name, slug, logo_url, documentation_url, description, code_example, is_protected, created_at, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, slug = excluded.slug,
      logo_url = excluded.logo_url, documentation_url = excluded.documentation_url, description = excluded.description,
      code_example = excluded.code_example, is_protected = excluded.is_protected, updated_at = excluded.updated_at`,
    )
    .run(
      id, type.name, type.slug, type.logoUrl, type.documentationUrl, type.description, type.codeExample, type.isProtected ? 1 : 0,
      type.createdAt, type.updatedAt,
    );
}

function removeBlockType(connection: Connection, type: BlockType): void {
  const schemas = connection.statement('SELECT id FROM block_schema WHERE block_type_id = ?').all(uuidBytes(type.id));
  for (const schema of schemas) removeBlockSchema(connection, schema['id'] as Uint8Array);
  const documents = connection.statement('SELECT id FROM block_document WHERE block_type_id = ?').all(uuidBytes(type.id));
  for (const document of documents) removeBlockDocument(connection, document['id'] as Uint8Array);
  connection.statement('DELETE FROM block_type WHERE id = ?').run(uuidBytes(type.id));
}

export function readBlockSchema(connection: Connection, key: BlockSchemaKey): BlockSchema | null {
  return connection.read(() => findBlockSchema(connection, key));
}

export function findBlockSchema(connection: Connection, key: BlockSchemaKey): BlockSchema | null {
  const row = 'id' in key
    ? connection.statement('SELECT * FROM block_schema WHERE id = ?').get(lookupBytes(key.id))
    : key.version === undefined
      ? connection.statement('SELECT * FROM block_schema WHERE checksum = ? ORDER BY created_at DESC, id DESC').get(key.checksum)
      : connection.statement('SELECT * FROM block_schema WHERE checksum = ? AND version = ?').get(key.checksum, key.version);
  return row ? readBlockSchemaRow(row as unknown as BlockSchemaRow) : null;
}

export function insertBlockSchema(connection: Connection, schema: BlockSchema): { readonly schema: BlockSchema; readonly isNew: boolean } {
  return connection.write(() => {
    const found = findBlockSchema(connection, { checksum: schema.checksum, version: schema.version });
    if (found) return { schema: found, isNew: false };
    connection
      .statement('INSERT INTO block_schema (id, checksum, version, block_type_id, fields, capabilities, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        uuidBytes(schema.id), schema.checksum, schema.version, uuidBytes(schema.blockTypeId), schema.fields, JSON.stringify(schema.capabilities),
        schema.createdAt, schema.updatedAt,
      );
    return { schema, isNew: true };
  });
}

export function deleteBlockSchema(connection: Connection, id: BlockSchemaId): boolean {
  const bytes = lookupBytes(id);
  return bytes !== null && connection.write(() => removeBlockSchema(connection, bytes));
}

function removeBlockSchema(connection: Connection, id: Uint8Array): boolean {
  const documents = connection.statement('SELECT id FROM block_document WHERE block_schema_id = ?').all(id);
  for (const document of documents) removeBlockDocument(connection, document['id'] as Uint8Array);
  return connection.statement('DELETE FROM block_schema WHERE id = ?').run(id).changes > 0;
}

export function listBlockCapabilities(connection: Connection): readonly string[] {
  const rows = connection.read(() => connection.statement('SELECT DISTINCT capabilities FROM block_schema').all());
  return [...new Set(rows.flatMap((row) => JSON.parse(String(row['capabilities'])) as string[]))].sort();
}
