import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countOf, formatAgo, formatDuration } from './format.ts';

test('durations keep two digits that matter, and never say 60 seconds', () => {
  const shown = [0, 0.0004, 0.042, 0.8504, 0.9999, 4.21, 59.94, 59.96, 60, 185, 3599.7, 7800, 90_000, 86_400].map(formatDuration);
  assert.deepEqual(shown, ['0 s', '1 ms', '42 ms', '850 ms', '1 s', '4.2 s', '59.9 s', '1 m 00 s', '1 m 00 s', '3 m 05 s', '1 h', '2 h 10 m', '1 d 1 h', '1 d']);
});

test('ages count from now, in both directions', () => {
  const now = 1_000_000_000;
  const ages = [0, 12, 300, 7200, 3 * 86_400].map((seconds) => formatAgo(now - seconds * 1000, now));
  assert.deepEqual(ages, ['now', '12 s ago', '5 min ago', '2 h ago', '3 d ago']);
  assert.equal(formatAgo(now + 90_000, now), 'in 2 min');
});

test('one is not many', () => {
  assert.deepEqual([countOf(1, 'run'), countOf(0, 'run'), countOf(12_345, 'run')], ['1 run', '0 runs', '12,345 runs']);
});
