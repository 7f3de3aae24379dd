import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Instant } from '../core/time.ts';
import { rateLimited } from './rate-limited.ts';

test('a few lines a minute are said, the others counted', () => {
  let now = 1_790_000_000;
  const said: string[] = [];
  const hear = rateLimited((message) => said.push(message), { now: () => (now * 1_000_000) as Instant });
  for (let count = 1; count <= 5000; count += 1) hear(`line ${count}`);
  assert.equal(said.length, 20);
  now += 61;
  hear('later');
  hear('and again');
  assert.deepEqual(said.slice(20), ['4980 more of such lines were not written.', 'later', 'and again']);
  now += 61;
  hear('alone');
  assert.deepEqual(said.slice(23), ['alone']);
});
