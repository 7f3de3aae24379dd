import type * as wire from '../schema/block.ts';
import type { BlockDocument, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import { formatInstant } from '../../core/time.ts';
import { rawJson } from '../wire-json.ts';

export function encodeBlockType(type: BlockType): wire.BlockType {
  const { id, name, slug, logoUrl, documentationUrl, description, codeExample, isProtected, createdAt, updatedAt } =
    type;
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    name,
    slug,
    logo_url: logoUrl,
    documentation_url: documentationUrl,
    description,
    code_example: codeExample,
    is_protected: isProtected,
  };
}

export function encodeBlockSchema({
  schema,
  type,
}: {
  readonly schema: BlockSchema;
  readonly type: BlockType | null;
}): wire.BlockSchema {
  const { id, checksum, version, blockTypeId, fields, capabilities, createdAt, updatedAt } = schema;
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    checksum,
    fields: rawJson(fields),
    block_type_id: blockTypeId,
    block_type: type && encodeBlockType(type),
    capabilities: [...capabilities],
    version,
  };
}

interface ReferenceView {
  readonly id: string;
  readonly name: string;
  readonly type: BlockType | null;
  readonly isAnonymous: boolean;
  readonly references: Readonly<Record<string, ReferenceView>>;
}

export interface DocumentView {
  readonly document: BlockDocument;
  readonly data: Readonly<Record<string, unknown>>;
  readonly schema: BlockSchema | null;
  readonly type: BlockType | null;
  readonly references: Readonly<Record<string, ReferenceView>>;
}

export function encodeBlockDocument({ document, data, schema, type, references }: DocumentView): wire.BlockDocument {
  const { id, name, blockTypeId, blockTypeName, blockSchemaId, isAnonymous, createdAt, updatedAt } = document;
  return {
    id,
    created: formatInstant(createdAt),
    updated: formatInstant(updatedAt),
    name,
    data: rawJson(JSON.stringify(data)),
    block_schema_id: blockSchemaId,
    block_schema: schema && encodeBlockSchema({ schema, type }),
    block_type_id: blockTypeId,
    block_type_name: blockTypeName,
    block_type: type && encodeBlockType(type),
    block_document_references: encodeReferences(references),
    is_anonymous: isAnonymous,
  };
}

function encodeReferences(
  references: Readonly<Record<string, ReferenceView>>,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(references).map(([key, { id, name, type, isAnonymous, references: nested }]) => [
      key,
      {
        block_document: {
          id,
          name,
          block_type: type && encodeBlockType(type),
          is_anonymous: isAnonymous,
          block_document_references: encodeReferences(nested),
        },
      },
    ]),
  );
}
