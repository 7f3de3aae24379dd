/** Our server, with a proxy before it that a test can break. */

import { join } from 'node:path';

import { openHttpClient } from '../../src/client/http/open.ts';
import type { OstinatoClient } from '../../src/client/port.ts';
import { createClock } from '../../src/platform/clock.ts';
import { checksum } from '../../src/platform/hash.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { ResultFiles } from '../../src/platform/result-files.ts';
import { serve, type Server } from '../../src/server/serve.ts';
import { FlakyProxy } from './flaky-proxy.ts';

export class FlakyServer {
  readonly #server: Server;
  readonly #home: string;
  readonly proxy: FlakyProxy;

  private constructor(server: Server, home: string, proxy: FlakyProxy) {
    this.#server = server;
    this.#home = home;
    this.proxy = proxy;
  }

  static async start(folder: string): Promise<FlakyServer> {
    const home = join(folder, 'server');
    const server = await serve({
      databaseUrl: `sqlite:${join(folder, 'server.db')}`,
      home,
      host: '127.0.0.1',
      port: 0,
      authString: null,
      clock: createClock(),
      ids: createIdSource(),
      random: Math.random,
      onFailure: (message, error) => process.stderr.write(`${message}: ${String(error)}\n`),
      onNotice: () => undefined,
    });
    return new FlakyServer(server, home, await FlakyProxy.before(server.url));
  }

  get apiUrl(): string {
    return this.proxy.apiUrl;
  }

  async close(): Promise<void> {
    await this.proxy.goDown().catch(() => undefined);
    await this.#server.close();
  }

  /** Events of that name, past the proxy. */
  async events(name: string): Promise<readonly { readonly related: readonly Readonly<Record<string, string>>[] }[]> {
    const answer = await fetch(`${this.#server.url}/api/events/filter`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filter: { event: { name: [name] } } }),
    });
    return ((await answer.json()) as { events: [] }).events;
  }

  /** Looks at what is recorded, past the proxy. */
  async read(): Promise<OstinatoClient> {
    const nowhere = { read: () => null, write: () => undefined };
    return await openHttpClient({
      apiUrl: `${this.#server.url}/api`,
      authString: null,
      apiKey: null,
      timeoutSeconds: 20,
      version: '0.0.0',
      clock: createClock(),
      ids: createIdSource(),
      random: Math.random,
      fetch,
      checksum,
      results: new ResultFiles(join(this.#home, 'results')),
      cache: nowhere,
      setAside: nowhere,
      owner: { processId: 'reader', pid: process.pid, host: 'reader', startMark: null },
      outboxes: null,
      journals: null,
      isDead: () => false,
      onNotice: () => undefined,
    }).connect();
  }
}
