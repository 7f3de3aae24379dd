/** The reach of a server, from its address and its settings. */

import { isIP } from 'node:net';

import { isLoopbackAddress, parseAuthority, parseHostPattern, parseOrigin } from '../core/web/authority.ts';
import type { Reach } from '../core/web/caller-policy.ts';

interface Facts {
  /** The address or name to listen at. */
  readonly host: string;
  readonly allowedHosts?: readonly string[] | null;
  readonly corsAllowedOrigins?: readonly string[] | null;
}

/** A name may resolve to the loopback; until that is known, the narrower rule of the loopback applies. */
export function reachOf({
  host,
  allowedHosts,
  corsAllowedOrigins,
}: Facts): Reach & { listensAt(address: string): void } {
  let isLoopback = isIP(host) === 0 || isLoopbackAddress(host);
  const own = parseAuthority(host);
  const listed = (allowedHosts ?? []).map(parseHostPattern).filter((pattern) => pattern !== null);
  const withOwn = own === null ? listed : [...listed, { ...own, isWild: false }];
  return {
    get isLoopback() {
      return isLoopback;
    },
    get hosts() {
      return isLoopback ? withOwn : listed;
    },
    origins: (corsAllowedOrigins ?? []).map(parseOrigin).filter((origin) => origin !== null),
    listensAt(address) {
      isLoopback = isLoopbackAddress(address);
    },
  };
}
