import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WebFailure, type WebRequest } from './send-request.ts';
import { limitedTo, reachOnly, targetPatterns } from './targets.ts';

const targetsOf = (words: readonly string[] | null) => reachOnly(targetPatterns(words));

test('without a list every machine may be told; with one, what fits it', () => {
  assert.ok(targetsOf(null)('x.example', 1));
  assert.ok(!targetsOf([])('x.example', 1));
  const may = targetsOf(['hooks.example', '*.corp.example', '10.0.0.7:8443', '[::1]']);
  const allowed: readonly (readonly [string, number])[] = [
    ['hooks.example', 443],
    ['HOOKS.example.', 25],
    ['a.b.corp.example', 80],
    ['10.0.0.7', 8443],
    ['[::1]', 80],
    ['::1', 25],
    ['0:0:0:0:0:0:0:1', 25],
  ];
  const refused: readonly (readonly [string, number])[] = [
    ['xhooks.example', 443],
    ['hooks.example.evil.example', 443],
    ['corp.example', 80],
    ['10.0.0.7', 443],
    ['167772167', 8443],
    ['hooks.example:443', 443],
    ['hooks.example@evil.example', 443],
    ['', 443],
    ['a b', 443],
  ];
  for (const [host, port] of allowed) assert.ok(may(host, port), host);
  for (const [host, port] of refused) assert.ok(!may(host, port), host);
});

test('an address that does not fit is not asked', async () => {
  const asked: string[] = [];
  const send = limitedTo(targetsOf(['hooks.example', 'own.example:8080', '127.0.0.1']), ({ url }) => {
    asked.push(url);
    return Promise.resolve({ status: 200, headers: {}, body: '' });
  });
  const ask = (url: string) => send({ url } as WebRequest);
  const right = ['https://hooks.example/x', 'http://own.example:8080/', 'http://127.1/', 'http://0x7f000001:9/'];
  for (const url of right) await ask(url);
  for (const url of ['https://hooks.example@evil.example/', 'http://own.example/', 'https://own.example:8081'])
    await assert.rejects(ask(url), (error) => error instanceof WebFailure && !error.mayPass);
  assert.deepEqual(asked, right);
});
