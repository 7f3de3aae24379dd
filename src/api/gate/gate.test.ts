/** Who may come in, and what is said to those who may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from '../fixtures/api-under-test.ts';

const SECRET = 'admin:pässwörd:with:colons';
const basic = (text: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(text, 'utf8').toString('base64')}`,
});

test('with an auth string, only those who know it come in, whatever they ask for', () =>
  withApi({ gate: { authString: SECRET } }, async (api) => {
    const strangers = [
      {},
      basic('admin:wrong'),
      basic(''),
      basic(`${SECRET} `),
      { authorization: 'Basic' },
      { authorization: `Bearer ${SECRET}` },
      { authorization: SECRET },
    ];
    for (const headers of strangers) {
      for (const [method, path, body] of [
        ['GET', '/admin/version', undefined],
        ['POST', '/flows/', { name: 'stolen' }],
        ['POST', '/flows/', '{broken'],
        ['GET', '/no/such/thing', undefined],
      ] as const) {
        const answer = await api.send(method, path, body, headers);
        assert.equal(answer.status, 401, `${method} ${path} with ${JSON.stringify(headers)}`);
        assert.deepEqual(answer.body, { exception_message: 'Unauthorized' });
        assert.equal(answer.headers['www-authenticate'], 'Basic');
      }
    }
    assert.equal((await api.send('GET', '/admin/version', undefined, basic(SECRET))).status, 200);
    assert.equal((await api.send('POST', '/flows/count', {}, basic(SECRET))).body, 0, 'nothing was written');
  }));

test('a page that asks for the secret itself is refused without a challenge, which would open the dialog of the browser; everybody else with one', () =>
  withApi({ gate: { authString: SECRET } }, async (api) => {
    const challenge = async (
      headers: Readonly<Record<string, string>>,
      method: 'GET' | 'POST' = 'GET',
    ): Promise<unknown> => {
      const answer = await api.send(method, '/flows/filter', undefined, { ...headers, ...basic('admin:wrong') });
      assert.equal(answer.status, 401);
      return answer.headers['www-authenticate'];
    };
    for (const headers of [
      { 'x-requested-with': 'ostinato-pages' },
      { 'x-requested-with': 'XMLHttpRequest' },
      { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-mode': 'same-origin' },
      { 'sec-fetch-mode': 'no-cors' },
      { 'sec-fetch-mode': 'websocket' },
    ]) {
      assert.equal(await challenge(headers as Readonly<Record<string, string>>), undefined, JSON.stringify(headers));
      assert.equal(
        await challenge(headers as Readonly<Record<string, string>>, 'POST'),
        undefined,
        JSON.stringify(headers),
      );
    }
    for (const headers of [
      {},
      { 'user-agent': 'curl/8.5.0', accept: '*/*' },
      { 'user-agent': 'python-httpx/0.28' },
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' },
    ]) {
      assert.equal(await challenge(headers as Readonly<Record<string, string>>), 'Basic', JSON.stringify(headers));
    }
  }));

test('health is told to everybody: it says nothing', () =>
  withApi({ gate: { authString: SECRET } }, async (api) => {
    assert.equal((await api.get('/health')).body, true);
    assert.equal((await api.get('/ready')).status, 200);
  }));

test('clients of a protocol that is too old, or of none, are told so', () =>
  withApi({}, async (api) => {
    const asked = async (version: string): Promise<number> =>
      (await api.send('GET', '/admin/version', undefined, { 'x-prefect-api-version': version })).status;
    assert.deepEqual(await Promise.all(['0.8.0', '0.8.4', '0.9.0', '1.0.0'].map(asked)), [200, 200, 200, 200]);
    assert.deepEqual(await Promise.all(['0.7.9', '0.0.1', 'new', '1.2'].map(asked)), [400, 400, 400, 400]);
  }));

test('a page that may use the server asks first what it may do, without the secret; another one hears nothing', () =>
  withApi({ gate: { authString: SECRET } }, async (api) => {
    const ask = (origin: string) =>
      api.send('OPTIONS' as 'GET', '/flows/filter', undefined, {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type',
      });
    const answer = await ask('http://localhost:5173');
    assert.equal(answer.status, 204);
    assert.equal(answer.headers['access-control-allow-origin'], 'http://localhost:5173');
    assert.equal(answer.headers['access-control-allow-headers'], 'authorization, content-type');
    assert.match(String(answer.headers['access-control-allow-methods']), /POST.*DELETE/);
    assert.match(String(answer.headers['vary']), /Origin/);
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.example',
      'http://localhost:80@evil.example',
    ]) {
      const refused = await ask(origin);
      assert.equal(refused.status, 403, origin);
      assert.deepEqual(
        Object.keys(refused.headers).filter((name) => name.startsWith('access-control-')),
        [],
      );
      assert.match((refused.body as { detail: string }).detail, /OSTINATO_SERVER_CORS_ALLOWED_ORIGINS/);
    }
    assert.equal((await api.send('OPTIONS' as 'GET', '/flows/filter')).status, 401, 'not such a question');
  }));

test('bodies are JSON by their own word: what a page may send anywhere unasked is refused', () =>
  withApi({}, async (api) => {
    const sent = async (type: string, more: Readonly<Record<string, string>> = {}): Promise<number> =>
      (await api.send('POST', '/flows/', { name: 'typed' }, { 'content-type': type, ...more })).status;
    for (const type of [
      'application/json',
      'application/json; charset=utf-8',
      'Application/JSON;charset="UTF-8"',
      'application/vnd.api+json',
      'application/x-www-form-urlencoded',
    ]) {
      assert.equal(Math.floor((await sent(type)) / 100), 2, type);
    }
    const wrong = [
      'text/plain',
      'text/plain; application/json',
      'text/plain;charset=utf-8',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/json, text/plain',
      'application/octet-stream',
      'text/html',
      'application/xml',
      '*/*',
      'json',
      'application/json; charset=utf-16',
      'application/json;charset=latin1',
    ];
    for (const type of wrong) assert.equal(await sent(type), 415, type);
    for (const mark of [
      { origin: 'http://localhost:4200' },
      { referer: 'http://localhost:4200/x' },
      { 'sec-fetch-mode': 'cors' },
    ]) {
      assert.equal(
        await sent('application/x-www-form-urlencoded', mark as Readonly<Record<string, string>>),
        415,
        JSON.stringify(mark),
      );
      assert.equal(Math.floor((await sent('application/json', mark as Readonly<Record<string, string>>)) / 100), 2);
    }
  }));

test('a token against forgeries is handed to no page of another origin, and asked of every write', () =>
  withApi({ csrfProtection: true, parts: { administration: { settings: {}, csrfProtection: true } } }, async (api) => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await api.send(
        'GET',
        '/csrf-token?client=me',
        undefined,
        headers as Readonly<Record<string, string>>,
      );
      assert.equal(answer.status, 403);
      assert.doesNotMatch(answer.text, /[0-9a-f]{64}/);
    }
    assert.equal((await api.post('/flows/', { name: 'forged' })).status, 403);
    const { token } = (await api.get('/csrf-token?client=me')).body as { token: string };
    assert.equal(
      (
        await api.send(
          'POST',
          '/flows/',
          { name: 'meant' },
          { 'prefect-csrf-token': token, 'prefect-csrf-client': 'me' },
        )
      ).status,
      201,
    );
  }));
