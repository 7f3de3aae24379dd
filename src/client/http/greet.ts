/** Finds out who answers at the address: our own server, or Prefect's. */

import { OstinatoError } from '../../core/errors.ts';
import type { IdSource } from '../../core/ids.ts';
import type { Clock } from '../../core/time.ts';
import type { ResultStore } from '../port.ts';
import type { CacheBook } from './cache-book.ts';
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

/** @throws `server-unavailable`, `access-denied`; `unsupported` for something that is neither */
export async function greet({ clock, ids, results }: GreetParts, transport: Transport, patienceMs: number): Promise<Greeted> {
  const { status, text } = await transport.send({ method: 'GET', path: '/admin/version', patienceMs, expected: [404, 405] });
  const version = /^"(\d+)\.[^"]*"$/.exec(text.trim());
  if (status !== 200 || version === null) {
    throw new OstinatoError('unsupported', `${transport.apiUrl} is neither an Ostinato server nor Prefect's.`, { remedy: 'OSTINATO_API_URL ends with /api, for instance http://127.0.0.1:4200/api.' });
  }
  if (Number(version[1]) < 3) throw new OstinatoError('unsupported', `The server at ${transport.apiUrl} is Prefect ${text.trim()}; version 3 is needed.`);
  return { kind: 'prefect', connect: (cache) => createPrefectRemote({ transport, clock, ids, results, patienceMs }, cache) };
}
