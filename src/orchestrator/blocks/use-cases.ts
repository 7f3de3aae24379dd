import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../core/ids.ts';
import { chain } from '../../core/maybe-promise.ts';
import type { Query } from '../../core/query.ts';
import type { BlockSchemaKey, BlockTypeKey } from '../../store/port/blocks.ts';
import {
  createBlockDocument,
  deleteBlockDocument,
  findBlockDocuments,
  readBlockDocument,
  readBlockDocumentByName,
  updateBlockDocument,
  type BlockDocumentUpdate,
  type NewBlockDocument,
} from './documents.ts';
import { installBlockTypes } from './install.ts';
import type { BlockPorts } from './ports.ts';
import { createBlockSchema, deleteBlockSchema, withType, type NewBlockSchema } from './schemas.ts';
import { createBlockType, deleteBlockType, updateBlockType, type NewBlockType } from './block-types.ts';

/** What can be done with blocks, bound to its ports. */
export function blockUseCases(ports: BlockPorts) {
  const { storage } = ports;
  return {
    createBlockType: (request: NewBlockType) => createBlockType(ports, request),
    readBlockType: (key: BlockTypeKey) => storage.readBlockType(key),
    updateBlockType: (id: BlockTypeId, change: Parameters<typeof updateBlockType>[2]) =>
      updateBlockType(ports, id, change),
    deleteBlockType: (id: BlockTypeId) => deleteBlockType(ports, id),
    installBlockTypes: () => installBlockTypes(ports),

    createBlockSchema: (request: NewBlockSchema) => createBlockSchema(ports, request),
    readBlockSchema: (key: BlockSchemaKey) => withType(ports, storage.readBlockSchema(key)),
    findBlockSchemas: (query: Query) =>
      chain(storage.find('block_schema', query), (schemas) =>
        Promise.all(
          schemas.map(async (schema) => ({ schema, type: await storage.readBlockType({ id: schema.blockTypeId }) })),
        ),
      ),
    deleteBlockSchema: (id: BlockSchemaId) => deleteBlockSchema(ports, id),
    listBlockCapabilities: () => storage.listBlockCapabilities(),

    createBlockDocument: (request: NewBlockDocument) => createBlockDocument(ports, request),
    readBlockDocument: (id: BlockDocumentId, includeSecrets: boolean) => readBlockDocument(ports, id, includeSecrets),
    readBlockDocumentByName: (slug: string, name: string, includeSecrets: boolean) =>
      readBlockDocumentByName(ports, slug, name, includeSecrets),
    findBlockDocuments: (query: Query, includeSecrets: boolean) => findBlockDocuments(ports, query, includeSecrets),
    updateBlockDocument: (id: BlockDocumentId, change: BlockDocumentUpdate) => updateBlockDocument(ports, id, change),
    deleteBlockDocument: (id: BlockDocumentId) => deleteBlockDocument(ports, id),
  };
}
