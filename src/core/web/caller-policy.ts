/**
 * From which pages and under which names a server may be used. Pure.
 *
 * A browser sends requests for every page that it shows, also to servers that only its own machine can reach. What it
 * says of itself cannot be forged by a page: the name under which the page believes to reach us (`Host`), and whose
 * page asks (`Origin`, `Sec-Fetch-Site`).
 *
 * 1. A server of the loopback takes loopback names only: any other may be a foreign page's name that was pointed here
 *    (DNS rebinding).
 * 2. A page of the loopback may use a server of the loopback; elsewhere only the server's own pages may.
 * 3. What a setting lists may, too. Who is no browser says neither, and may.
 */

import {
  fitsPattern,
  isLoopbackName,
  isWebOrigin,
  parseAuthority,
  parseOrigin,
  portOf,
  type Authority,
  type HostPattern,
  type Origin,
} from './authority.ts';

/** Who may use a server, by its settings. */
export interface Reach {
  /** Only this machine can connect. */
  readonly isLoopback: boolean;
  /** Further names of the server. Their pages are its own. */
  readonly hosts: readonly HostPattern[];
  /** Origins of further pages that may use it. */
  readonly origins: readonly Origin[];
}

export interface CallerFacts {
  /** All `Host` headers of the request. */
  readonly hosts: readonly string[];
  /** The target in the request's first line. */
  readonly target: string;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`. */
  readonly fetchSite: string | undefined;
}

export interface Refused {
  readonly status: 400 | 403;
  /** What was refused, why, and the setting that would allow it. */
  readonly detail: string;
}

export type HostDecision = { readonly ok: true; readonly host: Authority | null } | ({ readonly ok: false } & Refused);

const SHOWN_LENGTH_MAX = 100;

export function decideHost(reach: Reach, { hosts, target }: Pick<CallerFacts, 'hosts' | 'target'>): HostDecision {
  if (hosts.length > 1) return malformed('The request has more than one Host header.');
  const text = hosts[0];
  // Before HTTP/1.1 there was no `Host`. No browser is that old, but the rule for the loopback has no exception.
  if (text === undefined)
    return reach.isLoopback ? malformed('The request has no Host header.') : { ok: true, host: null };
  const host = parseAuthority(text);
  if (host === null) return malformed(`The Host header ${shown(text)} is no host name or address.`);
  if (!isTargetOf(host, target))
    return malformed(`The request is for ${shown(target)}, and its Host header says ${shown(text)}.`);
  if (
    !reach.isLoopback ||
    isLoopbackName(host.name) ||
    reach.hosts.some((pattern) => fitsPattern(pattern, host.name, portOf(host, 'http')))
  )
    return { ok: true, host };
  return {
    ok: false,
    status: 403,
    detail: `This server listens to its own machine and is not called ${shown(text)}. If that is a name of it, list it in OSTINATO_SERVER_ALLOWED_HOSTS.`,
  };
}

/**
 * Whether the target is a path, `*`, or a whole URL of the same host: with two hosts it is unclear which one counts.
 */
function isTargetOf(host: Authority, target: string): boolean {
  if (target.startsWith('/') || target === '*') return true;
  const match = /^(https?):\/\/([^/?#]+)/i.exec(target);
  const named = match === null ? null : parseAuthority(match[2] as string);
  const scheme = (match?.[1] ?? '').toLowerCase();
  return named !== null && named.name === host.name && portOf(named, scheme) === portOf(host, scheme);
}

/** `null`: allowed. @param host from {@link decideHost} */
export function decideOrigin(
  reach: Reach,
  host: Authority | null,
  { origin, fetchSite }: Pick<CallerFacts, 'origin' | 'fetchSite'>,
): Refused | null {
  if (origin === undefined) return decideWithoutOrigin(reach, fetchSite);
  const page = parseOrigin(origin);
  if (page !== null && isAllowedPage(reach, host, page, fetchSite)) return null;
  return foreign(`Pages of ${shown(origin)} may not use this server.`);
}

/** Browsers send no origin when they only read: an image, a script, a link that is followed. */
function decideWithoutOrigin(reach: Reach, fetchSite: string | undefined): Refused | null {
  if (fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none') return null;
  // A page on another port of the loopback, which may use this server.
  if (fetchSite === 'same-site' && reach.isLoopback) return null;
  return foreign('A page of another site may not use this server.');
}

function isAllowedPage(reach: Reach, host: Authority | null, page: Origin, fetchSite: string | undefined): boolean {
  const port = portOf(page, page.scheme);
  if (
    reach.origins.some(
      (listed) => listed.scheme === page.scheme && listed.name === page.name && portOf(listed, listed.scheme) === port,
    )
  )
    return true;
  if (!isWebOrigin(page)) return false;
  if (reach.hosts.some((pattern) => fitsPattern(pattern, page.name, port))) return true;
  if (host === null) return false;
  if (reach.isLoopback) return isLoopbackName(page.name) && isLoopbackName(host.name);
  // A proxy may have ended TLS, so that our own scheme is unknown here; the browser's origin has it.
  return (
    page.name === host.name &&
    port === portOf(host, page.scheme) &&
    (fetchSite === undefined || fetchSite === 'same-origin')
  );
}

function foreign(what: string): Refused {
  return {
    status: 403,
    detail: `${what} If they should, list their origin in OSTINATO_SERVER_CORS_ALLOWED_ORIGINS; a further name of this server, in OSTINATO_SERVER_ALLOWED_HOSTS.`,
  };
}

function malformed(detail: string): HostDecision {
  return { ok: false, status: 400, detail };
}

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text);
}
