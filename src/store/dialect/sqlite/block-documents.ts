/** Block documents and the references between them. */

import type { BlockDocument, BlockReference, BlockSchema, BlockType } from '../../../core/blocks/block.ts';
import { OstinatoError } from '../../../core/errors.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../../core/ids.ts';
import { lookupBytes, uuidBytes } from '../../id-value.ts';
import type { BlockDocumentChange, BlockDocumentFacts, BlockDocumentKey, BlockGraph } from '../../port/blocks.ts';
import { readBlockDocumentRow, readBlockReferenceRow, type BlockDocumentRow, type BlockReferenceRow } from '../../rows/block.ts';
import { removeBlockDocument } from './block-removal.ts';
import { findBlockSchema, findBlockType } from './blocks.ts';
import type { Connection } from './connection.ts';
import { insertEvents } from './events.ts';

export function readBlockDocument(connection: Connection, key: BlockDocumentKey): BlockDocument | null {
  return connection.read(() => findBlockDocument(connection, key));
}

function findBlockDocument(connection: Connection, key: BlockDocumentKey): BlockDocument | null {
  const row = 'id' in key
    ? connection.statement('SELECT * FROM block_document WHERE id = ?').get(lookupBytes(key.id))
    : connection.statement('SELECT * FROM block_document WHERE block_type_id = ? AND name = ?').get(lookupBytes(key.blockTypeId), key.name);
  return row ? readBlockDocumentRow(row as unknown as BlockDocumentRow) : null;
}

export function readBlockGraph(connection: Connection, ids: readonly BlockDocumentId[]): BlockGraph {
  return connection.read(() => findBlockGraph(connection, ids));
}

/** Each document is visited once: references may meet, and cannot lead round in a circle for ever. */
function findBlockGraph(connection: Connection, ids: readonly BlockDocumentId[]): BlockGraph {
  const documents = new Map<BlockDocumentId, BlockDocument>();
  const references: BlockReference[] = [];
  const schemas = new Map<BlockSchemaId, BlockSchema>();
  const types = new Map<BlockTypeId, BlockType>();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (documents.has(id)) continue;
    const document = findBlockDocument(connection, { id });
    if (document === null) continue;
    documents.set(document.id, document);
    const schema = schemas.get(document.blockSchemaId) ?? findBlockSchema(connection, { id: document.blockSchemaId });
    if (schema) schemas.set(schema.id, schema);
    const type = types.get(document.blockTypeId) ?? findBlockType(connection, { id: document.blockTypeId });
    if (type) types.set(type.id, type);
    const found = referencesOf(connection, document.id);
    references.push(...found);
    waiting.push(...found.map(({ referenceId }) => referenceId));
  }
  return { documents, references, schemas, types };
}

function referencesOf(connection: Connection, id: BlockDocumentId): readonly BlockReference[] {
  const rows = connection.statement('SELECT * FROM block_reference WHERE parent_id = ? ORDER BY name').all(uuidBytes(id));
  return rows.map((row) => readBlockReferenceRow(row as unknown as BlockReferenceRow));
}

export function changeBlockDocument<Answer>(
  connection: Connection, key: BlockDocumentKey,
  named: { readonly typeId?: BlockTypeId | undefined; readonly schemaId?: BlockSchemaId | undefined; readonly targets: readonly BlockDocumentId[] },
  change: (facts: BlockDocumentFacts) => BlockDocumentChange<Answer>,
): Answer {
  return connection.write(() => {
    const document = findBlockDocument(connection, key);
    const typeId = document?.blockTypeId ?? named.typeId;
    const changed = change({
      document,
      references: document ? referencesOf(connection, document.id) : [],
      schema: document ? findBlockSchema(connection, { id: document.blockSchemaId }) : null,
      newSchema: named.schemaId === undefined ? null : findBlockSchema(connection, { id: named.schemaId }),
      type: typeId === undefined ? null : findBlockType(connection, { id: typeId }),
      targets: findBlockGraph(connection, named.targets),
    });
    if (changed.document) writeBlockDocument(connection, changed.document, changed.references);
    if (changed.document === null && document) removeBlockDocument(connection, uuidBytes(document.id));
    insertEvents(connection, changed.events ?? []);
    return changed.answer;
  });
}

function writeBlockDocument(connection: Connection, document: BlockDocument, references: readonly BlockReference[] | undefined): void {
  const id = uuidBytes(document.id);
  const typeId = uuidBytes(document.blockTypeId);
  if (connection.statement('SELECT 1 FROM block_document WHERE block_type_id = ? AND name = ? AND id <> ?').get(typeId, document.name, id)) {
    throw new OstinatoError('conflict', 'Block already exists');
  }
  connection
    .statement(
      `INSERT INTO block_document (id, name, block_type_id, block_type_name, block_schema_id, is_anonymous, sealed_data, created_at, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, block_schema_id = excluded.block_schema_id,
      is_anonymous = excluded.is_anonymous, sealed_data = excluded.sealed_data, updated_at = excluded.updated_at`,
    )
    .run(
      id, document.name, typeId, document.blockTypeName, uuidBytes(document.blockSchemaId), document.isAnonymous ? 1 : 0, document.sealedData,
      document.createdAt, document.updatedAt,
    );
  if (references === undefined) return;
  connection.statement('DELETE FROM block_reference WHERE parent_id = ?').run(id);
  const insert = connection.statement('INSERT INTO block_reference (parent_id, name, reference_id) VALUES (?, ?, ?)');
  for (const { name, referenceId } of references) insert.run(id, name, uuidBytes(referenceId));
}
