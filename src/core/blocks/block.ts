/** Blocks: typed, named settings with secrets, which clients share by way of the server. */

import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../ids.ts';
import type { Instant } from '../time.ts';

export interface BlockType {
  readonly id: BlockTypeId;
  readonly name: string;
  /** Unique; used in URLs. */
  readonly slug: string;
  readonly logoUrl: string | null;
  readonly documentationUrl: string | null;
  readonly description: string | null;
  readonly codeExample: string | null;
  /** A protected type belongs to the system and cannot be deleted. */
  readonly isProtected: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface BlockSchema {
  readonly id: BlockSchemaId;
  /** `sha256:…` of the fields; unique together with the version. */
  readonly checksum: string;
  readonly version: string;
  readonly blockTypeId: BlockTypeId;
  /** A JSON schema as JSON text, exactly as it was sent. */
  readonly fields: string;
  /** What blocks of the schema can do, for instance `notify`, `read-path`. */
  readonly capabilities: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export const SCHEMA_VERSION_DEFAULT = 'non-versioned';

export interface BlockDocument {
  readonly id: BlockDocumentId;
  /** Unique within its type. */
  readonly name: string;
  readonly blockTypeId: BlockTypeId;
  readonly blockTypeName: string;
  readonly blockSchemaId: BlockSchemaId;
  /** Created by a program for itself: left out of lists unless asked for. */
  readonly isAnonymous: boolean;
  /** Its values, sealed (see `Secrets`): the store never holds them in the clear. */
  readonly sealedData: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** A field of a document that holds another document. */
export interface BlockReference {
  readonly parentId: BlockDocumentId;
  /** The name of the field. */
  readonly name: string;
  readonly referenceId: BlockDocumentId;
}

/** Encrypts text for the store. */
export interface Secrets {
  /** @param context what the text belongs to: it can only be decrypted with the same context */
  seal(text: string, context: string): string;
  /** @throws `value-corrupt` when the key is another one, or the text was changed */
  open(sealed: string, context: string): string;
}
