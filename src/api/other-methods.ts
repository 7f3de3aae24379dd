/**
 * Returns a request without a route: 405 with the allowed methods of the path, 404 for an unknown path.
 *
 * As Prefect's server does, a path with a slash too many or too few is redirected to the correct one (307) when only
 * other methods are there.
 */

import type { RouteContract } from '../contract/route.ts';
import { readUuid } from '../core/ids.ts';
import { NOT_FOUND } from './failures.ts';
import { API_PREFIX, type Answer } from './operation.ts';

const METHOD_NOT_ALLOWED = { detail: 'Method Not Allowed' };

interface Address {
  readonly contract: RouteContract;
  readonly parts: readonly string[];
  readonly endsInSlash: boolean;
}

/** @returns the answer to a method and URL as they were sent */
export function answerWithoutRoute(contracts: readonly RouteContract[]): (method: string, target: string) => Answer {
  const addresses = contracts.map((contract): Address => ({
    contract,
    parts: partsOf(API_PREFIX + contract.path),
    endsInSlash: contract.path.endsWith('/'),
  }));
  return (method, target) => {
    const [path, query] = split(target);
    const parts = decoded(partsOf(path));
    const found = parts === null ? [] : addresses.filter((address) => isAt(address, parts));
    const [first] = found;
    if (first === undefined || found.some(({ contract }) => contract.method === method)) return NOT_FOUND;
    if (found.every(({ endsInSlash }) => endsInSlash !== path.endsWith('/')))
      return { status: 307, headers: { location: spelled(first, parts ?? []) + query } };
    return { status: 405, body: METHOD_NOT_ALLOWED, headers: { allow: allowed(found) } };
  };
}

function allowed(found: readonly Address[]): string {
  return [
    ...new Set(found.flatMap(({ contract: { method } }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))),
  ].join(', ');
}

/** The path, also of an absolute URL, and the query. */
function split(target: string): readonly [path: string, query: string] {
  const [, path = '', query = ''] = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?/i.exec(target) ?? [];
  return [path, query];
}

function partsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

function decoded(parts: readonly string[]): readonly string[] | null {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** Anything matches a parameter, except that an `id` must be a UUID. */
function isAt({ contract, parts }: Address, asked: readonly string[]): boolean {
  return (
    parts.length === asked.length &&
    parts.every((part, index) => {
      const given = asked[index] as string;
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part === given;
      return name === 'id' && contract.params?.[name] === undefined ? readUuid(given) !== null : given !== '';
    })
  );
}

/** Composed from the route, so that nothing that was sent is repeated literally. */
function spelled({ parts, endsInSlash }: Address, asked: readonly string[]): string {
  return `/${parts.map((part, index) => (part.startsWith('{') ? encodeURIComponent(asked[index] as string) : part)).join('/')}${endsInSlash ? '/' : ''}`;
}
