/** The web pages: static files, built from `ui/`; every path outside the API that is no file is a page of theirs. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

import { NOT_FOUND } from '../api/failures.ts';
import { API_PREFIX } from '../api/operation.ts';

/** In the sources two folders up, in the published form one. */
function pagesFolder(): string | null {
  return [join('..', '..'), '..'].map((up) => join(import.meta.dirname, up, 'ui', 'dist')).find((folder) => existsSync(join(folder, 'index.html'))) ?? null;
}

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Ostinato</title>
<body style="font: 16px/1.5 system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>Ostinato</h1><p>The API answers at <a href="/api/openapi.json">/api</a>. The pages are not built yet: <code>npm run build:ui</code> builds them.</p>`;

export function servePages(app: FastifyInstance): void {
  const folder = pagesFolder();
  if (folder !== null) {
    void app.register(fastifyStatic, {
      // Looked up with each request: pages that are built anew while the server runs are there at once.
      root: folder, wildcard: true, index: 'index.html', decorateReply: true,
      // Names of built files change with their content; the page that names them must be asked for anew.
      setHeaders: (reply, path) => void reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && !request.url.startsWith(API_PREFIX) && (request.headers.accept ?? '').includes('text/html');
    if (!isPage) return reply.code(404).send(NOT_FOUND.body);
    return folder === null ? reply.type('text/html').send(NOT_BUILT) : reply.sendFile('index.html');
  });
}
