/**
 * Documents of blocks.
 *
 * 1. Values lie sealed in the store; secrets leave only where `includeSecrets` asks for them, and never by an event.
 * 2. References never lead round in a circle.
 */

import type { BlockDocument, BlockReference, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import { separateReferences } from '../../core/blocks/data.ts';
import type { JsonRecord } from '../../core/blocks/json.ts';
import { OstinatoError } from '../../core/errors.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type OutboxEvent } from '../../core/event.ts';
import type { BlockDocumentId, BlockSchemaId, BlockTypeId } from '../../core/ids.ts';
import { isUuid } from '../../core/ids.ts';
import { chain, type MaybePromise } from '../../core/maybe-promise.ts';
import type { Query } from '../../core/query.ts';
import type { Instant } from '../../core/time.ts';
import { inWrittenOrder } from '../../core/written-order.ts';
import type { BlockGraph } from '../../store/port/blocks.ts';
import { changeEvent } from '../events.ts';
import type { BlockPorts } from './ports.ts';
import { openData, sealData, secretRules, viewDocument, type BlockDocumentView } from './views.ts';

export interface NewBlockDocument {
  readonly blockTypeId: BlockTypeId;
  readonly blockSchemaId: BlockSchemaId;
  /** `null` for an anonymous document only, which gets a generated name. */
  readonly name: string | null;
  readonly isAnonymous: boolean;
  /** With exact numbers. */
  readonly data: JsonRecord;
}

/**
 * `conflict` when the type has a document of that name, or the type or schema does not exist; `bad-request` for invalid
 * references.
 */
export function createBlockDocument(ports: BlockPorts, request: NewBlockDocument): MaybePromise<BlockDocumentView> {
  const id = ports.ids.next<BlockDocumentId>();
  const name = request.name ?? `anonymous-${id}`;
  const { blockTypeId, blockSchemaId, isAnonymous } = request;
  const { data, references } = separateReferences(request.data);
  const targets = targetsOf(references);
  const now = ports.clock.now();
  const sealedData = sealData(ports, id, data);
  const named = { typeId: blockTypeId, schemaId: blockSchemaId, targets: targets.map(([, target]) => target) };
  const made = ports.storage.changeBlockDocument<BlockDocumentId>({ blockTypeId, name }, named, (facts) => {
    if (facts.document) throw new OstinatoError('conflict', 'Block already exists');
    const { type, newSchema: schema } = facts;
    if (type === null) throw new OstinatoError('conflict', `There is no block type ${blockTypeId}.`);
    if (schema === null) throw new OstinatoError('conflict', `There is no block schema ${blockSchemaId}.`);
    const document: BlockDocument = {
      id,
      name,
      blockTypeId,
      blockTypeName: type.name,
      blockSchemaId,
      isAnonymous,
      sealedData,
      createdAt: now,
      updatedAt: now,
    };
    return {
      document,
      references: checkedReferences(id, targets, facts.targets),
      events: documentEvents(ports, document, data, schema, type, 'created', now),
      answer: id,
    };
  });
  return chain(made, () => chain(readBlockDocument(ports, id, false), (view) => view as BlockDocumentView));
}

export interface BlockDocumentUpdate {
  readonly blockSchemaId?: BlockSchemaId | undefined;
  /** With exact numbers. A mask in place of a secret leaves the secret unchanged. */
  readonly data?: JsonRecord | undefined;
  /** Fields that are absent from `data` stay. */
  readonly mergeExistingData: boolean;
}

/** Returns whether it existed. */
export function updateBlockDocument(
  ports: BlockPorts,
  id: BlockDocumentId,
  change: BlockDocumentUpdate,
): MaybePromise<boolean> {
  const now = ports.clock.now();
  const sent = change.data ?? (change.mergeExistingData ? null : {});
  const { data: sentData, references } = separateReferences(sent ?? {});
  const targets = targetsOf(references);
  const named = { schemaId: change.blockSchemaId, targets: targets.map(([, target]) => target) };
  return ports.storage.changeBlockDocument<boolean>({ id }, named, (facts) => {
    const { document: found, schema, type } = facts;
    if (found === null) return { answer: false };
    const newSchema = change.blockSchemaId === undefined ? schema : facts.newSchema;
    if (newSchema === null)
      throw new OstinatoError('conflict', `There is no block schema ${change.blockSchemaId ?? found.blockSchemaId}.`);
    if (newSchema.blockTypeId !== found.blockTypeId) {
      throw new OstinatoError('bad-request', 'Must migrate block document to a block schema of the same block type.');
    }
    const current = openData(ports, found);
    const known = secretRules(schema).unmasked(sentData, current);
    const data = change.mergeExistingData
      ? omit(inWrittenOrder([current, known].flatMap(Object.entries)), references)
      : known;
    const kept = change.mergeExistingData ? facts.references.filter(({ name }) => !(name in (sent ?? {}))) : [];
    const document: BlockDocument = {
      ...found,
      blockSchemaId: newSchema.id,
      sealedData: sealData(ports, id, data),
      updatedAt: now,
    };
    return {
      document,
      references: [...kept, ...checkedReferences(id, targets, facts.targets)],
      events: documentEvents(ports, document, data, newSchema, type, 'updated', now),
      answer: true,
    };
  });
}

/** Returns whether it existed. */
export function deleteBlockDocument(ports: BlockPorts, id: BlockDocumentId): MaybePromise<boolean> {
  const now = ports.clock.now();
  return ports.storage.changeBlockDocument<boolean>({ id }, { targets: [] }, ({ document, schema, type }) => {
    if (document === null) return { answer: false };
    return {
      document: null,
      events: documentEvents(ports, document, openData(ports, document), schema, type, 'deleted', now),
      answer: true,
    };
  });
}

export function readBlockDocument(
  ports: BlockPorts,
  id: BlockDocumentId,
  includeSecrets: boolean,
): MaybePromise<BlockDocumentView | null> {
  return chain(ports.storage.readBlockGraph([id]), (graph) => viewDocument(ports, graph, id, includeSecrets));
}

export function readBlockDocumentByName(
  ports: BlockPorts,
  slug: string,
  name: string,
  includeSecrets: boolean,
): MaybePromise<BlockDocumentView | null> {
  return chain(
    ports.storage.readBlockType({ slug }),
    (type) =>
      type &&
      chain(
        ports.storage.readBlockDocument({ blockTypeId: type.id, name }),
        (document) => document && readBlockDocument(ports, document.id, includeSecrets),
      ),
  );
}

export function findBlockDocuments(
  ports: BlockPorts,
  query: Query,
  includeSecrets: boolean,
): MaybePromise<readonly BlockDocumentView[]> {
  return chain(ports.storage.find('block_document', query), (documents) =>
    chain(ports.storage.readBlockGraph(documents.map(({ id }) => id)), (graph) =>
      documents.flatMap(({ id }) => viewDocument(ports, graph, id, includeSecrets) ?? []),
    ),
  );
}

function targetsOf(
  references: ReadonlyMap<string, BlockDocumentId | null>,
): readonly (readonly [name: string, target: BlockDocumentId])[] {
  return [...references].map(([name, target]) => {
    if (target === null || !isUuid(target))
      throw new OstinatoError('bad-request', `Received block reference without a block_document_id in key ${name}`);
    return [name, target] as const;
  });
}

function checkedReferences(
  parentId: BlockDocumentId,
  targets: readonly (readonly [name: string, target: BlockDocumentId])[],
  reachable: BlockGraph,
): readonly BlockReference[] {
  return targets.map(([name, referenceId]) => {
    if (parentId === referenceId || (reachable.documents.has(parentId) && reaches(reachable, referenceId, parentId))) {
      throw new OstinatoError(
        'bad-request',
        `The block document ${parentId} cannot refer to ${referenceId}: the references would lead round in a cycle.`,
      );
    }
    if (!reachable.documents.has(referenceId))
      throw new OstinatoError('conflict', `There is no block document ${referenceId} to refer to in key ${name}.`);
    return { parentId, name, referenceId };
  });
}

function reaches(
  graph: BlockGraph,
  from: BlockDocumentId,
  to: BlockDocumentId,
  seen = new Set<BlockDocumentId>(),
): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return graph.references.some(
    ({ parentId, referenceId }) => parentId === from && reaches(graph, referenceId, to, seen),
  );
}

