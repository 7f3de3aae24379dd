/**
 * Every operation and every socket of the server, under every spelling of its address: nothing happens without the
 * secret.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';

import { type Operation } from '../api/operation.ts';
import { ask, sendRaw, requestBytes, textFrame, UPGRADE, type RawAnswer } from './fixtures/raw-http.ts';
import { SPELLINGS } from './fixtures/spellings.ts';
import { connect } from './fixtures/streams-under-test.ts';
import { channels, operations, pages, serveTables, type Served } from './fixtures/served-tables.ts';

const SECRET = 'admin:correct horse';
const basic = (text: string): { Authorization: string } => ({
  Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
const KNOWN = basic(SECRET);
/** What may be asked without the secret: the process is watched by two, and two look at the signature of a link. */
const OPEN = new Set(['health', 'ready', 'ostinato_show_acknowledgement', 'ostinato_acknowledge_by_link']);
/** The client's own frame of farewell, which ends what would otherwise be waited for. */
const FAREWELL = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
const FRAME_PROTOCOL = { 'Sec-WebSocket-Protocol': 'prefect' };

after(() => rmSync(pages, { recursive: true }));

const addressOf = ({ contract }: Operation): string =>
  `/api${contract.path.replaceAll('{id}', '018f0000-0000-7000-8000-000000000001').replaceAll(/\{\w+\}/g, 'sample')}`;
const closed = operations.filter(({ contract }) => !OPEN.has(contract.name));
const isOk = ({ status }: RawAnswer): boolean => status >= 200 && status < 300;

