/** Who may reach the server, by where it listens and what its settings list. */

import { isIP } from 'node:net';

import { isLoopbackAddress, parseAuthority, parseHostPattern, parseOrigin } from '../core/web/authority.ts';
import type { Reach } from '../core/web/caller-policy.ts';

interface Facts {
  /** Where it is to listen: an address or a name. */
  readonly host: string;
  readonly allowedHosts?: readonly string[] | null;
  readonly corsAllowedOrigins?: readonly string[] | null;
}

/** A name may turn out to be one of the loopback; until that is known, the rule of the loopback holds, which is the narrower one. */
export function reachOf({ host, allowedHosts, corsAllowedOrigins }: Facts): Reach & { listensAt(address: string): void } {
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
