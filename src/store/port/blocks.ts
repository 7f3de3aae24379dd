/** Block types, schemas and documents. Lists of them are found by condition (`QueryStorage`). */

import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { BlockDocument, BlockReference, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../core/ids.ts';

export type BlockTypeKey = { readonly id: BlockTypeId } | { readonly slug: string };
/** Without a version: the newest schema with the checksum. */
export type BlockSchemaKey =
  | { readonly id: BlockSchemaId }
  | { readonly checksum: string; readonly version?: string | undefined };
export type BlockDocumentKey =
  | { readonly id: BlockDocumentId }
  | { readonly blockTypeId: BlockTypeId; readonly name: string };

/** Documents with everything that an answer about them contains. */
export interface BlockGraph {
  /** The requested documents, and those that they refer to, directly or not. */
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
  /** The documents to refer to that exist, with everything reachable from them. */
  readonly targets: BlockGraph;
}

export interface BlockDocumentChange<Answer> {
  /** Inserted or replaced; `null` deletes it with the references from and to it. */
  readonly document?: BlockDocument | null;
  /** All references of the document from now on; absent: unchanged. */
  readonly references?: readonly BlockReference[];
  readonly events?: readonly OutboxEvent[];
  readonly answer: Answer;
}

export interface BlockStorage {
  readBlockType(key: BlockTypeKey): MaybePromise<BlockType | null>;
  /** `null` deletes it with its schemas and documents. `conflict` when the slug is another's. */
  changeBlockType<Answer>(
    key: BlockTypeKey,
    change: (type: BlockType | null) => {
      readonly type?: BlockType | null;
      readonly events?: readonly OutboxEvent[];
      readonly answer: Answer;
    },
  ): MaybePromise<Answer>;

  readBlockSchema(key: BlockSchemaKey): MaybePromise<BlockSchema | null>;
  /** Inserts the schema unless one with its checksum and version exists, which is returned then. */
  insertBlockSchema(schema: BlockSchema): MaybePromise<{ readonly schema: BlockSchema; readonly isNew: boolean }>;
  /** With its documents. Returns whether it existed. */
  deleteBlockSchema(id: BlockSchemaId): MaybePromise<boolean>;
  /** Of all schemas, by name. */
  listBlockCapabilities(): MaybePromise<readonly string[]>;

  readBlockGraph(ids: readonly BlockDocumentId[]): MaybePromise<BlockGraph>;
  readBlockDocument(key: BlockDocumentKey): MaybePromise<BlockDocument | null>;
  changeBlockDocument<Answer>(
    key: BlockDocumentKey,
    named: {
      readonly typeId?: BlockTypeId | undefined;
      readonly schemaId?: BlockSchemaId | undefined;
      readonly targets: readonly BlockDocumentId[];
    },
    change: (facts: BlockDocumentFacts) => BlockDocumentChange<Answer>,
  ): MaybePromise<Answer>;
}
