import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseHostPattern, parseOrigin } from './authority.ts';
import { decideHost, decideOrigin, type Reach } from './caller-policy.ts';

const reach = (isLoopback: boolean, hosts: readonly string[] = [], origins: readonly string[] = []): Reach => ({
  isLoopback,
  hosts: hosts.map((text) => parseHostPattern(text) ?? assert.fail(text)),
  origins: origins.map((text) => parseOrigin(text) ?? assert.fail(text)),
});
const LOOPBACK = reach(true);
const ELSEWHERE = reach(false);

/** The status of a refusal, or 200. */
function decide(
  of: Reach,
  host: string | readonly string[] | undefined,
  origin?: string,
  fetchSite?: string,
  target = '/api/flows/',
): number {
  const decided = decideHost(of, { hosts: host === undefined ? [] : typeof host === 'string' ? [host] : host, target });
  if (!decided.ok) return decided.status;
  return decideOrigin(of, decided.host, { origin, fetchSite })?.status ?? 200;
}

test('a server of the loopback takes names of the loopback, at any port, and no other', () => {
  for (const host of [
    'localhost',
    '127.0.0.1:4200',
    '127.9.9.9:1',
    '[::1]:4200',
    'x.localhost:4200',
    'LOCALHOST.:4200',
  ])
    assert.equal(decide(LOOPBACK, host), 200, host);
  for (const host of [
    'evil.example',
    'evil.example:4200',
    'localhost.evil.example',
    '192.168.1.2:4200',
    '0.0.0.0:4200',
    '[::]:4200',
  ])
    assert.equal(decide(LOOPBACK, host), 403, host);
  for (const host of [
    '',
    'localhost@evil.example',
    '2130706433',
    'localhost/x',
    ['localhost', 'localhost'],
    ['localhost', 'evil.example'],
    undefined,
  ])
    assert.equal(decide(LOOPBACK, host), 400, String(host));
});

test('whose first line and Host header name different hosts is not guessed at', () => {
  const at = (target: string): number => decide(LOOPBACK, 'localhost:4200', undefined, undefined, target);
  for (const target of ['http://localhost:4200/api/flows/', 'HTTP://LOCALHOST:4200', 'http://localhost:4200?x', '*'])
    assert.equal(at(target), 200, target);
  for (const target of [
    'http://evil.example/api',
    'http://localhost/api',
    'https://localhost/api',
    'http://127.0.0.1:4200/',
    'http://localhost:4200@evil.example/',
    'http://me@localhost:4200/',
    'ftp://localhost:4200/',
    'localhost:4200',
    'http:///api',
    '\\api',
  ]) {
    assert.equal(at(target), 400, target);
  }
  assert.equal(decide(LOOPBACK, 'localhost', undefined, undefined, 'http://localhost:80/'), 200);
});

test('pages of the loopback may use a server of the loopback, others not; callers that are no browser say nothing and may', () => {
  for (const origin of [
    undefined,
    'http://localhost:5173',
    'https://127.0.0.1',
    'http://[::1]:3000',
    'http://app.localhost',
  ])
    assert.equal(decide(LOOPBACK, 'localhost:4200', origin), 200, String(origin));
  for (const origin of [
    'null',
    '',
    'https://evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://evil.example#localhost',
    'http://localhost/',
    'http://0.0.0.0:4200',
    'http://2130706433',
    'ws://localhost',
    'file://localhost',
    'chrome-extension://abc',
    'http://localhost, https://evil.example',
  ]) {
    assert.equal(decide(LOOPBACK, 'localhost:4200', origin), 403, origin);
  }
});

