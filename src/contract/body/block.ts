import { Type } from '../type.ts';

import { blockDocumentFilter, blockSchemaFilter, blockTypeFilter } from '../filter/records.ts';
import { blockDocumentSorts } from '../filter/sort.ts';
import { Action, Limit, Maybe, Offset, Parts, UuidIn } from '../route.ts';
import { JsonObject } from '../schema/scalars.ts';

const NameIn = Type.String({ minLength: 1, pattern: '^[^/%&><]+$' });
const SlugIn = Type.String({ title: 'Block type slug', minLength: 1, pattern: '^[a-z0-9-]+$' });
const Text = Maybe(Type.String());
const looks = { logo_url: Text, documentation_url: Text, description: Text, code_example: Text };

export const BlockTypeCreate = Action({ name: NameIn, slug: SlugIn, ...looks });
export const BlockTypeUpdate = Action(looks);
export const BlockTypesFilter = Parts({
  block_types: Maybe(blockTypeFilter.schema),
  block_schemas: Maybe(blockSchemaFilter.schema),
  limit: Limit,
  offset: Offset,
});

export const BlockSchemaCreate = Action({
  block_type_id: UuidIn,
  fields: Type.Optional(JsonObject),
  capabilities: Type.Optional(Type.Array(Type.String())),
  version: Type.Optional(Type.String()),
});
export const BlockSchemasFilter = Parts({
  block_schemas: Maybe(blockSchemaFilter.schema),
  limit: Limit,
  offset: Offset,
});

export const BlockDocumentCreate = Action({
  name: Maybe(Type.String({ title: 'Block document name', minLength: 1, pattern: '^[a-z0-9-]+$' })),
  data: Type.Optional(JsonObject),
  block_schema_id: UuidIn,
  block_type_id: UuidIn,
  is_anonymous: Type.Optional(Type.Boolean()),
});
export const BlockDocumentUpdate = Action({
  block_schema_id: Maybe(UuidIn),
  data: Type.Optional(JsonObject),
  merge_existing_data: Type.Optional(Type.Boolean()),
});

export const BlockDocumentsCount = Parts({
  block_documents: Maybe(blockDocumentFilter.schema),
  block_types: Maybe(blockTypeFilter.schema),
  block_schemas: Maybe(blockSchemaFilter.schema),
});
export const BlockDocumentsFilter = Parts({
  ...BlockDocumentsCount.properties,
  include_secrets: Type.Optional(Type.Boolean()),
  sort: blockDocumentSorts.schema,
  limit: Limit,
  offset: Offset,
});
