import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Instant } from '../time.ts';
import { TokenBucket } from './token-bucket.ts';

const at = (seconds: number): Instant => (1_000_000_000_000 + seconds * 1_000_000) as Instant;

test('so many at once, then as many as the minute gives; and it says when the next one may pass', () => {
  const bucket = new TokenBucket({ burst: 2, aMinute: 6 }, at(0));
  assert.deepEqual([bucket.take(at(0)), bucket.take(at(0)), bucket.take(at(0))], [0, 0, 10]);
  assert.equal(bucket.take(at(9.5)), 1);
  assert.equal(bucket.take(at(10)), 0);
  assert.equal(bucket.take(at(10)), 10);
  assert.deepEqual([bucket.take(at(3600)), bucket.take(at(3600)), bucket.take(at(3600))], [0, 0, 10], 'never more');
});

test('a clock that is set back gives nothing, and stops nobody for long', () => {
  const bucket = new TokenBucket({ burst: 1, aMinute: 60 }, at(100));
  assert.equal(bucket.take(at(100)), 0);
  assert.equal(bucket.take(at(0)), 1);
  assert.equal(bucket.take(at(1)), 0);
});
