/** Which machines the server may tell anything: by names and addresses, as they are set. Pure. */

import { fitsPattern, parseAuthority, parseHostPattern, type HostPattern } from './authority.ts';
import { WebFailure, type SendRequest } from './send-request.ts';

/** @param host of an address, an IPv6 one in brackets or without */
export type MayReach = (host: string, port: number) => boolean;

/** @param words a list; `null`: there is none. One that cannot be read allows nothing */
export function targetPatterns(words: readonly string[] | null): readonly HostPattern[] | null {
  return words?.map(parseHostPattern).filter((pattern): pattern is HostPattern => pattern !== null) ?? null;
}

/** @param patterns `null`: all machines may be told */
export function reachOnly(patterns: readonly HostPattern[] | null): MayReach {
  if (patterns === null) return () => true;
  return (host, port) => {
    const authority = parseAuthority(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
    if (authority === null || authority.port !== null) return false;
    return patterns.some((pattern) => fitsPattern(pattern, authority.name, port));
  };
}

/** Asks only what may be reached. Redirects are not followed, so that none leads elsewhere. */
export function limitedTo(mayReach: MayReach, sendRequest: SendRequest): SendRequest {
  return async (request) => {
    const { hostname, port, protocol } = new URL(request.url);
    const asked = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
    if (!mayReach(hostname, asked))
      throw new WebFailure('The address is none that server.notification_targets allows.', false);
    return await sendRequest(request);
  };
}
