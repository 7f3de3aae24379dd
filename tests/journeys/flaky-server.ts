/** Our server behind a proxy that a test can break: real sockets, real outages. */

import { createServer, request as forward, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { openHttpClient } from '../../src/client/http/open.ts';
import type { OstinatoClient } from '../../src/client/port.ts';
import { createClock } from '../../src/platform/clock.ts';
import { checksum } from '../../src/platform/hash.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { ResultFiles } from '../../src/platform/result-files.ts';
import { serve, type Server } from '../../src/server/serve.ts';

/** What becomes of one request. */
export type Fate =
  | { readonly kind: 'pass' }
  /** It is passed on that much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterSeconds?: number }
  /** It is carried out, and the answer is lost. */
  | { readonly kind: 'lose-answer' };

export class FlakyServer {
  readonly #server: Server;
  readonly #proxy: HttpServer;
  readonly #port: number;
  readonly #home: string;
  /** Asked for each request; the count begins at 1. */
  fate: (count: number, request: IncomingMessage) => Fate = () => ({ kind: 'pass' });
  requests = 0;

  private constructor(server: Server, home: string, proxy: HttpServer, port: number) {
    this.#server = server;
    this.#home = home;
    this.#proxy = proxy;
    this.#port = port;
    proxy.on('request', (request, response) => this.#meet(request, response));
    // Nothing of ours needs a socket that stays: refused, always.
    proxy.on('upgrade', (_request, socket) => socket.destroy());
  }

  static async start(folder: string): Promise<FlakyServer> {
    const home = join(folder, 'server');
    const server = await serve({
      databaseUrl: `sqlite:${join(folder, 'server.db')}`, home, host: '127.0.0.1', port: 0, authString: null,
      clock: createClock(), ids: createIdSource(), random: Math.random,
      onFailure: (message, error) => process.stderr.write(`${message}: ${String(error)}\n`), onNotice: () => undefined,
    });
    const proxy = createServer();
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    return new FlakyServer(server, home, proxy, (proxy.address() as AddressInfo).port);
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  /** Connections are refused from now on, and open ones end. */
  async goDown(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#proxy.close(() => resolve());
      this.#proxy.closeAllConnections();
    });
  }

  async comeUp(): Promise<void> {
    await new Promise<void>((resolve) => this.#proxy.listen(this.#port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    await this.goDown().catch(() => undefined);
    await this.#server.close();
  }

  /** Looks at what is recorded, past the proxy. */
  async read(): Promise<OstinatoClient> {
    const nowhere = { read: () => null, write: () => undefined };
    return await openHttpClient({
      apiUrl: `${this.#server.url}/api`, authString: null, apiKey: null, timeoutSeconds: 20, version: '0.0.0',
      clock: createClock(), ids: createIdSource(), random: Math.random, fetch, checksum,
      results: new ResultFiles(join(this.#home, 'results')), cache: nowhere, setAside: nowhere,
      owner: { processId: 'reader', pid: process.pid, host: 'reader', startMark: null }, outboxes: null, journals: null,
      isDead: () => false, onNotice: () => undefined,
    }).connect();
  }

  #meet(request: IncomingMessage, response: ServerResponse): void {
    this.requests += 1;
    const fate = this.fate(this.requests, request);
    if (fate.kind === 'answer') {
      const pause = fate.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fate.retryAfterSeconds) };
      request.resume();
      response.writeHead(fate.status, { 'content-type': 'application/json', ...pause }).end('{"detail":"not now"}');
      return;
    }
    setTimeout(() => this.#pass(request, response, fate.kind === 'lose-answer'), fate.kind === 'slow' ? fate.ms : 0);
  }

  #pass(request: IncomingMessage, response: ServerResponse, losesAnswer: boolean): void {
    const { hostname, port } = new URL(this.#server.url);
    const onward = forward({ hostname, port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      if (losesAnswer) {
        answer.resume().once('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => request.socket.destroy());
    request.pipe(onward);
  }
}
