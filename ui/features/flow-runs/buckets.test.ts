import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  alignPeriod,
  bucketSeconds,
  isRoundTime,
  labelSeconds,
  niceCeiling,
  zoneMs,
} from '../../components/time-bars.ts';
import { barsOf, periodOf, totalsOf } from './buckets.ts';
import { SPANS, type Span } from './spans.ts';

const NOW = Date.parse('2026-11-22T18:13:27Z');

test('every span has bars of a round length, and not too many', () => {
  for (const span of Object.keys(SPANS) as Span[]) {
    const step = bucketSeconds(periodOf(span, NOW));
    const { start, end } = alignPeriod(periodOf(span, NOW), step);
    const bars = (end - start) / 1000 / step;
    assert.ok(bars >= 20 && bars <= 66, `${span}: ${bars} bars of ${step} s`);
    assert.ok(isRoundTime(start, step, zoneMs(start)));
    assert.ok(start <= NOW - SPANS[span].seconds * 1000 && end > NOW);
  }
});

test('runs are counted into the bar of their time, and empty bars are there', () => {
  const period = { start: NOW, end: NOW + 40_000 };
  const bucket = (at: number, states: [type: 'COMPLETED' | 'FAILED', name: string, count: number][]) => ({
    interval_start: new Date(at).toISOString(),
    interval_end: new Date(at + 10_000).toISOString(),
    states: states.map(([state_type, state_name, count_runs]) => ({ state_type, state_name, count_runs })),
  });
  const bars = barsOf(period, 10, [
    bucket(NOW + 10_000, [
      ['COMPLETED', 'Completed', 2],
      ['COMPLETED', 'Cached', 1],
      ['FAILED', 'Failed', 1],
    ]),
    bucket(NOW + 30_000, [['FAILED', 'TimedOut', 4]]),
    bucket(NOW + 90_000, [['FAILED', 'Failed', 9]]),
  ]);
  assert.deepEqual(
    bars.map(({ total }) => total),
    [0, 4, 0, 4],
  );
  assert.deepEqual(bars[1]?.counts, { COMPLETED: 2, 'COMPLETED/Cached': 1, FAILED: 1 });
  assert.deepEqual(bars[3]?.counts, { 'FAILED/TimedOut': 4 });
  assert.deepEqual(totalsOf(bars), { COMPLETED: 3, FAILED: 5 });
});

test('the top of the chart is round and never below the highest bar', () => {
  assert.deepEqual([0, 3, 5, 9, 11, 40, 41, 99, 120, 1001].map(niceCeiling), [4, 4, 6, 10, 20, 40, 50, 100, 200, 2000]);
});

test("labels stand at round times of the reader's clock", () => {
  assert.deepEqual(
    [labelSeconds(60, 4), labelSeconds(3600, 5), labelSeconds(10_800, 6), labelSeconds(86_400, 9)],
    [300, 21_600, 86_400, 777_600],
  );
  const midnight = new Date(2026, 10, 22).getTime();
  assert.deepEqual(
    [0, 1, 6, 24].map((hours) => isRoundTime(midnight + hours * 3_600_000, 21_600, zoneMs(midnight))),
    [true, false, true, true],
  );
});
