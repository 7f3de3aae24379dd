/** Finds out which server answers at the address: our own, or Prefect's. */

import { OWN_PREFIX, OWN_PROTOCOL } from '../../contract/own/routes.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { IdSource } from '../../core/ids.ts';
import type { Clock } from '../../core/time.ts';
import type { ResultStore } from '../port.ts';
import type { CacheBook } from './cache-book.ts';
import { createOwnRemote } from './own/remote.ts';
import { createPrefectRemote } from './prefect/remote.ts';
import type { Remote } from './remote.ts';
import type { Transport } from './transport.ts';

export interface Greeted {
  readonly kind: Remote['kind'];
  readonly connect: (cache: CacheBook) => Remote;
}

interface GreetParts {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly results: ResultStore;
}

/** How long temporary failures are retried: for the greeting, and for each request after it. */
export interface Patience {
  readonly patienceMs: number;
  readonly askMs: number;
}

/**
 * @throws `server-unavailable`, `access-denied`; `unsupported` for another kind of server, or an incompatible version
 */
export async function greet(parts: GreetParts, transport: Transport, patience: Patience): Promise<Greeted> {
  const { patienceMs, askMs } = patience;
  const own = await transport.send({ method: 'GET', path: OWN_PREFIX, patienceMs, expected: [404, 405] });
  if (own.status !== 200 || !own.text.includes('"ostinato"')) return await greetPrefect(parts, transport, patience);
  const { protocol, version } = JSON.parse(own.text) as { readonly protocol: number; readonly version: string };
  if (protocol === OWN_PROTOCOL)
    return { kind: 'ostinato', connect: () => createOwnRemote({ transport, ids: parts.ids, patienceMs: askMs }) };
  throw new OstinatoError(
    'unsupported',
    `The server at ${transport.apiUrl} is Ostinato ${version}, which speaks protocol ${protocol}; this program speaks ${OWN_PROTOCOL}.`,
    { remedy: 'Use the same version on both sides.' },
  );
}

async function greetPrefect(
  { clock, ids, results }: GreetParts,
  transport: Transport,
  { patienceMs, askMs }: Patience,
): Promise<Greeted> {
  const { status, text } = await transport.send({
    method: 'GET',
    path: '/admin/version',
    patienceMs,
    expected: [404, 405],
  });
  const version = /^"(\d+)\.[^"]*"$/.exec(text.trim());
  if (status !== 200 || version === null) {
    throw new OstinatoError('unsupported', `${transport.apiUrl} is neither an Ostinato server nor Prefect's.`, {
      remedy: 'OSTINATO_API_URL ends with /api, for instance http://127.0.0.1:4200/api.',
    });
  }
  if (Number(version[1]) < 3)
    throw new OstinatoError(
      'unsupported',
      `The server at ${transport.apiUrl} is Prefect ${text.trim()}; version 3 is needed.`,
      { remedy: 'Upgrade the server, or start one of Ostinato: ostinato server start.' },
    );
  return {
    kind: 'prefect',
    connect: (cache) => createPrefectRemote({ transport, clock, ids, results, patienceMs: askMs }, cache),
  };
}
