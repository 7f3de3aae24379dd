/**
 * Block documents as the API returns them: decrypted, with the documents that they refer to in place, and with their
 * secrets masked unless asked for.
 */

import type { BlockDocument, BlockSchema, BlockType } from '../../core/blocks/block.ts';
import { isRecord, type JsonRecord } from '../../core/blocks/json.ts';
import { SecretRules } from '../../core/blocks/secrets.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { BlockDocumentId } from '../../core/ids.ts';
import { exactValue } from '../../core/json-value.ts';
import { inWrittenOrder } from '../../core/written-order.ts';
import type { BlockGraph } from '../../store/port/blocks.ts';
import { keepingOf, type BlockPorts } from './ports.ts';

export interface BlockReferenceView {
  readonly id: BlockDocumentId;
  readonly name: string;
  readonly type: BlockType | null;
  readonly isAnonymous: boolean;
  readonly references: Readonly<Record<string, BlockReferenceView>>;
}

export interface BlockDocumentView {
  readonly document: BlockDocument;
  /** With exact numbers. */
  readonly data: JsonRecord;
  readonly schema: BlockSchema | null;
  readonly type: BlockType | null;
  readonly references: Readonly<Record<string, BlockReferenceView>>;
}

/** Cycles of references are refused when they are made; this only protects the server from a damaged file. */
const DEPTH_MAX = 50;

export function viewDocument(
  ports: BlockPorts,
  graph: BlockGraph,
  id: BlockDocumentId,
  includeSecrets: boolean,
  depth = 0,
): BlockDocumentView | null {
  const document = graph.documents.get(id);
  if (document === undefined) return null;
  if (depth > DEPTH_MAX)
    throw new OstinatoError('value-corrupt', `Block documents refer to one another deeper than ${DEPTH_MAX} levels.`, {
      remedy: 'Let one of them refer to less. They are listed by: ostinato block ls',
    });
  const schema = graph.schemas.get(document.blockSchemaId) ?? null;
  const opened = openData(ports, document);
  const data = inWrittenOrder(Object.entries(includeSecrets ? opened : secretRules(schema).masked(opened)));
  const references: Record<string, BlockReferenceView> = {};
  for (const { parentId, name, referenceId } of graph.references) {
    if (parentId !== id) continue;
    const nested = viewDocument(ports, graph, referenceId, includeSecrets, depth + 1);
    if (nested === null) continue;
    data[name] = nested.data;
    references[name] = {
      id: referenceId,
      name: nested.document.name,
      type: nested.type,
      isAnonymous: nested.document.isAnonymous,
      references: nested.references,
    };
  }
  return { document, data, schema, type: graph.types.get(document.blockTypeId) ?? null, references };
}

/** Computed once for all documents of a list. */
const rulesBySchema = new WeakMap<BlockSchema, SecretRules>();

export function secretRules(schema: BlockSchema | null): SecretRules {
  if (schema === null) return new SecretRules(null);
  let rules = rulesBySchema.get(schema);
  if (rules === undefined) rulesBySchema.set(schema, (rules = new SecretRules(exactValue(schema.fields))));
  return rules;
}

/** The context that a document's values are encrypted with: they cannot be decrypted as another document's. */
function sealContext(id: BlockDocumentId): string {
  return `block-document:${id}`;
}

export function openData(ports: BlockPorts, document: Pick<BlockDocument, 'id' | 'sealedData'>): JsonRecord {
  const data = exactValue(keepingOf(ports).secrets.open(document.sealedData, sealContext(document.id)));
  return isRecord(data) ? data : {};
}

export function sealData(ports: BlockPorts, id: BlockDocumentId, data: JsonRecord): string {
  return keepingOf(ports).secrets.seal(JSON.stringify(data), sealContext(id));
}
