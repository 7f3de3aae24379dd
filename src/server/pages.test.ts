import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import fastify from 'fastify';

import type { PagesState } from './pages-build.ts';
import { servePages } from './pages.ts';

const root = mkdtempSync(join(tmpdir(), 'ostinato-pages-'));
after(() => rmSync(root, { recursive: true }));
const folder = join(root, 'dist');
mkdirSync(join(folder, 'assets'), { recursive: true });
writeFileSync(join(folder, 'index.html'), '<p>pages');
writeFileSync(join(folder, 'assets', 'app-1.js'), 'run()');
writeFileSync(join(root, 'secret.txt'), 'secret');
writeFileSync(join(folder, '.hidden'), 'hidden');

const app = fastify();
servePages(app, folder);
after(() => app.close());

const get = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await app.inject({ method: 'GET', url, headers });
  return {
    status: answer.statusCode,
    body: answer.payload,
    type: answer.headers['content-type'],
    cache: answer.headers['cache-control'],
    tag: String(answer.headers['etag']),
  };
};

test('files come with their type, kept as long as their names say', async () => {
  const { status, body, type, cache } = await get('/assets/app-1.js');
  assert.deepEqual(
    [status, body, type, cache],
    [200, 'run()', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  );
  const page = await get('/');
  assert.deepEqual(
    [page.status, page.body, page.type, page.cache],
    [200, '<p>pages', 'text/html; charset=utf-8', 'no-cache'],
  );
  assert.equal((await get('/?a=b')).body, '<p>pages');
});

test('a file that has not changed is not sent again', async () => {
  const { tag } = await get('/');
  const again = await get('/', { 'if-none-match': tag });
  assert.deepEqual([again.status, again.body], [304, '']);
  writeFileSync(join(folder, 'index.html'), '<p>other pages');
  assert.equal((await get('/', { 'if-none-match': tag })).body, '<p>other pages');
});

test('what the build has packed is sent packed to those who can unpack it, and to nobody else', async () => {
  const source = 'work();'.repeat(500);
  writeFileSync(join(folder, 'assets', 'big-1.js'), source);
  writeFileSync(join(folder, 'assets', 'big-1.js.br'), brotliCompressSync(source));
  writeFileSync(join(folder, 'assets', 'big-1.js.gz'), gzipSync(source));
  const ask = (accepted?: string, more: Readonly<Record<string, string>> = {}) =>
    app.inject({
      method: 'GET',
      url: '/assets/big-1.js',
      headers: { ...(accepted === undefined ? {} : { 'accept-encoding': accepted }), ...more },
    });
  const tags = new Set<unknown>();
  for (const [accepted, coding, unpack] of [
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, gzip', 'gzip', gunzipSync],
  ] as const) {
    const { headers, rawPayload } = await ask(accepted);
    assert.deepEqual(
      [headers['content-encoding'], headers['content-type'], headers['vary']],
      [coding, 'text/javascript; charset=utf-8', 'Accept-Encoding'],
    );
    assert.equal(unpack(rawPayload).toString(), source);
    assert.equal((await ask(accepted, { 'if-none-match': `"other", W/${String(headers['etag'])}` })).statusCode, 304);
    tags.add(headers['etag']);
  }
  for (const accepted of [undefined, '', 'identity', 'zstd']) {
    const { headers, payload } = await ask(accepted);
    assert.deepEqual([headers['content-encoding'], headers['vary'], payload], [undefined, 'Accept-Encoding', source]);
    tags.add(headers['etag']);
  }
  assert.equal(tags.size, 3, 'each form has a tag of its own');
  assert.equal(
    (await app.inject({ method: 'GET', url: '/assets/app-1.js', headers: { 'accept-encoding': 'br, gzip' } })).headers[
      'content-encoding'
    ],
    undefined,
    'was not packed',
  );
});

test('a packed file that is older than what it was made from is not sent', async () => {
  const path = join(folder, 'assets', 'late-1.js');
  writeFileSync(path, 'new()');
  writeFileSync(`${path}.br`, brotliCompressSync('old()'));
  utimesSync(`${path}.br`, new Date(0), new Date(0));
  const answer = await app.inject({ method: 'GET', url: '/assets/late-1.js', headers: { 'accept-encoding': 'br' } });
  assert.deepEqual([answer.headers['content-encoding'], answer.payload], [undefined, 'new()']);
});

test('other paths are pages for those who read pages, and nothing for others', async () => {
  assert.equal((await get('/runs/flow-run/1', { accept: 'text/html,*/*' })).type, 'text/html; charset=utf-8');
  assert.equal((await get('/runs/flow-run/1')).status, 404);
  assert.equal((await get('/api/bogus', { accept: 'text/html' })).status, 404);
  assert.equal((await app.inject({ method: 'POST', url: '/', headers: { accept: 'text/html' } })).statusCode, 404);
});

test('nothing outside the folder is a file, nor what is hidden', async () => {
  for (const url of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5c..%5csecret.txt',
    '/.hidden',
    '/%00',
    '/%E0%A4%A',
    '/assets',
  ]) {
    const answer = await get(url);
    assert.ok(answer.status === 404 || answer.status === 400, `${url}: ${answer.status} ${answer.body}`);
  }
});

test('without pages there is a word about it, which asks again by itself; other addresses are none', async () => {
  const build: { state: PagesState } = { state: 'building' };
  const bare = fastify();
  const later = join(root, 'later');
  servePages(bare, later, build);
  const ask = async (url: string, accept = '*/*') => await bare.inject({ method: 'GET', url, headers: { accept } });
  for (const [url, accept] of [
    ['/', 'text/html'],
    ['/', '*/*'],
    ['/runs', 'text/html'],
  ] as const) {
    const { statusCode, payload, headers } = await ask(url, accept);
    assert.deepEqual([statusCode, headers['retry-after'], headers['cache-control']], [503, '2', 'no-store']);
    assert.match(payload, /being built.*(?:.|\n)*http-equiv="refresh"|http-equiv="refresh"(?:.|\n)*being built/);
  }
  assert.equal((await ask('/runs')).statusCode, 404);
  build.state = 'failed';
  const failed = await ask('/', 'text/html');
  assert.equal(failed.headers['retry-after'], undefined);
  assert.match(failed.payload, /could not be built(?:.|\n)*npm run build:ui/);
  // Built by hand meanwhile.
  mkdirSync(later);
  writeFileSync(join(later, 'index.html'), '<p>there');
  assert.equal((await ask('/runs', 'text/html')).payload, '<p>there');
  await bare.close();
});
