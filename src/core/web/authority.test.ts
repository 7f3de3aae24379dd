import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import {
  fitsPattern,
  isLoopbackAddress,
  isLoopbackName,
  parseAuthority,
  parseHostPattern,
  parseOrigin,
} from './authority.ts';

const nameOf = (text: string): string | null => parseAuthority(text)?.name ?? null;
const isLoopback = (text: string): boolean => isLoopbackName(nameOf(text) ?? '');

test('names and addresses of the loopback, in every spelling that HTTP has for them', () => {
  for (const text of [
    'localhost',
    'LocalHost:4200',
    'localhost.',
    'localhost:',
    'app.localhost:80',
    'a.b.localhost.',
    '127.0.0.1',
    '127.0.0.1:65535',
    '127.255.1.9',
    '[::1]',
    '[0:0:0:0:0:0:0:1]:4200',
    '[::FFFF:127.0.0.1]',
    '[::ffff:7f12:3]',
  ]) {
    assert.ok(isLoopback(text), text);
  }
});

test('what only looks like the loopback is not, and what programs read differently is nothing', () => {
  const others = [
    'localhost.evil.example',
    'evil-localhost',
    'localhostx',
    '127.0.0.1.nip.io',
    '128.0.0.1',
    '0.0.0.0',
    '[::]',
    '[::2]',
    '[::ffff:10.0.0.1]',
    '[::127.0.0.1]',
    '[fe80::1]',
    'localhost.localdomain',
    '169.254.169.254',
  ];
  for (const text of others) assert.ok(nameOf(text) !== null && !isLoopback(text), text);
  const none = [
    '',
    ':80',
    'me@localhost',
    'localhost@evil.example',
    'localhost:80@evil.example',
    'localhost/x',
    'localhost?x',
    'localhost#x',
    'localhost\\x',
    ' localhost',
    'local host',
    'localhost:http',
    'localhost:65536',
    'localhost:123456',
    'localhost:-1',
    'localhost:80:80',
    'localhost..',
    '.localhost',
    'a..localhost',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '127.1',
    '127.0.1',
    '127.0.0.01',
    '127.0.0.256',
    '127.0.0.1.1',
    '%6cocalhost',
    'localhost,evil.example',
    '[::1',
    '::1',
    '[::1]x',
    '[::1].',
    '[fe80::1%25eth0]',
    '[127.0.0.1]',
    'lôcalhost',
    '１２７.0.0.1',
    '-.localhost',
    'x'.repeat(254),
  ];
  for (const text of none) assert.equal(parseAuthority(text), null, text);
});

test('an authority that was read is written and read again as the same', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.domain(),
        fc.ipV4(),
        fc.ipV6().map((address) => `[${address}]`),
      ),
      fc.option(fc.nat(65_535)),
      (host, port) => {
        const read = parseAuthority(port === null ? host.toUpperCase() : `${host}:${port}`);
        assert.ok(read !== null && read.port === port);
        assert.deepEqual(parseAuthority(read.name), { name: read.name, port: null });
        assert.equal(new URL(`http://${host}`).hostname, read.name);
      },
    ),
  );
});

test('nothing is taken for the loopback that a browser would look up elsewhere', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-fx.:@[\]localhst]{1,20}$/), (text) => {
      const read = parseAuthority(text);
      if (read === null || !isLoopbackName(read.name)) return;
      const { hostname } = new URL(`http://${text}`);
      assert.ok(isLoopbackName(hostname.replace(/\.$/, '')), text);
    }),
    { numRuns: 3000 },
  );
});

test('addresses to listen at', () => {
  assert.deepEqual(['127.0.0.1', '127.8.8.8', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost'].map(isLoopbackAddress), [
    true,
    true,
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(
    ['0.0.0.0', '::', '10.0.0.1', '', 'example.com', 'localhost:80', '::ffff:10.0.0.1'].map(isLoopbackAddress),
    [false, false, false, false, false, false, false],
  );
});

test('origins are what browsers say, and nothing else', () => {
  assert.deepEqual(parseOrigin('https://App.example:8443'), { scheme: 'https', name: 'app.example', port: 8443 });
  assert.deepEqual(parseOrigin('chrome-extension://abcdef'), {
    scheme: 'chrome-extension',
    name: 'abcdef',
    port: null,
  });
  for (const text of [
    'null',
    '*',
    '',
    'https://',
    'https://a.example/',
    'https://a.example, https://b.example',
    'https://me@a.example',
    'a.example',
    '//a.example',
    'file://',
    'https://*.example',
  ])
    assert.equal(parseOrigin(text), null, text);
});

test('patterns take one name, or every name below one, at one port or at all', () => {
  const fits = (pattern: string, name: string, port: number | null): boolean =>
    fitsPattern(parseHostPattern(pattern) ?? assert.fail(pattern), name, port);
  assert.deepEqual(
    [
      fits('a.example', 'a.example', 1),
      fits('A.Example.', 'a.example', null),
      fits('a.example:8443', 'a.example', 8443),
      fits('*.example', 'b.a.example', 1),
    ],
    [true, true, true, true],
  );
  assert.deepEqual(
    [
      fits('a.example', 'b.a.example', 1),
      fits('a.example:8443', 'a.example', 443),
      fits('*.a.example', 'a.example', 1),
      fits('*.a.example', 'xa.example', 1),
    ],
    [false, false, false, false],
  );
  for (const text of ['*', '*.*', 'a.*', 'https://a.example', 'a.example/x', ''])
    assert.equal(parseHostPattern(text), null, text);
});
