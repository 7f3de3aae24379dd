/** References to other documents in the values of a block document. */

import type { BlockDocumentId } from '../ids.ts';
import { inWrittenOrder, type Member } from '../written-order.ts';
import { isRecord, type JsonRecord } from './json.ts';

export interface SeparatedData {
  readonly data: JsonRecord;
  /** By name of the field; `null`: the reference names no document. */
  readonly references: ReadonlyMap<string, BlockDocumentId | null>;
}

/**
 * Separates the fields that are references (`{"$ref": {"block_document_id": …}}`, at the top level only) from the
 * values.
 */
export function separateReferences(values: JsonRecord): SeparatedData {
  const references = new Map<string, BlockDocumentId | null>();
  const members: Member[] = [];
  for (const [key, value] of Object.entries(values)) {
    if (!isRecord(value) || !('$ref' in value)) {
      members.push([key, value]);
      continue;
    }
    const target = value['$ref'];
    const id = isRecord(target) ? target['block_document_id'] : null;
    references.set(key, typeof id === 'string' ? (id.toLowerCase() as BlockDocumentId) : null);
  }
  return { data: inWrittenOrder(members), references };
}
