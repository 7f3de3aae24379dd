/** Block types and schemas. */

import type { BlockSchema, BlockType } from '../../core/blocks/block.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, uuidBytes, type IdValue } from '../id-value.ts';
import type { BlockSchemaKey, BlockStorage, BlockTypeKey } from '../port/blocks.ts';
import { readBlockSchemaRow, readBlockTypeRow, type BlockSchemaRow, type BlockTypeRow } from '../rows/block.ts';
import { removeBlockDocument } from './block-removal.ts';
import { insertEvents } from './events.ts';

interface IdRow {
  readonly id: IdValue;
}

export function blocksOn(
  database: Database,
): Omit<BlockStorage, 'readBlockDocument' | 'readBlockGraph' | 'changeBlockDocument'> {
  return {
    readBlockType: (key) => database.read((db) => findBlockType(db, key)),
    changeBlockType: (key, change) =>
      database.write(function* (db) {
        const found = yield* findBlockType(db, key);
        const { type, events, answer } = change(found);
        if (type) yield* writeBlockType(db, type);
        if (type === null && found) yield* removeBlockType(db, uuidBytes(found.id));
        yield* insertEvents(db, events ?? []);
        return answer;
      }),
    readBlockSchema: (key) => database.read((db) => findBlockSchema(db, key)),
    insertBlockSchema: (schema) => database.write((db) => insertBlockSchema(db, schema)),
    deleteBlockSchema(id) {
      const bytes = lookupBytes(id);
      return bytes !== null && database.write((db) => removeBlockSchema(db, bytes));
    },
    listBlockCapabilities: () =>
      database.read(function* (db) {
        const rows = yield* db.all<{ readonly capabilities: string }>('SELECT DISTINCT capabilities FROM block_schema');
        return [...new Set(rows.flatMap((row) => JSON.parse(row.capabilities) as string[]))].sort();
      }),
  };
}

export function* findBlockType(db: Statements, key: BlockTypeKey): Work<BlockType | null> {
  const row =
    'id' in key
      ? yield* db.get<BlockTypeRow>('SELECT * FROM block_type WHERE id = ?', lookupBytes(key.id))
      : yield* db.get<BlockTypeRow>('SELECT * FROM block_type WHERE slug = ?', key.slug);
  return row ? readBlockTypeRow(row) : null;
}

function* writeBlockType(db: Statements, type: BlockType): Work<void> {
  const id = uuidBytes(type.id);
  if (yield* db.get('SELECT 1 FROM block_type WHERE slug = ? AND id <> ?', type.slug, id)) {
    throw new OstinatoError('conflict', `Block type with name "${type.name}" already exists`);
  }
  yield* db.run(
    `INSERT INTO block_type (id, name, slug, logo_url, documentation_url, description, code_example, is_protected, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, slug = excluded.slug,
    logo_url = excluded.logo_url, documentation_url = excluded.documentation_url, description = excluded.description,
    code_example = excluded.code_example, is_protected = excluded.is_protected, updated_at = excluded.updated_at`,
    id,
    type.name,
    type.slug,
    type.logoUrl,
    type.documentationUrl,
    type.description,
    type.codeExample,
    type.isProtected ? 1 : 0,
    type.createdAt,
    type.updatedAt,
  );
}

function* removeBlockType(db: Statements, id: IdValue): Work<void> {
  for (const schema of yield* db.all<IdRow>('SELECT id FROM block_schema WHERE block_type_id = ?', id))
    yield* removeBlockSchema(db, schema.id);
  for (const document of yield* db.all<IdRow>('SELECT id FROM block_document WHERE block_type_id = ?', id))
    yield* removeBlockDocument(db, document.id);
  yield* db.run('DELETE FROM block_type WHERE id = ?', id);
}

export function* findBlockSchema(db: Statements, key: BlockSchemaKey): Work<BlockSchema | null> {
  const row =
    'id' in key
      ? yield* db.get<BlockSchemaRow>('SELECT * FROM block_schema WHERE id = ?', lookupBytes(key.id))
      : key.version === undefined
        ? yield* db.get<BlockSchemaRow>(
            'SELECT * FROM block_schema WHERE checksum = ? ORDER BY created_at DESC, id DESC LIMIT 1',
            key.checksum,
          )
        : yield* db.get<BlockSchemaRow>(
            'SELECT * FROM block_schema WHERE checksum = ? AND version = ?',
            key.checksum,
            key.version,
          );
  return row ? readBlockSchemaRow(row) : null;
}

function* insertBlockSchema(
  db: Statements,
  schema: BlockSchema,
): Work<{ readonly schema: BlockSchema; readonly isNew: boolean }> {
  const found = yield* findBlockSchema(db, { checksum: schema.checksum, version: schema.version });
  if (found) return { schema: found, isNew: false };
  yield* db.run(
    'INSERT INTO block_schema (id, checksum, version, block_type_id, fields, capabilities, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    uuidBytes(schema.id),
    schema.checksum,
    schema.version,
    uuidBytes(schema.blockTypeId),
    schema.fields,
    JSON.stringify(schema.capabilities),
    schema.createdAt,
    schema.updatedAt,
  );
  return { schema, isNew: true };
}

function* removeBlockSchema(db: Statements, id: IdValue): Work<boolean> {
  for (const document of yield* db.all<IdRow>('SELECT id FROM block_document WHERE block_schema_id = ?', id))
    yield* removeBlockDocument(db, document.id);
  return (yield* db.run('DELETE FROM block_schema WHERE id = ?', id)) > 0;
}
