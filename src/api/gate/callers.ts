/** Which pages may use the server, and the headers that tell them so; for HTTP and for sockets. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import { decideHost, decideOrigin, type HostDecision, type Reach, type Refused } from '../../core/web/caller-policy.ts';

/** The reach of a server in a test, and the default. */
export const LOOPBACK_ONLY: Reach = { isLoopback: true, hosts: [], origins: [] };

/**
 * `null`: the caller is allowed.
 * @param isForAll for what every page may link to or load: only the server's name counts, and the origin if there is
 * one
 */
export function callerProblem(reach: Reach, request: IncomingMessage, isForAll = false): Refused | null {
  const decided = hostDecision(reach, request);
  if (!decided.ok) return decided;
  return decideOrigin(reach, decided.host, {
    origin: request.headers.origin,
    fetchSite: isForAll ? undefined : one(request.headers['sec-fetch-site']),
  });
}

/**
 * Recent decisions about hosts: callers use few, and send one with every request. When a server learns where it
 * listens, they are decided again.
 */
interface Decided {
  readonly isLoopback: boolean;
  readonly byHost: Map<string, HostDecision>;
}
const decidedOf = new WeakMap<Reach, Decided>();
const DECIDED_MAX = 200;
/** Longer than any host name with its port. */
const KEPT_LENGTH_MAX = 300;

function hostDecision(reach: Reach, request: IncomingMessage): HostDecision {
  const { url: target = '' } = request;
  const { host } = request.headers;
  // An absolute URL as target is compared with the host.
  if (
    host === undefined ||
    host.length > KEPT_LENGTH_MAX ||
    !target.startsWith('/') ||
    saysHostAgain(request.rawHeaders)
  )
    return decideHost(reach, { hosts: hostHeaders(request), target });
  let decided = decidedOf.get(reach);
  if (decided === undefined || decided.isLoopback !== reach.isLoopback)
    decidedOf.set(reach, (decided = { isLoopback: reach.isLoopback, byHost: new Map() }));
  let decision = decided.byHost.get(host);
  if (decision === undefined) {
    decision = decideHost(reach, { hosts: [host], target });
    if (decided.byHost.size >= DECIDED_MAX) decided.byHost.clear();
    decided.byHost.set(host, decision);
  }
  return decision;
}

function saysHostAgain(rawHeaders: readonly string[]): boolean {
  let isSaid = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (isSaid) return true;
    isSaid = true;
  }
  return false;
}

/** All `Host` headers; Node keeps only the first. */
function hostHeaders({ rawHeaders, headers }: IncomingMessage): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') found.push(rawHeaders[index + 1] as string);
  }
  // Injected requests have no raw headers.
  return found.length === 0 && headers.host !== undefined ? [headers.host] : found;
}

/** Whether a browser sent it on behalf of a page. */
export function isOfBrowser(headers: IncomingHttpHeaders): boolean {
  return (
    headers.origin !== undefined ||
    headers.referer !== undefined ||
    Object.keys(headers).some((name) => name.startsWith('sec-fetch-'))
  );
}

/**
 * Whether a script of a page sent it, and not a person who typed a URL: such a page asks for the secret itself.
 * Browsers send `Sec-Fetch-…` only to trusted origins (https, the loopback); our pages always send `X-Requested-With`.
 */
export function isOfScript(headers: IncomingHttpHeaders): boolean {
  const mode = headers['sec-fetch-mode'];
  return headers['x-requested-with'] !== undefined || (mode !== undefined && mode !== 'navigate');
}

/** CORS headers for a page whose requests are answered. */
export function allowHeaders(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'content-disposition, retry-after',
  };
}

const PREFLIGHT_SECONDS = '600';

/** The answer to a CORS preflight request; `null`: the request is not one. */
export function preflightHeaders({
  method,
  headers,
}: Pick<IncomingMessage, 'method' | 'headers'>): Record<string, string> | null {
  if (method !== 'OPTIONS' || headers.origin === undefined || headers['access-control-request-method'] === undefined)
    return null;
  const asked = one(headers['access-control-request-headers']) ?? '';
  return {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': /^[\w!#$%&'*+.^`|~ ,-]+$/.test(asked) ? asked : 'authorization, content-type',
    'access-control-max-age': PREFLIGHT_SECONDS,
    ...(headers['access-control-request-private-network'] === 'true'
      ? { 'access-control-allow-private-network': 'true' }
      : {}),
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
