/** Block documents and the references between them. */

import type { BlockDocument, BlockReference, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../core/ids.ts';
import type { Database, Statements, Work } from '../driver.ts';
import { lookupBytes, uuidBytes } from '../id-value.ts';
import type {
  BlockDocumentChange,
  BlockDocumentFacts,
  BlockDocumentKey,
  BlockGraph,
  BlockStorage,
} from '../port/blocks.ts';
import {
  readBlockDocumentRow,
  readBlockReferenceRow,
  type BlockDocumentRow,
  type BlockReferenceRow,
} from '../rows/block.ts';
import { removeBlockDocument } from './block-removal.ts';
import { findBlockSchema, findBlockType } from './blocks.ts';
import { insertEvents } from './events.ts';

/** The further rows that a change names. */
type Named = Parameters<BlockStorage['changeBlockDocument']>[1];

export function blockDocumentsOn(
  database: Database,
): Pick<BlockStorage, 'readBlockDocument' | 'readBlockGraph' | 'changeBlockDocument'> {
  return {
    readBlockDocument: (key) => database.read((db) => findBlockDocument(db, key)),
    readBlockGraph: (ids) => database.read((db) => findBlockGraph(db, ids)),
    changeBlockDocument: (key, named, change) => database.write((db) => changeBlockDocument(db, key, named, change)),
  };
}

function* findBlockDocument(db: Statements, key: BlockDocumentKey): Work<BlockDocument | null> {
  const row =
    'id' in key
      ? yield* db.get<BlockDocumentRow>('SELECT * FROM block_document WHERE id = ?', lookupBytes(key.id))
      : yield* db.get<BlockDocumentRow>(
          'SELECT * FROM block_document WHERE block_type_id = ? AND name = ?',
          lookupBytes(key.blockTypeId),
          key.name,
        );
  return row ? readBlockDocumentRow(row) : null;
}

/** Each document is visited once: several references may lead to it, and a cycle must end. */
function* findBlockGraph(db: Statements, ids: readonly BlockDocumentId[]): Work<BlockGraph> {
  const documents = new Map<BlockDocumentId, BlockDocument>();
  const references: BlockReference[] = [];
  const schemas = new Map<BlockSchemaId, BlockSchema>();
  const types = new Map<BlockTypeId, BlockType>();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (documents.has(id)) continue;
    const document = yield* findBlockDocument(db, { id });
    if (document === null) continue;
    documents.set(document.id, document);
    const schema = schemas.get(document.blockSchemaId) ?? (yield* findBlockSchema(db, { id: document.blockSchemaId }));
    if (schema) schemas.set(schema.id, schema);
    const type = types.get(document.blockTypeId) ?? (yield* findBlockType(db, { id: document.blockTypeId }));
    if (type) types.set(type.id, type);
    const found = yield* referencesOf(db, document.id);
    references.push(...found);
    waiting.push(...found.map(({ referenceId }) => referenceId));
  }
  return { documents, references, schemas, types };
}

function* referencesOf(db: Statements, id: BlockDocumentId): Work<readonly BlockReference[]> {
  return (yield* db.all<BlockReferenceRow>(
    'SELECT * FROM block_reference WHERE parent_id = ? ORDER BY name',
    uuidBytes(id),
  )).map(readBlockReferenceRow);
}

function* changeBlockDocument<Answer>(
  db: Statements,
  key: BlockDocumentKey,
  named: Named,
  change: (facts: BlockDocumentFacts) => BlockDocumentChange<Answer>,
): Work<Answer> {
  const document = yield* findBlockDocument(db, key);
  const typeId = document?.blockTypeId ?? named.typeId;
  const changed = change({
    document,
    references: document ? yield* referencesOf(db, document.id) : [],
    schema: document ? yield* findBlockSchema(db, { id: document.blockSchemaId }) : null,
    newSchema: named.schemaId === undefined ? null : yield* findBlockSchema(db, { id: named.schemaId }),
    type: typeId === undefined ? null : yield* findBlockType(db, { id: typeId }),
    targets: yield* findBlockGraph(db, named.targets),
  });
  if (changed.document) yield* writeBlockDocument(db, changed.document, changed.references);
  if (changed.document === null && document) yield* removeBlockDocument(db, uuidBytes(document.id));
  yield* insertEvents(db, changed.events ?? []);
  return changed.answer;
}

function* writeBlockDocument(
  db: Statements,
  document: BlockDocument,
  references: readonly BlockReference[] | undefined,
): Work<void> {
  const id = uuidBytes(document.id);
  const typeId = uuidBytes(document.blockTypeId);
  if (
    yield* db.get(
      'SELECT 1 FROM block_document WHERE block_type_id = ? AND name = ? AND id <> ?',
      typeId,
      document.name,
      id,
    )
  ) {
    throw new OstinatoError('conflict', 'Block already exists');
  }
  yield* db.run(
    `INSERT INTO block_document (id, name, block_type_id, block_type_name, block_schema_id, is_anonymous, sealed_data, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, block_schema_id = excluded.block_schema_id,
    is_anonymous = excluded.is_anonymous, sealed_data = excluded.sealed_data, updated_at = excluded.updated_at`,
    id,
    document.name,
    typeId,
    document.blockTypeName,
    uuidBytes(document.blockSchemaId),
    document.isAnonymous ? 1 : 0,
    document.sealedData,
    document.createdAt,
    document.updatedAt,
  );
  if (references === undefined) return;
  yield* db.run('DELETE FROM block_reference WHERE parent_id = ?', id);
  for (const { name, referenceId } of references) {
    yield* db.run(
      'INSERT INTO block_reference (parent_id, name, reference_id) VALUES (?, ?, ?)',
      id,
      name,
      uuidBytes(referenceId),
    );
  }
}
