import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reachOf } from './reach.ts';

const names = (reach: ReturnType<typeof reachOf>): string[] => reach.hosts.map(({ name }) => name);

test('an address says at once whether others can connect; a name, when it is known which address it is', () => {
  assert.deepEqual(
    ['127.0.0.1', '127.1.2.3', '::1', 'localhost', '::ffff:127.0.0.1', '0.0.0.0', '::', '192.168.1.5'].map(
      (host) => reachOf({ host }).isLoopback,
    ),
    [true, true, true, true, true, false, false, false],
  );
  const named = reachOf({ host: 'here.example', allowedHosts: ['proxy.example'] });
  assert.equal(named.isLoopback, true, 'the narrower rule, until it is known');
  named.listensAt('127.0.1.1');
  assert.deepEqual(
    [named.isLoopback, names(named)],
    [true, ['proxy.example', 'here.example']],
    'it is called as it was told to listen',
  );
  named.listensAt('192.168.1.5');
  assert.deepEqual(
    [named.isLoopback, names(named)],
    [false, ['proxy.example']],
    'where every name is taken, other pages under the same name are not',
  );
});

test('settings list names and origins', () => {
  const { hosts, origins } = reachOf({
    host: '0.0.0.0',
    allowedHosts: ['*.corp.example', 'a.example:8443'],
    corsAllowedOrigins: ['https://app.example'],
  });
  assert.deepEqual(hosts, [
    { name: 'corp.example', port: null, isWild: true },
    { name: 'a.example', port: 8443, isWild: false },
  ]);
  assert.deepEqual(origins, [{ scheme: 'https', name: 'app.example', port: null }]);
});
