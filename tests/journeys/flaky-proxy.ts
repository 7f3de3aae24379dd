/** A proxy before a server, which a test can break: real sockets, real outages. */

import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one request. */
export type Fate =
  | { readonly kind: 'pass' }
  /** It is passed on that much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterSeconds?: number }
  /** It is carried out, and the answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** It is carried out, and half of the answer arrives. */
  | { readonly kind: 'cut-answer' }
  /** It never arrives, and the connection is reset. */
  | { readonly kind: 'reset' };

export class FlakyProxy {
  readonly #target: URL;
  readonly #proxy: HttpServer;
  readonly #port: number;
  /** Asked for each request; the count begins at 1. */
  fate: (count: number, request: IncomingMessage) => Fate = () => ({ kind: 'pass' });
  requests = 0;

  private constructor(target: string, proxy: HttpServer, port: number) {
    this.#target = new URL(target);
    this.#proxy = proxy;
    this.#port = port;
    proxy.on('request', (request, response) => this.#meet(request, response));
    // Nothing of ours needs a socket that stays: refused, always.
    proxy.on('upgrade', (_request, socket) => socket.destroy());
  }

  /** @param target for instance `http://127.0.0.1:4200` */
  static async before(target: string): Promise<FlakyProxy> {
    const proxy = createServer();
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    return new FlakyProxy(target, proxy, (proxy.address() as AddressInfo).port);
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

  #meet(request: IncomingMessage, response: ServerResponse): void {
    this.requests += 1;
    const fate = this.fate(this.requests, request);
    if (fate.kind === 'answer') {
      const pause = fate.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fate.retryAfterSeconds) };
      request.resume();
      response.writeHead(fate.status, { 'content-type': 'application/json', ...pause }).end('{"detail":"not now"}');
      return;
    }
    if (fate.kind === 'reset') return void request.socket.resetAndDestroy();
    setTimeout(() => this.#pass(request, response, fate), fate.kind === 'slow' ? fate.ms : 0);
  }

  #pass(request: IncomingMessage, response: ServerResponse, { kind }: Fate): void {
    const { hostname, port } = this.#target;
    const onward = forward(
      { hostname, port, method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        if (kind === 'lose-answer') {
          answer.resume().once('end', () => request.socket.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        if (kind === 'cut-answer') {
          answer.once('data', (chunk: Buffer) =>
            response.write(chunk.subarray(0, chunk.length >> 1), () => request.socket.destroy()),
          );
          answer.once('end', () => request.socket.destroy());
          return;
        }
        answer.pipe(response);
      },
    );
    onward.once('error', () => request.socket.destroy());
    request.pipe(onward);
  }
}
