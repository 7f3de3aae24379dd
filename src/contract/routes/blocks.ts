import { Type } from '../type.ts';

import {
  BlockDocumentCreate,
  BlockDocumentsCount,
  BlockDocumentsFilter,
  BlockDocumentUpdate,
  BlockSchemaCreate,
  BlockSchemasFilter,
  BlockTypeCreate,
  BlockTypesFilter,
  BlockTypeUpdate,
} from '../body/block.ts';
import { DOCUMENT_BODY } from '../json-bounds.ts';
import type { RouteContract } from '../route.ts';
import { BlockDocument, BlockSchema, BlockType } from '../schema/block.ts';
import { Count } from '../schema/scalars.ts';

const types = 'Block types';
const schemas = 'Block schemas';
const documents = 'Block documents';
const secrets = { include_secrets: Type.Optional(Type.Boolean()) };

export const CREATE_BLOCK_TYPE = {
  method: 'POST',
  path: '/block_types/',
  name: 'create_block_type',
  tag: types,
  summary: 'Create a block type',
  body: BlockTypeCreate,
  answers: { 201: BlockType },
} as const satisfies RouteContract;

export const READ_BLOCK_TYPE = {
  method: 'GET',
  path: '/block_types/{id}',
  name: 'read_block_type_by_id',
  tag: types,
  summary: 'Read a block type',
  answers: { 200: BlockType },
} as const satisfies RouteContract;

export const READ_BLOCK_TYPE_BY_SLUG = {
  method: 'GET',
  path: '/block_types/slug/{slug}',
  name: 'read_block_type_by_slug',
  tag: types,
  summary: 'Read a block type by its slug',
  answers: { 200: BlockType },
} as const satisfies RouteContract;

export const LIST_BLOCK_TYPES = {
  method: 'POST',
  path: '/block_types/filter',
  name: 'read_block_types',
  tag: types,
  summary: 'List block types',
  body: BlockTypesFilter,
  isBodyOptional: true,
  answers: { 200: Type.Array(BlockType) },
} as const satisfies RouteContract;

