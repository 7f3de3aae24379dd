import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInstant } from './instant.ts';
import { countOf, formatAgo, formatDuration, formatScale, formatTick, shortHash } from './format.ts';

test('durations keep two digits that matter, and never say 60 seconds', () => {
  const shown = [0, 0.0004, 0.042, 0.8504, 0.9999, 4.21, 59.94, 59.96, 60, 185, 3599.7, 7800, 90_000, 86_400].map(
    formatDuration,
  );
  assert.deepEqual(shown, [
    '0 s',
    '400 µs',
    '42 ms',
    '850 ms',
    '1 s',
    '4.2 s',
    '59.9 s',
    '1 m 00 s',
    '1 m 00 s',
    '3 m 05 s',
    '1 h',
    '2 h 10 m',
    '1 d 1 h',
    '1 d',
  ]);
});

test('ages count from now, in both directions', () => {
  const now = 1_000_000_000;
  const ages = [0, 12, 300, 7200, 3 * 86_400].map((seconds) => formatAgo(now - seconds * 1000, now));
  assert.deepEqual(ages, ['now', '12 s ago', '5 min ago', '2 h ago', '3 d ago']);
  assert.equal(formatAgo(now + 90_000, now), 'in 2 min');
});

test('an axis of hours says where a day begins', () => {
  const midnight = new Date(2026, 10, 22).getTime();
  assert.match(formatTick(midnight, 3600), /22/);
  assert.match(formatTick(midnight + 3 * 3_600_000, 3600), /^0?3:00/);
  assert.match(formatTick(midnight + 3 * 3_600_000, 86_400), /22/);
});

test('one is not many', () => {
  assert.deepEqual([countOf(1, 'run'), countOf(0, 'run'), countOf(12_345, 'run')], ['1 run', '0 runs', '12,345 runs']);
});

test('a number fits beside a chart', () => {
  assert.deepEqual([0, 2500, 9999, 10_000, 25_000, 500_000, 2_500_000].map(formatScale), [
    '0',
    '2,500',
    '9,999',
    '10K',
    '25K',
    '500K',
    '2.5M',
  ]);
});

test('an instant keeps its microseconds', () => {
  const whole = Date.parse('2026-11-22T18:00:00.123Z');
  assert.deepEqual(
    ['2026-11-22T18:00:00.123456Z', '2026-11-22T18:00:00.1235Z', '2026-11-22T18:00:00.123Z'].map((text) =>
      Math.round((parseInstant(text) - whole) * 1000),
    ),
    [456, 500, 0],
  );
  assert.equal(parseInstant('2026-11-22T18:00:00Z'), Date.parse('2026-11-22T18:00:00Z'));
});

test('a hash is shown by its beginning; what somebody wrote is shown as it is', () => {
  const hash = '0123456789abcdef'.repeat(4);
  assert.deepEqual([hash, hash.slice(0, 40), '2026.11', 'v1', 'decade', ''].map(shortHash), [
    '0123456789ab',
    '0123456789ab',
    '2026.11',
    'v1',
    'decade',
    '',
  ]);
});
