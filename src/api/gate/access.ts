/**
 * Who may use a route. Decided by the route that the router found, never by the text of the URL, which has many
 * spellings. A route without a declaration, and a URL without a route, require the secret.
 */

import type { FastifyRequest } from 'fastify';

import { API_PREFIX } from '../operation.ts';

/**
 * `open`: everybody, to monitor the process without the secret. `pages`: files of a build, the same for everybody.
 * `hook`: whoever knows the address, which is a secret of its own; with a body of any kind. `link`: whoever has a link
 * that says by itself who may follow it; the route looks at that.
 */
export type Access = 'protected' | 'open' | 'pages' | 'hook' | 'link';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default `protected`. */
    readonly access?: Access;
    /** Default `false`. */
    readonly isOfAnyVersion?: boolean;
  }
}

export function accessOf(request: FastifyRequest): Access {
  const access = (request.routeOptions.config as { readonly access?: Access } | undefined)?.access ?? 'protected';
  // The pages' route matches every path that no other route has; one that means the API is answered as a missing API
  // route.
  return access === 'pages' && meansApi(request.url) ? 'protected' : access;
}

const DECODINGS_MAX = 10;
const NAME = API_PREFIX.slice(1);

/**
 * Whether a URL is meant for the API: however often it is encoded, with any slashes, dots, case or parameters, and any
 * prefix. No page has such a path segment. This opens nothing; a path that looks like the API's is refused instead of
 * being looked up among the pages.
 */
export function meansApi(target: string): boolean {
  let path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*/i, '');
  for (let round = 0; round < DECODINGS_MAX && path.includes('%'); round += 1) {
    const decoded = path.replaceAll(/(?:%[0-9a-f]{2})+/gi, decode);
    if (decoded === path) break;
    path = decoded;
  }
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  const parts = (path.split(/[?#]/, 1)[0] ?? '').replaceAll(/[\u0000- \u007F]/g, '').split(/[/\\]/);
  return parts.some((part) => (part.split(';', 1)[0] ?? '').normalize('NFKC').toLowerCase() === NAME);
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  }
}
