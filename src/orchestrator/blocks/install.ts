import type { BlockType } from '../../core/blocks/block.ts';
import type { BlockTypeId } from '../../core/ids.ts';
import { COLLECTION_BLOCK_TYPES } from './collection-types.ts';
import { NOTIFICATION_BLOCK_TYPES } from './notification-types.ts';
import type { BlockPorts } from './ports.ts';
import { createBlockSchema, schemaChecksum } from './schemas.ts';
import { SYSTEM_BLOCK_TYPES, type SystemBlockType } from './system-types.ts';

/** Version of the schemas that come with the server; clients register theirs with their own versions. */
const SYSTEM_SCHEMA_VERSION = 'ostinato';

/**
 * Creates the types that come with the server and with Prefect's libraries, and the server's schemas, if missing. What
 * clients have registered stays as it is.
 */
export async function installBlockTypes(ports: BlockPorts): Promise<void> {
  for (const definition of [...SYSTEM_BLOCK_TYPES, ...NOTIFICATION_BLOCK_TYPES]) {
    const type = await ensureType(ports, definition);
    const { capabilities = [] } = definition;
    const fields = fieldsOf(definition);
    // At every start but the first there is nothing to write.
    if (
      await ports.storage.readBlockSchema({ checksum: schemaChecksum(ports, fields), version: SYSTEM_SCHEMA_VERSION })
    )
      continue;
    await createBlockSchema(ports, { blockTypeId: type.id, fields, capabilities, version: SYSTEM_SCHEMA_VERSION });
  }
  await Promise.all(COLLECTION_BLOCK_TYPES.map((definition) => ensureType(ports, definition)));
}

async function ensureType(
  ports: BlockPorts,
  {
    slug,
    name,
    description,
    isProtected = false,
  }: Pick<SystemBlockType, 'slug' | 'name' | 'description' | 'isProtected'>,
): Promise<BlockType> {
  const now = ports.clock.now();
  const known = await ports.storage.readBlockType({ slug });
  if (known?.isProtected === isProtected) return known;
  return await ports.storage.changeBlockType<BlockType>({ slug }, (found) => {
    if (found && found.isProtected === isProtected) return { answer: found };
    const type: BlockType = found
      ? { ...found, isProtected, updatedAt: now }
      : {
          id: ports.ids.next<BlockTypeId>(),
          name,
          slug,
          logoUrl: null,
          documentationUrl: null,
          description,
          codeExample: null,
          isProtected,
          createdAt: now,
          updatedAt: now,
        };
    // No event for what comes with the server: an automation would receive it with every new database.
    return { type, events: [], answer: type };
  });
}

function fieldsOf({
  slug,
  name,
  description,
  properties,
  required,
}: SystemBlockType): Readonly<Record<string, unknown>> {
  const entries = Object.entries(properties);
  return {
    block_schema_references: {},
    block_type_slug: slug,
    description,
    properties: Object.fromEntries(
      entries.map(([key, { isSecret, values, ...property }], position) => [
        key,
        {
          ...property,
          ...(values ? { enum: values } : {}),
          ...(isSecret && property.type === 'string' ? { format: 'password', writeOnly: true } : {}),
          position,
        },
      ]),
    ),
    ...(required ? { required } : {}),
    secret_fields: entries
      .filter(([, { isSecret }]) => isSecret)
      .map(([key, { type }]) => (type === 'object' ? `${key}.*` : key)),
    title: name.replaceAll(' ', ''),
    type: 'object',
  };
}
