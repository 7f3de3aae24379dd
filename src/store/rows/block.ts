import type { BlockDocument, BlockReference, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { readId, type IdValue } from '../id-value.ts';

interface Times {
  readonly created_at: number;
  readonly updated_at: number;
}

export interface BlockTypeRow extends Times {
  readonly id: IdValue;
  readonly name: string;
  readonly slug: string;
  readonly logo_url: string | null;
  readonly documentation_url: string | null;
  readonly description: string | null;
  readonly code_example: string | null;
  readonly is_protected: number;
}

export interface BlockSchemaRow extends Times {
  readonly id: IdValue;
  readonly checksum: string;
  readonly version: string;
  readonly block_type_id: IdValue;
  /** JSON. */
  readonly fields: string;
  /** JSON. */
  readonly capabilities: string;
}

export interface BlockDocumentRow extends Times {
  readonly id: IdValue;
  readonly name: string;
  readonly block_type_id: IdValue;
  readonly block_type_name: string;
  readonly block_schema_id: IdValue;
  readonly is_anonymous: number;
  readonly sealed_data: string;
}

export interface BlockReferenceRow {
  readonly parent_id: IdValue;
  readonly name: string;
  readonly reference_id: IdValue;
}

function times({ created_at, updated_at }: Times) {
  return { createdAt: created_at as Instant, updatedAt: updated_at as Instant };
}

export function readBlockTypeRow(row: BlockTypeRow): BlockType {
  return {
    id: readId<BlockTypeId>(row.id),
    name: row.name,
    slug: row.slug,
    logoUrl: row.logo_url,
    documentationUrl: row.documentation_url,
    description: row.description,
    codeExample: row.code_example,
    isProtected: row.is_protected === 1,
    ...times(row),
  };
}

export function readBlockSchemaRow(row: BlockSchemaRow): BlockSchema {
  return {
    id: readId<BlockSchemaId>(row.id),
    checksum: row.checksum,
    version: row.version,
    blockTypeId: readId<BlockTypeId>(row.block_type_id),
    fields: row.fields,
    capabilities: JSON.parse(row.capabilities) as string[],
    ...times(row),
  };
}

export function readBlockDocumentRow(row: BlockDocumentRow): BlockDocument {
  return {
    id: readId<BlockDocumentId>(row.id),
    name: row.name,
    blockTypeId: readId<BlockTypeId>(row.block_type_id),
    blockTypeName: row.block_type_name,
    blockSchemaId: readId<BlockSchemaId>(row.block_schema_id),
    isAnonymous: row.is_anonymous === 1,
    sealedData: row.sealed_data,
    ...times(row),
  };
}

export function readBlockReferenceRow(row: BlockReferenceRow): BlockReference {
  return {
    parentId: readId<BlockDocumentId>(row.parent_id),
    name: row.name,
    referenceId: readId<BlockDocumentId>(row.reference_id),
  };
}
