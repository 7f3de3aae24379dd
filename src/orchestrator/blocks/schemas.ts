/**
 * Schemas of blocks. The checksum is computed here from the fields exactly as they were sent, and equals the one that
 * Prefect's client computes, by which the client finds the schema again.
 */

import { SCHEMA_VERSION_DEFAULT, type BlockSchema, type BlockType } from '../../core/blocks/block.ts';
import { checksumText, referencesIn } from '../../core/blocks/checksum.ts';
import { isRecord, type JsonRecord } from '../../core/blocks/json.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { BlockSchemaId, BlockTypeId } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import { keepingOf, type BlockPorts } from './ports.ts';

export interface NewBlockSchema {
  readonly blockTypeId: BlockTypeId;
  /** With exact numbers. */
  readonly fields: JsonRecord;
  readonly capabilities: readonly string[];
  readonly version: string;
}

/** A schema with its type, as the API returns it. */
export interface TypedBlockSchema {
  readonly schema: BlockSchema;
  readonly type: BlockType | null;
}

/** Depth of nested blocks, whose schemas are sent along. */
const NESTING_MAX = 20;
/** Nested blocks of one schema, at all levels: each repeats all definitions. */
const NESTED_MAX = 200;

/**
 * Returns the existing schema with that checksum and version, if there is one. `not-found` for the type, `conflict`
 * when the type of a nested block does not exist.
 */
export async function createBlockSchema(
  ports: BlockPorts,
  request: NewBlockSchema,
  depth = 0,
  budget = { left: NESTED_MAX },
): Promise<TypedBlockSchema & { readonly isNew: boolean }> {
  const type = await ports.storage.readBlockType({ id: request.blockTypeId });
  if (type === null) throw new OstinatoError('not-found', `Block type ${request.blockTypeId} not found.`);
  if (depth > NESTING_MAX) throw new OstinatoError('bad-input', `Blocks are nested deeper than ${NESTING_MAX} levels.`);
  await createNestedSchemas(ports, request.fields, depth, budget);
  const now = ports.clock.now();
  const { schema, isNew } = await ports.storage.insertBlockSchema({
    id: ports.ids.next<BlockSchemaId>(),
    checksum: schemaChecksum(ports, request.fields),
    version: request.version,
    blockTypeId: request.blockTypeId,
    fields: JSON.stringify({ block_schema_references: {}, ...request.fields }),
    capabilities: request.capabilities,
    createdAt: now,
    updatedAt: now,
  });
  return {
    schema,
    isNew,
    type: schema.blockTypeId === type.id ? type : await ports.storage.readBlockType({ id: schema.blockTypeId }),
  };
}

export function schemaChecksum(ports: BlockPorts, fields: JsonRecord): string {
  return `sha256:${keepingOf(ports).sha256(checksumText(fields))}`;
}

interface SchemaReference {
  readonly slug: string;
  readonly checksum: string | null;
}

function referencesOf(fields: JsonRecord): readonly (readonly [name: string, reference: SchemaReference])[] {
  const named = fields['block_schema_references'];
  if (!isRecord(named)) return [];
  return Object.entries(named).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isRecord).map((entry) => {
      const [slug, checksum] = [entry['block_type_slug'], entry['block_schema_checksum']];
      return [
        name,
        { slug: typeof slug === 'string' ? slug : '', checksum: typeof checksum === 'string' ? checksum : null },
      ] as const;
    }),
  );
}

async function createNestedSchemas(
  ports: BlockPorts,
  fields: JsonRecord,
  depth: number,
  budget: { left: number },
): Promise<void> {
  for (const [name, { slug, checksum }] of referencesOf(fields)) {
    budget.left -= 1;
    if (budget.left < 0)
      throw new OstinatoError('bad-input', `A block schema refers to more than ${NESTED_MAX} others.`);
    const type = await ports.storage.readBlockType({ slug });
    if (type === null) {
      throw new OstinatoError(
        'conflict',
        `Cannot create block schema because block type '${slug}' was not found. Did you forget to register the block type?`,
      );
    }
    if (checksum !== null && (await ports.storage.readBlockSchema({ checksum })) !== null) continue;
    const nested = nestedFields(fields, name, slug);
    if (nested === null) continue;
    await createBlockSchema(
      ports,
      { blockTypeId: type.id, fields: nested, capabilities: [], version: SCHEMA_VERSION_DEFAULT },
      depth + 1,
      budget,
    );
  }
}

/** The definition of a nested block of that type in the fields, with the definitions that it refers to. */
function nestedFields(fields: JsonRecord, name: string, slug: string): JsonRecord | null {
  const { definitions, properties } = fields;
  if (!isRecord(definitions) || !isRecord(properties)) return null;
  const candidates = referencesIn(properties[name])
    .map((reference) => definitions[reference.replaceAll('#/definitions/', '')])
    .filter(isRecord);
  const definition =
    candidates.length === 1 ? candidates[0] : candidates.find((candidate) => candidate['block_type_slug'] === slug);
  return definition ? { ...definition, definitions } : null;
}

export function withType(
  ports: BlockPorts,
  found: MaybePromise<BlockSchema | null>,
): MaybePromise<TypedBlockSchema | null> {
  return chain(
    found,
    (schema) => schema && chain(ports.storage.readBlockType({ id: schema.blockTypeId }), (type) => ({ schema, type })),
  );
}

/** Returns whether it existed; `forbidden` for one of a protected type. */
export async function deleteBlockSchema(ports: BlockPorts, id: BlockSchemaId): Promise<boolean> {
  const found = await withType(ports, ports.storage.readBlockSchema({ id }));
  if (found === null) return false;
  if (found.type?.isProtected)
    throw new OstinatoError('forbidden', 'Block schemas for protected block types cannot be deleted.');
  return await ports.storage.deleteBlockSchema(id);
}
