/**
 * Loaded before a suite (`node --import`): every process of every test world asks the store over HTTP, through the real
 * server's routes and checks and the real client, without sockets (time in these worlds would jump over them).
 */

import { createApi } from '../../src/api/app.ts';
import { controlOperations } from '../../src/api/control-operations.ts';
import { ownOperations } from '../../src/api/own/operations.ts';
import { openHttpClient } from '../../src/client/http/open.ts';
import type { OstinatoClient } from '../../src/client/port.ts';
import type { ProcessId } from '../../src/core/ids.ts';
import type { Clock } from '../../src/core/time.ts';
import { checksum } from '../../src/platform/hash.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { everyWorld } from '../../src/testing/test-ports.ts';

/** Requests of the whole suite: a suite that passes without any has proved nothing. */
let requests = 0;
process.on('exit', () => process.stderr.write(`\nrequests over HTTP: ${requests}\n`));

everyWorld.wrapClient = (client: OstinatoClient, processId: ProcessId, clock: Clock, useCases): OstinatoClient => {
  const failures: unknown[] = [];
  const app = createApi({
    operations: [...controlOperations(useCases, clock), ...ownOperations({ useCases, version: '0.0.0' })],
    gate: { authString: null },
    onFailure: (error) => failures.push(error),
  });
  const inject = async (url: string, init: RequestInit): Promise<Response> => {
    requests += 1;
    const { pathname, search } = new URL(url);
    const answer = await app.inject({
      method: (init.method ?? 'GET') as 'GET',
      url: pathname + search,
      headers: init.headers as Record<string, string>,
      ...(typeof init.body === 'string' ? { payload: init.body } : {}),
    });
    if (answer.statusCode >= 500) throw new Error(`the server failed: ${String(failures.at(-1))}`);
    return new Response([204, 304].includes(answer.statusCode) ? null : answer.body, { status: answer.statusCode });
  };
  return openHttpClient({
    apiUrl: 'http://test-world/api',
    authString: null,
    apiKey: null,
    timeoutSeconds: 3600,
    version: '0.0.0',
    // Ids of requests must not be drawn from the world's own, which tests know by their seeds.
    clock,
    ids: createIdSource(),
    random: () => 0.5,
    fetch: inject,
    checksum,
    results: client.results,
    cache: { read: () => null, write: () => undefined },
    setAside: { read: () => null, write: () => undefined },
    owner: { processId, pid: 1, host: 'test-host', startMark: null },
    outboxes: null,
    journals: null,
    isDead: () => false,
    onNotice: () => undefined,
  }).client;
};