function omit(data: JsonRecord, names: ReadonlyMap<string, unknown>): JsonRecord {
  return inWrittenOrder(Object.entries(data).filter(([key]) => !names.has(key)));
}

/** None for an anonymous document: nobody asked for it by itself. */
function documentEvents(
  ports: BlockPorts,
  document: BlockDocument,
  data: JsonRecord,
  schema: BlockSchema | null,
  type: BlockType | null,
  what: 'created' | 'updated' | 'deleted',
  now: Instant,
): readonly OutboxEvent[] {
  if (document.isAnonymous) return [];
  const open = schema === null ? {} : secretRules(schema).withoutSecrets(data);
  const payload = {
    name: document.name,
    data: Object.fromEntries(Object.entries(open).filter(([, value]) => typeof value === 'string')),
    block_schema: schema && {
      capabilities: schema.capabilities,
      block_type: { id: document.blockTypeId, name: document.blockTypeName },
    },
  };
  const related = [
    {
      [RESOURCE_ID]: `prefect.block-type.${document.blockTypeId}`,
      [RESOURCE_ROLE]: 'block-type',
      [RESOURCE_NAME]: type?.name ?? document.blockTypeName,
    },
    { [RESOURCE_ID]: `prefect.block-schema.${document.blockSchemaId}`, [RESOURCE_ROLE]: 'block-schema' },
  ];
  return [changeEvent(ports.ids, 'block-document', document.id, what, now, payload, { name: document.name, related })];
}