export const UPDATE_BLOCK_TYPE = {
  method: 'PATCH',
  path: '/block_types/{id}',
  name: 'update_block_type',
  tag: types,
  summary: 'Change how a block type is shown',
  body: BlockTypeUpdate,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_BLOCK_TYPE = {
  method: 'DELETE',
  path: '/block_types/{id}',
  name: 'delete_block_type',
  tag: types,
  summary: 'Delete a block type with its schemas and documents',
  answers: { 204: null },
} as const satisfies RouteContract;

export const INSTALL_SYSTEM_BLOCK_TYPES = {
  method: 'POST',
  path: '/block_types/install_system_block_types',
  name: 'install_system_block_types',
  tag: types,
  summary: 'Make the block types that come with the server',
  answers: { 200: Type.Null() },
} as const satisfies RouteContract;

export const LIST_BLOCK_DOCUMENTS_OF_TYPE = {
  method: 'GET',
  path: '/block_types/slug/{slug}/block_documents',
  name: 'read_block_documents_for_block_type',
  tag: documents,
  summary: 'List the block documents of a type',
  query: secrets,
  answers: { 200: Type.Array(BlockDocument) },
} as const satisfies RouteContract;

export const READ_BLOCK_DOCUMENT_BY_NAME = {
  method: 'GET',
  path: '/block_types/slug/{slug}/block_documents/name/{block_document_name}',
  name: 'read_block_document_by_name_for_block_type',
  tag: documents,
  summary: 'Read a block document by its type and name',
  query: secrets,
  answers: { 200: BlockDocument },
} as const satisfies RouteContract;

export const CREATE_BLOCK_SCHEMA = {
  method: 'POST',
  path: '/block_schemas/',
  name: 'create_block_schema',
  tag: schemas,
  summary: 'Register a block schema; answers the one with the checksum and version if there is one',
  body: BlockSchemaCreate,
  bodyLimits: DOCUMENT_BODY,
  answers: { 201: BlockSchema, 200: BlockSchema },
} as const satisfies RouteContract;

export const READ_BLOCK_SCHEMA = {
  method: 'GET',
  path: '/block_schemas/{id}',
  name: 'read_block_schema_by_id',
  tag: schemas,
  summary: 'Read a block schema',
  answers: { 200: BlockSchema },
} as const satisfies RouteContract;

export const READ_BLOCK_SCHEMA_BY_CHECKSUM = {
  method: 'GET',
  path: '/block_schemas/checksum/{checksum}',
  name: 'read_block_schema_by_checksum',
  tag: schemas,
  summary: 'Read a block schema by its checksum',
  query: { version: Type.Optional(Type.String()) },
  answers: { 200: BlockSchema },
} as const satisfies RouteContract;

export const LIST_BLOCK_SCHEMAS = {
  method: 'POST',
  path: '/block_schemas/filter',
  name: 'read_block_schemas',
  tag: schemas,
  summary: 'List block schemas, the newest first',
  body: BlockSchemasFilter,
  isBodyOptional: true,
  answers: { 200: Type.Array(BlockSchema) },
} as const satisfies RouteContract;

export const DELETE_BLOCK_SCHEMA = {
  method: 'DELETE',
  path: '/block_schemas/{id}',
  name: 'delete_block_schema',
  tag: schemas,
  summary: 'Delete a block schema with its documents',
  answers: { 204: null },
} as const satisfies RouteContract;

export const LIST_BLOCK_CAPABILITIES = {
  method: 'GET',
  path: '/block_capabilities/',
  name: 'read_available_block_capabilities',
  tag: 'Block capabilities',
  summary: 'What blocks can do',
  answers: { 200: Type.Array(Type.String()) },
} as const satisfies RouteContract;

export const CREATE_BLOCK_DOCUMENT = {
  method: 'POST',
  path: '/block_documents/',
  name: 'create_block_document',
  tag: documents,
  summary: 'Create a block document',
  body: BlockDocumentCreate,
  bodyLimits: DOCUMENT_BODY,
  answers: { 201: BlockDocument },
} as const satisfies RouteContract;

export const READ_BLOCK_DOCUMENT = {
  method: 'GET',
  path: '/block_documents/{id}',
  name: 'read_block_document_by_id',
  tag: documents,
  summary: 'Read a block document',
  query: secrets,
  answers: { 200: BlockDocument },
} as const satisfies RouteContract;

export const LIST_BLOCK_DOCUMENTS = {
  method: 'POST',
  path: '/block_documents/filter',
  name: 'read_block_documents',
  tag: documents,
  summary: 'List block documents',
  body: BlockDocumentsFilter,
  isBodyOptional: true,
  answers: { 200: Type.Array(BlockDocument) },
} as const satisfies RouteContract;

export const COUNT_BLOCK_DOCUMENTS = {
  method: 'POST',
  path: '/block_documents/count',
  name: 'count_block_documents',
  tag: documents,
  summary: 'Count block documents',
  body: BlockDocumentsCount,
  isBodyOptional: true,
  answers: { 200: Count },
} as const satisfies RouteContract;

export const UPDATE_BLOCK_DOCUMENT = {
  method: 'PATCH',
  path: '/block_documents/{id}',
  name: 'update_block_document_data',
  tag: documents,
  summary: 'Change the values of a block document',
  body: BlockDocumentUpdate,
  bodyLimits: DOCUMENT_BODY,
  answers: { 204: null },
} as const satisfies RouteContract;

export const DELETE_BLOCK_DOCUMENT = {
  method: 'DELETE',
  path: '/block_documents/{id}',
  name: 'delete_block_document',
  tag: documents,
  summary: 'Delete a block document',
  answers: { 204: null },
} as const satisfies RouteContract;
