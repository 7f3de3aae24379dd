/**
 * Who may reach a server, by where it listens and what its settings list: asked as browsers of other pages and clients
 * without a page ask.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, test } from 'node:test';
import WebSocket from 'ws';

import { startOstinato, until } from './background.ts';
import { makePlace } from './launch.ts';

async function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const server = startOstinato(makePlace(), ['server', 'start', '--port', '0', ...words], env);
  after(async () => {
    server.child.kill('SIGTERM');
    await server.ended;
  });
  const url = await until(
    'the server says where it is',
    () => /Ostinato serves at (\S+)/.exec(server.text().stdout + server.text().stderr)?.[1],
  );
  return Number(new URL(url).port);
}

interface Answer {
  readonly status: number;
  readonly allowed: string | undefined;
  readonly text: string;
}

function ask(
  port: number,
  headers: Readonly<Record<string, string>>,
  path = '/api/version',
  method = 'GET',
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, allowed: response.headers['access-control-allow-origin'], text }),
      );
    });
    sent.on('error', reject).end(body);
  });
}

/** The status of a refused handshake, or 101. */
function openSocket(port: number, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/events/out`, ['prefect'], { headers });
    socket.on('error', () => undefined);
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });
}

const EVIL = 'https://evil.example';

test('a server of this machine is used by no page of elsewhere, under no name of elsewhere; by clients without a page as ever', async () => {
  const port = await start([]);
  for (const headers of [
    {},
    { host: `localhost:${port}` },
    { host: `[::1]:${port}` },
    { origin: 'http://localhost:5173' },
    { origin: `http://127.0.0.1:${port}` },
  ] as Readonly<Record<string, string>>[]) {
    assert.deepEqual(
      [(await ask(port, headers)).status, await openSocket(port, headers)],
      [200, 101],
      JSON.stringify(headers),
    );
  }
  for (const headers of [
    { host: `evil.example:${port}` },
    { host: `localhost.evil.example:${port}`, origin: `http://localhost.evil.example:${port}` },
    { origin: EVIL },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ] as Readonly<Record<string, string>>[]) {
    for (const path of [
      '/api/version',
      '/api/health',
      '/api/csrf-token?client=x',
      '/api/admin/settings',
      '/api/openapi.json',
      '/api/nothing',
    ]) {
      const { status, allowed, text } = await ask(port, headers, path);
      assert.deepEqual([status, allowed], [403, undefined], `${path} ${JSON.stringify(headers)}`);
      assert.match((JSON.parse(text) as { detail: string }).detail, /OSTINATO_SERVER_/);
    }
    assert.equal(
      (await ask(port, { ...headers, 'content-type': 'application/json' }, '/api/flows/', 'POST', '{"name":"written"}'))
        .status,
      403,
    );
    assert.equal(await openSocket(port, headers), 403);
  }
  assert.equal(
    (await ask(port, { 'content-type': 'text/plain' }, '/api/flows/', 'POST', '{"name":"written"}')).status,
    415,
  );
  assert.equal((await ask(port, {}, '/api/flows/count', 'POST', '{}')).text, '0', 'nothing was written');
  assert.equal(
    (
      await ask(
        port,
        { 'content-type': 'application/x-www-form-urlencoded' },
        '/api/flows/',
        'POST',
        '{"name":"by curl"}',
      )
    ).status,
    201,
  );
});

test('settings list further names of it, and further pages', async () => {
  const port = await start([], {
    OSTINATO_SERVER_ALLOWED_HOSTS: 'ostinato.example, *.corp.example',
    OSTINATO_SERVER_CORS_ALLOWED_ORIGINS: 'https://app.example',
  });
  for (const headers of [
    { host: 'ostinato.example' },
    { host: 'a.corp.example:8443', origin: 'https://a.corp.example:8443' },
    { origin: 'https://app.example' },
    { origin: 'https://ostinato.example' },
  ] as Readonly<Record<string, string>>[]) {
    const { status, allowed } = await ask(port, headers);
    assert.deepEqual(
      [status, allowed, await openSocket(port, headers)],
      [200, headers['origin'], 101],
      JSON.stringify(headers),
    );
  }
  for (const headers of [
    { host: 'app.example' },
    { host: 'corp.example' },
    { origin: EVIL },
    { origin: 'http://app.example' },
  ] as Readonly<Record<string, string>>[]) {
    assert.deepEqual(
      [(await ask(port, headers)).status, await openSocket(port, headers)],
      [403, 403],
      JSON.stringify(headers),
    );
  }
});

test('a server that others reach is called as they call it, and used by its own pages alone', async () => {
  const port = await start(['--host', '0.0.0.0', '--allow-anonymous'], {
    OSTINATO_SERVER_CORS_ALLOWED_ORIGINS: 'https://app.example',
  });
  const host = `build-machine:${port}`;
  for (const headers of [
    { host },
    { host: `10.0.0.7:${port}` },
    { host, origin: `http://${host}` },
    { host: 'ostinato.example', origin: 'https://ostinato.example' },
    { host, origin: 'https://app.example' },
  ] as Readonly<Record<string, string>>[]) {
    assert.deepEqual(
      [(await ask(port, headers)).status, await openSocket(port, headers)],
      [200, 101],
      JSON.stringify(headers),
    );
  }
  for (const headers of [
    { host, origin: EVIL },
    { host, origin: 'http://localhost:5173' },
    { host, origin: `http://other:${port}` },
    { host, origin: 'http://build-machine' },
    { host, 'sec-fetch-site': 'same-site' },
  ] as Readonly<Record<string, string>>[]) {
    assert.deepEqual(
      [(await ask(port, headers)).status, await openSocket(port, headers)],
      [403, 403],
      JSON.stringify(headers),
    );
  }
});

test('a list of names or pages that means everybody, or nothing, is refused at the start', async () => {
  const place = makePlace();
  for (const env of [
    { OSTINATO_SERVER_CORS_ALLOWED_ORIGINS: '*' },
    { OSTINATO_SERVER_CORS_ALLOWED_ORIGINS: 'app.example' },
    { OSTINATO_SERVER_ALLOWED_HOSTS: '*' },
    { OSTINATO_SERVER_ALLOWED_HOSTS: 'https://ostinato.example/' },
  ]) {
    const ended = await place.ostinato(['server', 'start', '--port', '0'], {
      env: env as unknown as Record<string, string>,
    });
    assert.equal(ended.exitCode, 2, ended.stderr);
    assert.match(ended.stderr, /server\.(?:cors_allowed_origins|allowed_hosts) is .* must be/);
  }
});
