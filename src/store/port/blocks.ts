/** Block types, schemas and documents. Lists of them are found by condition (`QueryStorage`). */

import type { BlockDocument, BlockReference, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../core/ids.ts';
import type { Stored } from '../port.ts';

export type BlockTypeKey = { readonly id: BlockTypeId } | { readonly slug: string };
/** Without a version: the newest schema with the checksum. */
export type BlockSchemaKey = { readonly id: BlockSchemaId } | { readonly checksum: string; readonly version?: string | undefined };
export type BlockDocumentKey = { readonly id: BlockDocumentId } | { readonly blockTypeId: BlockTypeId; readonly name: string };

/** Documents with all that their answers are made of. */
export interface BlockGraph {
  /** Those that were asked for, and those that they refer to, however far. */
  readonly documents: ReadonlyMap<BlockDocumentId, BlockDocument>;
  readonly references: readonly BlockReference[];
  readonly schemas: ReadonlyMap<BlockSchemaId, BlockSchema>;
  readonly types: ReadonlyMap<BlockTypeId, BlockType>;
}

export interface BlockDocumentFacts {
  readonly document: BlockDocument | null;
  readonly references: readonly BlockReference[];
  /** The schema of the document. */
  readonly schema: BlockSchema | null;
  /** The schema that was named as the new one. */
  readonly newSchema: BlockSchema | null;
  readonly type: BlockType | null;
  /** Of the documents that are to be referred to: what is there, with all that can be reached from it. */
  readonly targets: BlockGraph;
}

export interface BlockDocumentChange<Answer> {
  /** Inserted or written over; `null` deletes it with the references from and to it. */
  readonly document?: BlockDocument | null;
  /** All that the document has from now on; absent: as they are. */
  readonly references?: readonly BlockReference[];
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface BlockStorage {
  readBlockType(key: BlockTypeKey): Stored<BlockType | null>;
  /** `null` deletes it with its schemas and documents. `conflict` when the slug is another's. */
  changeBlockType<Answer>(
    key: BlockTypeKey, change: (type: BlockType | null) => { readonly type?: BlockType | null; readonly events?: readonly OutboxEvent[]; readonly answer: Answer },
  ): Stored<Answer>;

  readBlockSchema(key: BlockSchemaKey): Stored<BlockSchema | null>;
  /** Unless there is one with the checksum and version, which is answered then. */
  insertBlockSchema(schema: BlockSchema): Stored<{ readonly schema: BlockSchema; readonly isNew: boolean }>;
  /** With its documents. Answers whether it was there. */
  deleteBlockSchema(id: BlockSchemaId): Stored<boolean>;
  /** Of all schemas, by name. */
  listBlockCapabilities(): Stored<readonly string[]>;

  readBlockGraph(ids: readonly BlockDocumentId[]): Stored<BlockGraph>;
  readBlockDocument(key: BlockDocumentKey): Stored<BlockDocument | null>;
  changeBlockDocument<Answer>(
    key: BlockDocumentKey,
    named: { readonly typeId?: BlockTypeId | undefined; readonly schemaId?: BlockSchemaId | undefined; readonly targets: readonly BlockDocumentId[] },
    change: (facts: BlockDocumentFacts) => BlockDocumentChange<Answer>,
  ): Stored<Answer>;
}
