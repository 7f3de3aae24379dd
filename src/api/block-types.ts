import { encodeBlockSchema, encodeBlockType } from '../contract/encode/block.ts';
import { blockSchemaFilter, blockTypeFilter } from '../contract/filter/records.ts';
import { asc, desc } from '../contract/filter/sort.ts';
import {
  CREATE_BLOCK_SCHEMA,
  CREATE_BLOCK_TYPE,
  DELETE_BLOCK_SCHEMA,
  DELETE_BLOCK_TYPE,
  INSTALL_SYSTEM_BLOCK_TYPES,
  LIST_BLOCK_CAPABILITIES,
  LIST_BLOCK_SCHEMAS,
  LIST_BLOCK_TYPES,
  READ_BLOCK_SCHEMA,
  READ_BLOCK_SCHEMA_BY_CHECKSUM,
  READ_BLOCK_TYPE,
  READ_BLOCK_TYPE_BY_SLUG,
  UPDATE_BLOCK_TYPE,
} from '../contract/routes/blocks.ts';
import { SCHEMA_VERSION_DEFAULT } from '../core/blocks/block.ts';
import type { BlockSchemaId, BlockTypeId } from '../core/ids.ts';
import { allOf, EVERYTHING, type Condition } from '../core/query.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { created, found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';
import { queryOf } from './lists.ts';

type FilterBody = Parameters<typeof blockTypeFilter.condition>[0] | null | undefined;

/** The filters of types and schemas as conditions on a noun that has, or is, a type and a schema. */
export function schemaConditions(block_types: FilterBody, block_schemas: FilterBody): readonly Condition[] {
  return [
    ...(block_types
      ? [{ op: 'exists', noun: 'block_type', where: blockTypeFilter.condition(block_types) } as const]
      : []),
    ...(block_schemas
      ? [{ op: 'exists', noun: 'block_schema', where: blockSchemaFilter.condition(block_schemas) } as const]
      : []),
  ];
}

export function blockTypeOperations(useCases: UseCases): readonly Operation[] {
  return [...types(useCases), ...schemas(useCases)];
}

function types(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_BLOCK_TYPE, async ({ body }) =>
      created(
        encodeBlockType(
          await useCases.createBlockType({
            name: body.name,
            slug: body.slug,
            logoUrl: body.logo_url ?? null,
            documentationUrl: body.documentation_url ?? null,
            description: body.description ?? null,
            codeExample: body.code_example ?? null,
          }),
        ),
      ),
    ),
    operation(READ_BLOCK_TYPE, async ({ params }) =>
      ok(encodeBlockType(found(await useCases.readBlockType({ id: params['id'] as BlockTypeId }), 'Block type'))),
    ),
    operation(READ_BLOCK_TYPE_BY_SLUG, async ({ params }) =>
      ok(encodeBlockType(found(await useCases.readBlockType({ slug: params['slug'] as string }), 'Block type'))),
    ),
    operation(LIST_BLOCK_TYPES, async ({ body }) => {
      const where = allOf([
        body.block_types ? blockTypeFilter.condition(body.block_types) : EVERYTHING,
        ...schemaConditions(null, body.block_schemas),
      ]);
      return ok((await useCases.find('block_type', queryOf(where, asc('name'), body))).map(encodeBlockType));
    }),
    operation(UPDATE_BLOCK_TYPE, async ({ params, body }) => {
      const isThere = await useCases.updateBlockType(params['id'] as BlockTypeId, {
        logoUrl: body.logo_url,
        documentationUrl: body.documentation_url,
        description: body.description,
        codeExample: body.code_example,
      });
      found(isThere ? params : null, 'Block type');
      return NO_CONTENT;
    }),
    operation(DELETE_BLOCK_TYPE, async ({ params }) => {
      found((await useCases.deleteBlockType(params['id'] as BlockTypeId)) ? params : null, 'Block type');
      return NO_CONTENT;
    }),
    operation(INSTALL_SYSTEM_BLOCK_TYPES, async () => {
      await useCases.installBlockTypes();
      return ok(null);
    }),
    operation(LIST_BLOCK_CAPABILITIES, async () => ok(await useCases.listBlockCapabilities())),
  ];
}

function schemas(useCases: UseCases): readonly Operation[] {
  return [
    operation(CREATE_BLOCK_SCHEMA, async ({ body, exact }) => {
      const made = await useCases.createBlockSchema({
        blockTypeId: body.block_type_id.toLowerCase() as BlockTypeId,
        fields: (exact['fields'] ?? {}) as Readonly<Record<string, unknown>>,
        capabilities: body.capabilities ?? [],
        version: body.version ?? SCHEMA_VERSION_DEFAULT,
      });
      return made.isNew ? created(encodeBlockSchema(made)) : ok(encodeBlockSchema(made));
    }),
    operation(READ_BLOCK_SCHEMA, async ({ params }) =>
      ok(
        encodeBlockSchema(found(await useCases.readBlockSchema({ id: params['id'] as BlockSchemaId }), 'Block schema')),
      ),
    ),
    operation(READ_BLOCK_SCHEMA_BY_CHECKSUM, async ({ params, query }) => {
      const key = { checksum: params['checksum'] as string, version: query.version };
      return ok(encodeBlockSchema(found(await useCases.readBlockSchema(key), 'Block schema')));
    }),
    operation(LIST_BLOCK_SCHEMAS, async ({ body }) => {
      const where = body.block_schemas ? blockSchemaFilter.condition(body.block_schemas) : EVERYTHING;
      return ok((await useCases.findBlockSchemas(queryOf(where, desc('createdAt'), body))).map(encodeBlockSchema));
    }),
    operation(DELETE_BLOCK_SCHEMA, async ({ params }) => {
      found((await useCases.deleteBlockSchema(params['id'] as BlockSchemaId)) ? params : null, 'Block schema');
      return NO_CONTENT;
    }),
  ];
}