void describe('with a secret', () => {
  let server: Served;
  before(async () => void (server = await serveTables({ authString: SECRET })));
  after(() => server.close());
  const host = (): string => `127.0.0.1:${server.port}`;

  void it('no spelling of any operation reaches it without the secret; with it, all that mean the same do', async () => {
    assert.ok(operations.length > 100 && SPELLINGS.length > 50, 'the tables are there');
    for (const operation of closed) {
      const { name, method } = operation.contract;
      for (const spelling of SPELLINGS) {
        const target = spelling.of(addressOf(operation), host());
        const what = `${method} ${JSON.stringify(target)} (${spelling.name})`;
        for (const verb of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
          const refused = await ask(server.port, { method: verb, target, headers: { Accept: 'text/html' } });
          assert.deepEqual(server.reached(), [], what);
          assert.ok(!isOk(refused), `${what}: ${refused.status}`);
        }
        const answer = await ask(server.port, { method, target, headers: { Accept: 'text/html', ...KNOWN } });
        const reached = server.reached();
        if (spelling.isSame) assert.deepEqual([reached, answer.status], [[name], 204], what);
        else
          assert.ok(
            reached.every((other) => other === name),
            `${what} reached ${reached.join()}`,
          );
      }
    }
  });

  void it('nor does any that is put together by chance', async () => {
    const change = fc.constantFrom(...SPELLINGS.map(({ of }) => of));
    const letters = fc.func(fc.constantFrom('', '', '', 'encode', 'ENCODE', 'twice', 'large'));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...closed),
        fc.array(change, { maxLength: 3 }),
        letters,
        async (operation, changes, how) => {
          const written = addressOf(operation).replaceAll(/(?<!^)./g, (letter, at: number) => {
            const digits = letter.charCodeAt(0).toString(16);
            return {
              '': letter,
              encode: `%${digits}`,
              ENCODE: `%${digits.toUpperCase()}`,
              twice: `%25${digits}`,
              large: letter.toUpperCase(),
            }[how(at)];
          });
          const target = changes.reduce(
            (path, of) => of(path.startsWith('/') && path.length > 1 ? path : `/${path}x`, host()),
            written,
          );
          const refused = await ask(server.port, {
            method: operation.contract.method,
            target,
            headers: { Accept: 'text/html' },
          });
          assert.deepEqual(server.reached(), []);
          // A path that means nothing of the API may be one of the pages, which are the same for everybody.
          assert.ok(!isOk(refused) || refused.body === '<p>pages', `${target}: ${refused.text}`);
        },
      ),
      { numRuns: 500 },
    );
  });

  void it('nor any other way to ask', async () => {
    const target = '/api/admin/settings';
    const wrong: Readonly<Record<string, string>>[] = [
      {},
      basic('admin:wrong'),
      basic(''),
      basic(':'),
      basic(`${SECRET}\0`),
      basic(` ${SECRET}`),
      basic(`${SECRET}\n`),
      basic(SECRET.toUpperCase()),
      { Authorization: `Bearer ${SECRET}` },
      { Authorization: SECRET },
      { Authorization: `Basic ${SECRET}` },
      { Authorization: `Basic  ` },
      { Authorization: KNOWN.Authorization.replace('Basic', 'Digest') },
      { Authorization: `${KNOWN.Authorization} x` },
      { Authorization: `x, ${KNOWN.Authorization}` },
      { 'Proxy-Authorization': KNOWN.Authorization },
      { 'X-Forwarded-For': '127.0.0.1' },
      { 'X-Original-URL': '/api/health' },
      { 'X-Rewrite-URL': '/api/health' },
      { 'X-HTTP-Method-Override': 'OPTIONS' },
      { Cookie: `auth=${SECRET}` },
      { 'Content-Length': '0', 'Transfer-Encoding': 'identity' },
      { 'Accept-Version': '1.x' },
      { Expect: '100-continue' },
      { Expect: 'anything' },
      { Connection: 'Upgrade, close', Upgrade: 'h2c' },
      { Connection: 'Upgrade, close', Upgrade: 'websocket' },
      { Origin: `http://${host()}`, 'Access-Control-Request-Method': 'GET' },
      { Origin: 'https://evil.example' },
    ];
    for (const headers of wrong) {
      for (const method of [
        'GET',
        'HEAD',
        'POST',
        'PUT',
        'PATCH',
        'DELETE',
        'OPTIONS',
        'TRACE',
        'PROPFIND',
        'QUERY',
        'SEARCH',
        'CONNECT',
        'get',
        'GETT',
      ]) {
        const answer = await ask(server.port, { method, target, headers });
        assert.deepEqual(server.reached(), [], `${method} ${JSON.stringify(headers)}`);
        const isPreflight = method === 'OPTIONS' && 'Access-Control-Request-Method' in headers;
        assert.ok(!isOk(answer) || isPreflight, `${method} ${JSON.stringify(headers)}: ${answer.text}`);
      }
    }
    assert.equal(
      (
        await ask(server.port, {
          method: 'GET',
          target,
          headers: { Authorization: KNOWN.Authorization.replace('Basic', 'bAsIc ') },
        })
      ).status,
      204,
    );
    assert.deepEqual(server.reached(), ['read_settings']);
  });

  void it('who offers another protocol is answered in this one, by the same rules', async () => {
    for (const protocol of ['h2c', 'HTTP/2.0', 'TLS/1.0', 'websocket2']) {
      const asked = {
        method: 'GET',
        target: '/api/admin/settings',
        headers: { Connection: 'Upgrade, close', Upgrade: protocol },
      };
      assert.equal((await ask(server.port, asked)).status, 401, protocol);
      assert.equal(
        (await ask(server.port, { ...asked, headers: { ...asked.headers, ...KNOWN } })).status,
        204,
        protocol,
      );
    }
    assert.equal(server.reached().length, 4);
  });

  void it('a method that an address does not have is told to nobody without the secret; with it, with those that it has', async () => {
    const served = new Map<string, Set<string>>();
    for (const operation of operations) {
      const address = addressOf(operation);
      served.set(address, (served.get(address) ?? new Set()).add(operation.contract.method));
    }
    for (const [address, methods] of served) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].filter(
        (other) => !methods.has(other),
      )) {
        // Some addresses mean two things: `latest` may be a key.
        const target = address;
        assert.equal((await ask(server.port, { method, target })).status, 401, `${method} ${target}`);
        const { status, headers } = await ask(server.port, { method, target, headers: KNOWN });
        if (server.reached().length > 0) continue;
        assert.equal(status, 405, `${method} ${target}`);
        for (const one of methods)
          assert.ok(headers['allow']?.split(', ').includes(one), `${method} ${target}: ${headers['allow']}`);
      }
    }
    assert.deepEqual(server.reached(), []);
  });

  void it('the secret of one request does not count for the next on its connection', async () => {
    const keep = { Connection: 'keep-alive' };
    const one = (headers: Readonly<Record<string, string>>): Buffer =>
      requestBytes(server.port, { method: 'GET', target: '/api/admin/settings', headers });
    const { text } = await sendRaw(
      server.port,
      Buffer.concat([one({ ...keep, ...KNOWN }), one(keep), one({ ...keep, ...KNOWN }), one({})]),
    );
    assert.deepEqual(
      [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]),
      ['204', '401', '204', '401'],
    );
    assert.equal(server.reached().length, 2);
  });

  void it('what there is not is refused before it is missed; health, readiness and the pages are for everybody', async () => {
    for (const target of [
      '/api',
      '/api/',
      '/api/nothing',
      '/%61pi/nothing',
      '/api/flows/%zz',
      '/API/nothing',
      '//api',
      `/api/variables/name/${'x'.repeat(1500)}`,
    ]) {
      for (const method of ['GET', 'POST', 'OPTIONS'])
        assert.equal(
          (await ask(server.port, { method, target, headers: { Accept: 'text/html' } })).status,
          401,
          `${method} ${target}`,
        );
      assert.equal(
        (await ask(server.port, { method: 'GET', target, headers: { Accept: 'text/html', ...KNOWN } })).status,
        404,
        target,
      );
    }
    assert.deepEqual(server.reached(), []);
    for (const target of ['/api/health', '/api/ready'])
      assert.equal((await ask(server.port, { method: 'GET', target })).status, 204);
    assert.deepEqual(server.reached(), ['health', 'ready']);
    for (const target of ['/', '/runs', '/apis'])
      assert.equal(
        (await ask(server.port, { method: 'GET', target, headers: { Accept: 'text/html' } })).body,
        '<p>pages',
      );
    assert.equal((await ask(server.port, { method: 'POST', target: '/' })).status, 401);
  });

  void it('no socket is reached under any spelling without the secret, nor says anything', async () => {
    assert.ok(channels.length >= 4);
    const firstFrames = [
      null,
      '{"type":"auth"}',
      '{"type":"auth","token":null}',
      '{"type":"auth","token":""}',
      '{"type":"auth","token":"admin:wrong"}',
      '{"type":"auth","token":{}}',
      `{"type":"auth","token":["${SECRET}"]}`,
      `{"type":"hello","token":"${SECRET}"}`,
      '{"type":"filter","filter":{}}',
      '{"type":"subscribe","keys":["a"]}',
      '[]',
      'null',
      '',
      '{broken',
    ];
    for (const { path } of channels) {
      for (const spelling of SPELLINGS) {
        const target = spelling.of(`/api${path}`, host());
        for (const protocol of [{}, FRAME_PROTOCOL] as Readonly<Record<string, string>>[]) {
          const { status, body } = await sendRaw(
            server.port,
            Buffer.concat([
              requestBytes(server.port, { method: 'GET', target, headers: { ...UPGRADE, ...protocol } }),
              textFrame('{"type":"auth","token":"x"}'),
              FAREWELL,
            ]),
          );
          assert.ok(status !== 101 || !/[{}]/.test(body), `${target}: ${body}`);
        }
        assert.deepEqual(server.reached(), [], `${path}: ${spelling.name}`);
      }
      for (const frame of firstFrames) {
        const said = frame === null ? Buffer.alloc(0) : textFrame(frame);
        const bytes = Buffer.concat([
          requestBytes(server.port, {
            method: 'GET',
            target: `/api${path}`,
            headers: { ...UPGRADE, ...FRAME_PROTOCOL },
          }),
          said,
          textFrame('{"type":"filter","filter":{}}'),
          FAREWELL,
        ]);
        const { status, body } = await sendRaw(server.port, bytes);
        assert.deepEqual(
          [status, body.includes('auth_success'), server.reached()],
          [101, false, []],
          `${path} ${frame}`,
        );
      }
      const { socket, ended } = await connect(`ws://${host()}/api${path}`, SECRET);
      socket.close();
      await ended;
      assert.deepEqual(server.reached(), [path]);
    }
  });
});

void describe('with tokens against forgeries', () => {
  let server: Served;
  before(
    async () =>
      void (server = await serveTables({
        authString: null,
        forgeryCheck: async (headers) => (headers['prefect-csrf-token'] === 'right' ? null : 'Missing CSRF token.'),
      })),
  );
  after(() => server.close());

  void it('no spelling of any write reaches it without a token; with one, all that mean the same do', async () => {
    // A link has its signature, which no other page knows.
    const writes = operations.filter(({ contract }) => contract.method !== 'GET' && contract.access !== 'link');
    assert.ok(writes.length > 50);
    for (const operation of writes) {
      const { name, method } = operation.contract;
      for (const spelling of SPELLINGS) {
        const target = spelling.of(addressOf(operation), `127.0.0.1:${server.port}`);
        const refused = await ask(server.port, { method, target });
        assert.deepEqual(server.reached(), [], target);
        assert.ok(!isOk(refused), `${target}: ${refused.status}`);
        if (!spelling.isSame) continue;
        await ask(server.port, { method, target, headers: { 'Prefect-Csrf-Token': 'right' } });
        assert.deepEqual(server.reached(), [name], target);
      }
    }
  });
});
