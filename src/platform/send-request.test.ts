import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { WebFailure, type WebRequest } from '../core/web/send-request.ts';
import { isPrivateAddress, sendRequest } from './send-request.ts';

async function receiver(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const asked = (url: string, more: Partial<WebRequest> = {}) =>
  sendRequest({
    method: 'POST',
    url,
    headers: { 'x-own': 'ü'.length === 1 ? 'yes' : 'no' },
    body: '{"a":"ü"}',
    timeoutMs: 20_000,
    bodyBytesMax: 10,
    allowsPrivate: true,
    verifies: true,
    ...more,
  });

test('a request is sent as it is, and of the answer no more is read than it may be long', async (t) => {
  const heard: unknown[] = [];
  const url = await receiver(t, (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      heard.push([request.method, request.url, request.headers['x-own'], body]);
      response.writeHead(302, { location: '/elsewhere', 'x-said': 'it' });
      response.write('0123456789abc');
      // An answer without an end.
    });
  });
  const { status, headers, body } = await asked(`${url}/hook?a=1`);
  assert.deepEqual([status, headers['x-said'], body], [302, 'it', '0123456789']);
  assert.deepEqual(heard, [['POST', '/hook?a=1', 'yes', '{"a":"ü"}']], 'a redirect is not followed');
});

test('a receiver that hangs, or is not there, is told of, and may be asked again', async (t) => {
  const url = await receiver(t, () => undefined);
  const fails = (promise: Promise<unknown>, message: RegExp, mayPass: boolean) =>
    assert.rejects(promise, (error) => {
      assert.ok(error instanceof WebFailure);
      assert.match(error.message, message);
      assert.equal(error.mayPass, mayPass);
      return true;
    });
  await fails(asked(url, { timeoutMs: 50 }), /did not answer within 0.05 s/, true);
  await fails(asked('http://127.0.0.1:1'), /could not be asked: .*ECONNREFUSED/, true);
  await fails(asked(url, { headers: { 'bad name': 'x' } }), /cannot be sent/, false);
});

test('private networks are asked only where that is allowed, also by a name', async (t) => {
  const url = await receiver(t, (_request, response) => response.end('in'));
  const { port } = new URL(url);
  for (const host of ['127.0.0.1', 'localhost', '[::1]'])
    await assert.rejects(asked(`http://${host}:${port}`, { allowsPrivate: false }), /private network/);
  for (const address of ['10.1.2.3', '169.254.169.254', '::ffff:127.0.0.1', 'fd00::1', '::1', 'no address'])
    assert.equal(isPrivateAddress(address), true, address);
  for (const address of ['93.184.216.34', '2606:2800::1']) assert.equal(isPrivateAddress(address), false, address);
});
