/** Who may come in, and what is said to those who may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withApi } from './fixtures/api-under-test.ts';

const SECRET = 'admin:pässwörd:with:colons';
const basic = (text: string): { authorization: string } => ({ authorization: `Basic ${Buffer.from(text, 'utf8').toString('base64')}` });

test('with an auth string, only those who know it come in, whatever they ask for', () => withApi({ guards: { authString: SECRET } }, async (api) => {
  const strangers = [{}, basic('admin:wrong'), basic(''), basic(`${SECRET} `), { authorization: 'Basic' }, { authorization: `Bearer ${SECRET}` }, { authorization: SECRET }];
  for (const headers of strangers) {
    for (const [method, path, body] of [['GET', '/admin/version', undefined], ['POST', '/flows/', { name: 'stolen' }], ['POST', '/flows/', '{broken'], ['GET', '/no/such/thing', undefined]] as const) {
      const answer = await api.send(method, path, body, headers);
      assert.equal(answer.status, 401, `${method} ${path} with ${JSON.stringify(headers)}`);
      assert.deepEqual(answer.body, { exception_message: 'Unauthorized' });
      assert.equal(answer.headers['www-authenticate'], 'Basic');
    }
  }
  assert.equal((await api.send('GET', '/admin/version', undefined, basic(SECRET))).status, 200);
  assert.equal((await api.send('POST', '/flows/count', {}, basic(SECRET))).body, 0, 'nothing was written');
}));

test('health is told to everybody: it says nothing', () => withApi({ guards: { authString: SECRET } }, async (api) => {
  assert.equal((await api.get('/health')).body, true);
  assert.equal((await api.get('/ready')).status, 200);
}));

test('clients of a protocol that is too old, or of none, are told so', () => withApi({}, async (api) => {
  const asked = async (version: string): Promise<number> => (await api.send('GET', '/admin/version', undefined, { 'x-prefect-api-version': version })).status;
  assert.deepEqual(await Promise.all(['0.8.0', '0.8.4', '0.9.0', '1.0.0'].map(asked)), [200, 200, 200, 200]);
  assert.deepEqual(await Promise.all(['0.7.9', '0.0.1', 'new', '1.2'].map(asked)), [400, 400, 400, 400]);
}));

test('a page of another origin may ask first what it may do, without the secret', () => withApi({ guards: { authString: SECRET } }, async (api) => {
  const answer = await api.send('OPTIONS' as 'GET', '/flows/filter', undefined, { 'access-control-request-headers': 'authorization' });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['access-control-allow-headers'], 'authorization');
}));
