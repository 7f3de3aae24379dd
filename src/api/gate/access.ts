/**
 * To whom a route is open. The route that the router found decides, never the text of the address, which has many spellings; and what
 * says nothing of itself is for those who know the secret: also what no route was found for.
 */

import type { FastifyRequest } from 'fastify';

import { API_PREFIX } from '../operation.ts';

/** `open`: everybody, to watch the process without its secret. `pages`: files of a build, the same for everybody. */
export type Access = 'protected' | 'open' | 'pages';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Default `protected`. */
    readonly access?: Access;
  }
}

export function accessOf(request: FastifyRequest): Access {
  const access = (request.routeOptions.config as { readonly access?: Access } | undefined)?.access ?? 'protected';
  // The pages take every path that no other route has; one that means the API is not theirs, and is answered as what is missing there.
  return access === 'pages' && meansApi(request.url) ? 'protected' : access;
}

const DECODINGS_MAX = 10;
const NAME = API_PREFIX.slice(1);

/**
 * Whether somebody who spells an address so is after the API: however often encoded, with any slashes, dots, case or parameters, and
 * whatever stands before it. No page has a part of that name. It opens nothing; a path that it takes for one of the API is refused instead of being looked for among the pages.
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
    return encoded.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  }
}
