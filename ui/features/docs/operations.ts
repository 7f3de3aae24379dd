/** The operations of an API in the order of their tags, and the search in them. */
import type { Description, OperationObject } from '../../api/description.ts';

export interface Operation {
  /** Names the operation in the address. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly says: OperationObject;
}

export interface OperationGroup {
  readonly tag: string;
  readonly operations: readonly Operation[];
}

const METHODS: readonly string[] = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];
const UNTAGGED = 'Other';

/** Groups as the document orders its tags; tags that it does not list come last. */
export function operationGroups({ paths, tags = [] }: Description): readonly OperationGroup[] {
  const groups = new Map<string, Operation[]>(tags.map(({ name }) => [name, []]));
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, value] of Object.entries(methods)) {
      // Beside its methods a path may have a summary, servers and parameters.
      if (!METHODS.includes(method)) continue;
      const says = value as OperationObject;
      const tag = says.tags?.[0] ?? UNTAGGED;
      const operation = { id: says.operationId ?? `${method}-${path}`, method: method.toUpperCase(), path, tag, says };
      groups.set(tag, [...(groups.get(tag) ?? []), operation]);
    }
  }
  return [...groups]
    .filter(([, operations]) => operations.length > 0)
    .map(([tag, operations]) => ({ tag, operations }));
}

/** @param query words that must all be found in the method, path, name, summary or tag */
export function searchOperations(groups: readonly OperationGroup[], query: string): readonly OperationGroup[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return groups;
  return groups
    .map(({ tag, operations }) => ({
      tag,
      operations: operations.filter((operation) => words.every((word) => textOf(operation).includes(word))),
    }))
    .filter(({ operations }) => operations.length > 0);
}

function textOf({ method, path, id, tag, says }: Operation): string {
  return [method, path, id, tag, says.summary ?? '', says.description ?? ''].join(' ').toLowerCase();
}
