import type { BlockStorage } from '../../port/blocks.ts';
import { changeBlockDocument, readBlockDocument, readBlockGraph } from './block-documents.ts';
import { changeBlockType, deleteBlockSchema, insertBlockSchema, listBlockCapabilities, readBlockSchema, readBlockType } from './blocks.ts';
import type { Connection } from './connection.ts';

export function blocksOn(connection: Connection): BlockStorage {
  return {
    readBlockType: (key) => readBlockType(connection, key),
    changeBlockType: (key, change) => changeBlockType(connection, key, change),
    readBlockSchema: (key) => readBlockSchema(connection, key),
    insertBlockSchema: (schema) => insertBlockSchema(connection, schema),
    deleteBlockSchema: (id) => deleteBlockSchema(connection, id),
    listBlockCapabilities: () => listBlockCapabilities(connection),
    readBlockGraph: (ids) => readBlockGraph(connection, ids),
    readBlockDocument: (key) => readBlockDocument(connection, key),
    changeBlockDocument: (key, named, change) => changeBlockDocument(connection, key, named, change),
  };
}
