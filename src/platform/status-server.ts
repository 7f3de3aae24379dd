/** A small HTTP server on this machine alone, for what watches a process. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { OstinatoError } from '../core/errors.ts';

export interface StatusAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface StatusServer {
  /** For instance `http://127.0.0.1:8081`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * @param port 0: any free one
 * @param pages by path; others are answered with 404
 * @throws `conflict` for a port that is taken
 */
export async function serveStatus(
  port: number,
  pages: Readonly<Record<string, () => StatusAnswer>>,
): Promise<StatusServer> {
  const server = createServer((request, response) => {
    const page = pages[(request.url ?? '').split('?', 1)[0] ?? ''];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const { status, type, text } =
      page === undefined || !isRead ? { status: 404, type: 'text/plain', text: 'Not Found\n' } : page();
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new OstinatoError('conflict', `Nothing can listen at port ${port}: ${cause.message}.`, {
          remedy: 'Choose another port; 0 takes a free one.',
          cause,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