test('elsewhere every name is one of the server, and only its own pages may use it', () => {
  for (const host of ['10.0.0.7:4200', 'build-machine:4200', '[fd00::7]:4200', undefined])
    assert.equal(decide(ELSEWHERE, host), 200, String(host));
  assert.equal(decide(ELSEWHERE, 'build-machine:4200', 'http://build-machine:4200'), 200);
  assert.equal(decide(ELSEWHERE, 'Build-Machine.:4200', 'http://build-machine:4200', 'same-origin'), 200);
  assert.equal(decide(ELSEWHERE, 'ostinato.example', 'https://ostinato.example'), 200, 'a proxy took TLS away');
  assert.equal(decide(ELSEWHERE, 'ostinato.example:443', 'https://ostinato.example', 'same-origin'), 200);
  assert.equal(
    decide(ELSEWHERE, 'ostinato.example', 'http://ostinato.example', 'cross-site'),
    403,
    'the browser knows the scheme',
  );
  for (const origin of [
    'http://build-machine',
    'http://build-machine:4201',
    'https://build-machine',
    'http://other:4200',
    'http://localhost:4200',
    'null',
    'http://x.build-machine:4200',
  ]) {
    assert.equal(decide(ELSEWHERE, 'build-machine:4200', origin), 403, origin);
  }
  assert.equal(decide(ELSEWHERE, undefined, 'http://build-machine'), 403);
});

test('a browser that leaves the origin out says which site asks', () => {
  for (const site of [undefined, 'same-origin', 'none'])
    assert.deepEqual(
      [decide(LOOPBACK, 'localhost', undefined, site), decide(ELSEWHERE, 'x', undefined, site)],
      [200, 200],
      String(site),
    );
  assert.deepEqual(
    [decide(LOOPBACK, 'localhost', undefined, 'same-site'), decide(ELSEWHERE, 'x', undefined, 'same-site')],
    [200, 403],
  );
  for (const site of ['cross-site', 'same-origin, cross-site', 'anything', ''])
    assert.deepEqual(
      [decide(LOOPBACK, 'localhost', undefined, site), decide(ELSEWHERE, 'x', undefined, site)],
      [403, 403],
      site,
    );
});

test("settings list further names, whose pages are the server's own, and further pages", () => {
  const proxied = reach(
    true,
    ['ostinato.example', '*.corp.example'],
    ['https://app.example', 'chrome-extension://abc'],
  );
  assert.equal(decide(proxied, 'ostinato.example', 'https://ostinato.example'), 200);
  assert.equal(
    decide(proxied, 'localhost:4200', 'https://ostinato.example'),
    200,
    'a proxy asks under its own name for the server',
  );
  assert.equal(decide(proxied, 'a.corp.example:8443', 'https://b.corp.example'), 200);
  assert.equal(decide(proxied, 'localhost:4200', 'https://app.example', 'cross-site'), 200);
  assert.equal(decide(proxied, 'localhost:4200', 'chrome-extension://abc'), 200);
  assert.equal(
    decide(proxied, 'ostinato.example', 'http://localhost:5173'),
    403,
    "a reader's own machine is not the server's",
  );
  for (const origin of [
    'http://app.example',
    'https://app.example:8443',
    'https://x.app.example',
    'chrome-extension://abcd',
    'https://corp.example',
  ])
    assert.equal(decide(proxied, 'localhost:4200', origin), 403, origin);
  assert.equal(decide(proxied, 'app.example'), 403, 'a page that may is no name of the server');
  const elsewhere = reach(false, ['ostinato.example'], ['https://app.example']);
  assert.deepEqual(
    [
      decide(elsewhere, '10.0.0.7', 'https://app.example'),
      decide(elsewhere, '10.0.0.7', 'https://ostinato.example'),
      decide(elsewhere, '10.0.0.7', 'https://other.example'),
    ],
    [200, 200, 403],
  );
});

test('a refusal names what it refuses and the setting that would allow it, in one short line', () => {
  const host = decideHost(LOOPBACK, { hosts: ['evil.example'], target: '/' });
  assert.ok(!host.ok && /"evil\.example".*OSTINATO_SERVER_ALLOWED_HOSTS/.test(host.detail));
  const origin = decideOrigin(
    LOOPBACK,
    { name: 'localhost', port: null },
    { origin: `https://${'x'.repeat(5000)}.example`, fetchSite: undefined },
  );
  assert.match(origin?.detail ?? '', /OSTINATO_SERVER_CORS_ALLOWED_ORIGINS/);
  assert.ok((origin?.detail.length ?? 0) < 500);
});
