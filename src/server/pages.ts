/**
 * Serves the web pages: static files, built from `ui/`; every path outside the API that is no file gets the pages'
 * `index.html`. They are open to everybody.
 */

import { readFile, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { NOT_FOUND } from '../api/failures.ts';
import { meansApi } from '../api/gate/access.ts';
import { chooseCoding, type ContentCoding } from '../core/web/content-coding.ts';
import { placeOfPages, type PagesBuild, type PagesState } from './pages-build.ts';

/**
 * Does not show the build's output, since pages are open to everybody. The page reloads itself until the real one is
 * there.
 */
const WORDS: Readonly<Record<Exclude<PagesState, 'there'>, string>> = {
  building:
    '<p>The pages are being built, once. This page shows them when they are there: some seconds; a minute when packages have to be fetched.</p>',
  failed:
    '<p>The pages could not be built. What the server has said in its terminal tells why; <code>npm run build:ui</code> in the checkout builds them by hand, and they are here at once.</p>',
  missing:
    '<p>The pages are not built yet: <code>npm run build:ui</code> in the checkout builds them, and they are here at once.</p>',
};
const LOOK_AGAIN_SECONDS = 2;

function standIn(state: Exclude<PagesState, 'there'>): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${LOOK_AGAIN_SECONDS}"><title>Ostinato</title>
<h1>Ostinato</h1>${WORDS[state]}<p>The API answers already: <a href="/api/openapi.json">/api</a>.</p></html>`;
}

/** Content types of the files in a build. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/**
 * @param folder of the built pages; default: where they are built to. Checked with each request, as they may be built
 * later
 * @param build that may be running
 */
export function servePages(
  app: FastifyInstance,
  folder: string = placeOfPages().folder,
  build?: Pick<PagesBuild, 'state'>,
): void {
  app.route({
    method: 'GET',
    url: '/*',
    config: { access: 'pages' },
    handler: (request, reply) => servePage(request, reply, folder, build),
  });
}

async function servePage(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: string,
  build?: Pick<PagesBuild, 'state'>,
): Promise<FastifyReply | void> {
  const { headers, url } = request;
  // Not a page: answered in the API's format.
  if (meansApi(url)) return reply.callNotFound();
  const isPage = (headers.accept ?? '').includes('text/html');
  const found = (await openFile(folder, url)) ?? (isPage ? await openFile(folder, '/index.html') : null);
  if (found === null && (isPage || pathOf(url) === '/')) return sendStandIn(reply, build?.state ?? 'missing');
  if (found === null) return reply.code(404).send(NOT_FOUND.body);
  // Names of built files change with their content; `index.html` must not be cached.
  reply
    .header(
      'cache-control',
      found.path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
    )
    .header('vary', 'Accept-Encoding');
  const packed = await packedFile(found, headers['accept-encoding']);
  const tag = packed?.tag ?? found.tag;
  reply.header('etag', tag);
  if (isAmong(headers['if-none-match'], tag)) return reply.code(304).send();
  if (packed !== null) reply.header('content-encoding', packed.coding);
  return reply
    .type(TYPES[extname(found.path)] ?? 'application/octet-stream')
    .send(await readFile(packed?.path ?? found.path));
}

const SUFFIXES: Readonly<Record<ContentCoding, string>> = { br: '.br', gzip: '.gz' };

/** A published package is not rebuilt, and its files have the dates of unpacking, in any order. */
const IS_PUBLISHED = placeOfPages().root === null;

/**
 * The compressed file of the build, if there is one. One that is older than its source was made from another version.
 */
async function packedFile(
  file: Found,
  accepted: string | string[] | undefined,
): Promise<(Found & { readonly coding: ContentCoding }) | null> {
  const coding = chooseCoding(String(accepted ?? ''), ['br', 'gzip']);
  if (coding === null) return null;
  const path = file.path + SUFFIXES[coding];
  const facts = await stat(path).catch(() => null);
  if (facts?.isFile() !== true || (!IS_PUBLISHED && facts.mtimeMs < file.changedMs)) return null;
  return { path, coding, changedMs: facts.mtimeMs, tag: `${file.tag.slice(0, -1)}-${coding}"` };
}

function isAmong(known: string | undefined, tag: string): boolean {
  return known !== undefined && known.split(',').some((one) => ['*', tag, `W/${tag}`].includes(one.trim()));
}

/** 503: people and programs that wait for the pages see by the status that these are not they. */
function sendStandIn(reply: FastifyReply, state: PagesState): FastifyReply {
  // Built before, and missing now.
  const shown = state === 'there' ? 'missing' : state;
  if (shown === 'building') reply.header('retry-after', String(LOOK_AGAIN_SECONDS));
  return reply.code(503).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(standIn(shown));
}

interface Found {
  readonly path: string;
  /** Changes when the file changes. */
  readonly tag: string;
  readonly changedMs: number;
}

/** Looked up with each request, so that a new build is served at once. */
async function openFile(folder: string, url: string): Promise<Found | null> {
  const wanted = pathOf(url);
  if (wanted === null) return null;
  const path = join(folder, wanted.endsWith('/') ? `${wanted}index.html` : wanted);
  // Nothing outside the folder is served, whatever the path.
  if (!path.startsWith(folder + sep)) return null;
  const facts = await stat(path).catch(() => null);
  return facts?.isFile() === true
    ? { path, changedMs: facts.mtimeMs, tag: `"${facts.size.toString(36)}-${Math.round(facts.mtimeMs).toString(36)}"` }
    : null;
}

function pathOf(url: string): string | null {
  try {
    // A proxy may send an absolute URL.
    const path = decodeURIComponent(url.replace(/^https?:\/\/[^/?#]+\/?/i, '/').split(/[?#]/, 1)[0] ?? '');
    return path.includes('\0') || path.split(/[/\\]/).some((part) => part.startsWith('.')) ? null : path;
  } catch {
    return null;
  }
}
