/**
 * What browsers are told with every kind of answer: data run nothing, pages run their own scripts, nobody frames
 * either.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { createApi } from '../api/app.ts';
import { PLAIN_BODY } from '../contract/json-bounds.ts';
import { createClock } from '../platform/clock.ts';
import { createIdSource } from '../platform/ids.ts';
import { ask, sendRaw, UPGRADE, type RawAnswer } from './fixtures/raw-http.ts';
import { servePages } from './pages.ts';
import { serve, type Server } from './serve.ts';

const SECRET = 'me:it';
const AUTH = { Authorization: `Basic ${Buffer.from(SECRET).toString('base64')}` };
const JSON_BODY = { ...AUTH, 'Content-Type': 'application/json' };
const folder = mkdtempSync(join(tmpdir(), 'ostinato-headers-'));
let server: Server;
let port = 0;
before(async () => {
  server = await serve({
    databaseUrl: 'sqlite::memory:',
    home: folder,
    host: '127.0.0.1',
    port: 0,
    authString: SECRET,
    csrfProtection: false,
    clock: createClock(),
    ids: createIdSource(),
    random: () => 0.5,
    onFailure: (message, error) => assert.fail(`${message}: ${String(error)}`),
    onNotice: () => undefined,
  });
  port = Number(new URL(server.url).port);
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function assertData({ status, headers, text }: RawAnswer, what: string, expected: number): void {
  assert.equal(status, expected, `${what}: ${text.slice(0, 400)}`);
  assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'", what);
  assert.equal(headers['x-content-type-options'], 'nosniff', what);
  assert.equal(headers['x-frame-options'], 'DENY', what);
  assert.equal(headers['referrer-policy'], 'no-referrer', what);
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin', what);
  assert.doesNotMatch(headers['content-type'] ?? '', /html|svg|xml/, what);
}

test('answers of the API, whatever comes of a request', async () => {
  const HOSTILE = '</script><script>alert(1)</script>';
  const kinds: readonly (readonly [what: string, status: number, request: Parameters<typeof ask>[1]])[] = [
    ['health', 200, { method: 'GET', target: '/api/health' }],
    ['a list', 200, { method: 'POST', target: '/api/flows/filter', headers: JSON_BODY, body: '{}' }],
    [
      'something made',
      201,
      { method: 'POST', target: '/api/flows/', headers: JSON_BODY, body: JSON.stringify({ name: 'made' }) },
    ],
    ['nothing to say', 204, { method: 'DELETE', target: '/api/admin/storage', headers: AUTH }],
    ['its description', 200, { method: 'GET', target: '/api/openapi.json', headers: AUTH }],
    ['a head', 200, { method: 'HEAD', target: '/api/admin/settings', headers: AUTH }],
    ['no secret', 401, { method: 'GET', target: '/api/admin/settings' }],
    [
      'no such route',
      404,
      { method: 'GET', target: `/api/${encodeURIComponent(HOSTILE)}`, headers: { ...AUTH, Accept: 'text/html' } },
    ],
    ['no such thing', 404, { method: 'GET', target: '/api/flows/018f0000-0000-7000-8000-000000000001', headers: AUTH }],
    ['an address that cannot be read', 404, { method: 'GET', target: '/api/%zz', headers: AUTH }],
    ['another name', 403, { method: 'GET', target: '/api/health', headers: { Host: 'evil.example' } }],
    ['another page', 403, { method: 'GET', target: '/api/health', headers: { Origin: 'https://evil.example' } }],
    ['no name', 400, { method: 'GET', target: '/', headers: { Host: 'a@b' } }],
    [
      'another page asks for the pages',
      403,
      { method: 'GET', target: '/x', headers: { Origin: 'https://evil.example' } },
    ],
    [
      'another kind of body',
      415,
      { method: 'POST', target: '/api/flows/', headers: { ...AUTH, 'Content-Type': 'text/html' }, body: HOSTILE },
    ],
    ['a body that is no JSON', 422, { method: 'POST', target: '/api/flows/', headers: JSON_BODY, body: HOSTILE }],
    [
      'a body that is wrong',
      422,
      { method: 'POST', target: '/api/flows/', headers: JSON_BODY, body: JSON.stringify({ name: [HOSTILE] }) },
    ],
    [
      'a body that is too large',
      413,
      {
        method: 'POST',
        target: '/api/flows/',
        headers: JSON_BODY,
        body: JSON.stringify({ name: 'x'.repeat(PLAIN_BODY.bytesMax) }),
      },
    ],
    [
      'a protocol that is too old',
      400,
      { method: 'GET', target: '/api/hello', headers: { ...AUTH, 'X-Prefect-Api-Version': '0.1.0' } },
    ],
    [
      'a question of a page that may',
      204,
      {
        method: 'OPTIONS',
        target: '/api/flows/',
        headers: { Origin: 'http://localhost:1', 'Access-Control-Request-Method': 'POST' },
      },
    ],
    ['another expectation', 417, { method: 'GET', target: '/api/health', headers: { Expect: 'a miracle' } }],
    [
      'headers that are too large',
      431,
      { method: 'GET', target: '/api/health', headers: { 'X-Large': 'x'.repeat(100_000) } },
    ],
    ['a line that is no HTTP', 400, { method: 'GET', target: '/api/he alth' }],
    ['a socket that is not there', 401, { method: 'GET', target: '/api/nothing', headers: UPGRADE }],
    [
      'a socket for another page',
      403,
      { method: 'GET', target: '/api/events/out', headers: { ...UPGRADE, Origin: 'https://evil.example' } },
    ],
    ['a socket without a place for the secret', 403, { method: 'GET', target: '/api/events/out', headers: UPGRADE }],
    [
      'a socket of an unknown version',
      400,
      {
        method: 'GET',
        target: '/api/events/out',
        headers: { ...UPGRADE, 'Sec-WebSocket-Protocol': 'prefect', 'Sec-WebSocket-Version': '1' },
      },
    ],
  ];
  for (const [what, status, request] of kinds) assertData(await ask(port, request), what, status);
  assertData(await sendRaw(port, 'GET /api/health HTTP/1.0\r\n\r\n'), 'no Host header', 400);
  assertData(
    await sendRaw(
      port,
      'GET /api/health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    ),
    'two Host headers',
    400,
  );
  assertData(await sendRaw(port, '\x16\x03\x01\x02\r\n\r\n'), 'TLS', 400);
});

test('recorded text that is downloaded is a file, never a page', async () => {
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${server.url}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: AUTH.Authorization },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  const flow = await post('/flows/', { name: 'f' });
  const run = await post('/flow_runs/', { flow_id: flow['id'], name: '"; filename="run.html' });
  await post('/logs/', [
    {
      name: 'l',
      level: 20,
      message: '<script>alert(1)</script>',
      timestamp: '2026-01-01T00:00:00Z',
      flow_run_id: run['id'],
    },
  ]);
  const answer = await ask(port, {
    method: 'GET',
    target: `/api/flow_runs/${String(run['id'])}/logs/download`,
    headers: { ...AUTH, Accept: 'text/html' },
  });
  assertData(answer, 'the log', 200);
  assert.match(
    answer.headers['content-disposition'] ?? '',
    /^attachment; filename="flow-run-logs\.csv"; filename\*=UTF-8''[\w.%-]+$/,
  );
  assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
  assert.match(answer.body, /<script>alert/);
});

test('pages and their files run the scripts of their build, and are framed by nobody', async () => {
  const dist = join(folder, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(dist, 'index.html'), '<p>pages');
  writeFileSync(join(dist, 'assets', 'a.js'), '1');
  writeFileSync(join(dist, 'icon.svg'), '<svg/>');
  writeFileSync(join(dist, 'odd.unknown'), '<script>');
  const app = createApi({
    operations: [],
    gate: { authString: SECRET },
    onFailure: (error) => assert.fail(String(error)),
  });
  servePages(app, dist);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const pagesPort = (app.server.address() as AddressInfo).port;
  const browser = { Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
  for (const [target, status, more] of [
    ['/', 200, {}],
    ['/runs', 200, {}],
    ['/assets/a.js', 200, {}],
    ['/icon.svg', 200, {}],
    ['/odd.unknown', 200, {}],
    ['/missing.js', 404, { Accept: '*/*' }],
  ] as const) {
    const { headers, status: got } = await ask(pagesPort, { method: 'GET', target, headers: { ...browser, ...more } });
    assert.equal(got, status, target);
    const policy = headers['content-security-policy'] ?? '';
    assert.match(
      policy,
      /default-src 'none'; script-src 'self'; style-src 'self';.*connect-src 'self';.*base-uri 'none'; form-action 'none'; frame-ancestors 'none'/,
      target,
    );
    assert.doesNotMatch(policy, /unsafe|script-src [^;]*(?:\*|https?:|data:|blob:)/, target);
    const told = [
      headers['x-content-type-options'],
      headers['x-frame-options'],
      headers['referrer-policy'],
      headers['cross-origin-opener-policy'],
      headers['cross-origin-resource-policy'],
    ];
    assert.deepEqual(told, ['nosniff', 'DENY', 'same-origin', 'same-origin', 'same-origin'], target);
  }
  assert.equal(
    (await ask(pagesPort, { method: 'GET', target: '/odd.unknown' })).headers['content-type'],
    'application/octet-stream',
  );
  assert.equal(
    (await ask(pagesPort, { method: 'GET', target: `http://127.0.0.1:${pagesPort}/assets/a.js` })).body,
    '1',
  );
  assert.equal((await ask(pagesPort, { method: 'GET', target: '/', headers: { Host: 'evil.example' } })).status, 403);
  await app.close();
});
