/** The values of a block document: what is secret in them, and what refers to other documents. */

import type { BlockDocumentId } from '../ids.ts';
import { isRecord, type JsonRecord } from './json.ts';

/** Stands for a secret, whatever its length. */
export const MASK = '********';

/** The paths of a schema's secrets: keys with dots between them; `*` stands for any key. */
export function secretPaths(fields: unknown): readonly (readonly string[])[] {
  const paths = isRecord(fields) ? fields['secret_fields'] : null;
  return Array.isArray(paths) ? paths.filter((path): path is string => typeof path === 'string').map((path) => path.split('.')) : [];
}

/** The values with every secret masked; what is `null` stays so. */
export function masked(data: JsonRecord, paths: readonly (readonly string[])[]): JsonRecord {
  return paths.reduce((value, path) => changeAt(value, path, (secret) => (secret === null ? null : MASK)), data);
}

/** The values with every mask that stands where a secret belongs taken back: who sends one has not seen the secret. */
export function unmasked(data: JsonRecord, current: JsonRecord, paths: readonly (readonly string[])[]): JsonRecord {
  return paths.reduce((value, path) => changeAt(value, path, (sent, at) => {
    const known = sent === MASK ? valueAt(current, at) : undefined;
    return known === undefined ? sent : known;
  }), data);
}

/** Without the secrets, for those who may not even know that there are some. */
export function withoutSecrets(data: JsonRecord, paths: readonly (readonly string[])[]): JsonRecord {
  const secret = new Set(paths.map(([first]) => first));
  return Object.fromEntries(Object.entries(data).filter(([key]) => !secret.has(key)));
}

type Change = (value: unknown, at: readonly string[]) => unknown;

function changeAt(data: JsonRecord, path: readonly string[], change: Change, before: readonly string[] = []): JsonRecord {
  const [first, ...rest] = path;
  if (first === undefined) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => {
    if (first !== '*' && first !== key) return [key, value];
    const at = [...before, key];
    if (rest.length > 0 && isRecord(value)) return [key, changeAt(value, rest, change, at)];
    // A path that goes on where there are no more keys: what is there is secret as a whole.
    if (rest.length > 0 && rest[0] !== '*') return [key, value];
    return [key, change(value, at)];
  }));
}

function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), data);
}

export interface SeparatedData {
  readonly data: JsonRecord;
  /** By name of the field. `null`: there is a reference that names no document. */
  readonly references: ReadonlyMap<string, BlockDocumentId | null>;
}

/** Takes the fields apart that are references: `{"$ref": {"block_document_id": …}}`, at the top only. */
export function separateReferences(values: JsonRecord): SeparatedData {
  const references = new Map<string, BlockDocumentId | null>();
  const data: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (!isRecord(value) || !('$ref' in value)) {
      data[key] = value;
      continue;
    }
    const target = value['$ref'];
    const id = isRecord(target) ? target['block_document_id'] : null;
    references.set(key, typeof id === 'string' ? (id.toLowerCase() as BlockDocumentId) : null);
  }
  return { data, references };
}
