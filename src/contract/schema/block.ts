import { Type, type Static } from '../type.ts';

import { DateTime, EXACT, JsonObject, Nullable, Uuid } from './scalars.ts';

const identity = { id: Uuid, created: DateTime, updated: DateTime };
const Text = Nullable(Type.String());

export const BlockType = Type.Object(
  {
    ...identity,
    name: Type.String(),
    slug: Type.String(),
    logo_url: Text,
    documentation_url: Text,
    description: Text,
    code_example: Text,
    is_protected: Type.Boolean(),
  },
  EXACT,
);
export type BlockType = Static<typeof BlockType>;

/** `fields` is a JSON schema; `checksum` is taken of it. */
export const BlockSchema = Type.Object(
  {
    ...identity,
    checksum: Type.String(),
    fields: JsonObject,
    block_type_id: Nullable(Uuid),
    block_type: Nullable(BlockType),
    capabilities: Type.Array(Type.String()),
    version: Type.String(),
  },
  EXACT,
);
export type BlockSchema = Static<typeof BlockSchema>;

/** Secrets in `data` are masked unless they are asked for; what it refers to stands in it as a whole. */
export const BlockDocument = Type.Object(
  {
    ...identity,
    name: Text,
    data: JsonObject,
    block_schema_id: Uuid,
    block_schema: Nullable(BlockSchema),
    block_type_id: Uuid,
    block_type_name: Text,
    block_type: Nullable(BlockType),
    /** By name of the field: which document stands there. */
    block_document_references: Type.Record(Type.String(), JsonObject),
    is_anonymous: Type.Boolean(),
  },
  EXACT,
);
export type BlockDocument = Static<typeof BlockDocument>;
