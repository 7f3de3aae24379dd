import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { addSeconds, type Instant } from '../time.ts';
import { RUNS_AHEAD_MAX, RUNS_AHEAD_MIN, SECONDS_AHEAD_MIN, slotsAhead, type DatesFrom } from './slots-ahead.ts';

const START = 1_790_000_000_000_000 as Instant;

/** Every so many seconds, so many dates in all. */
function every(seconds: number, count: number): DatesFrom {
  return (from, limit, until) => {
    const first = Math.max(0, Math.ceil((from - START) / (seconds * 1_000_000)));
    return Array.from({ length: Math.max(0, Math.min(limit, count - first)) }, (_, index) =>
      addSeconds(START, (first + index) * seconds),
    ).filter((date) => until === null || date <= until);
  };
}

test('whenever it is looked at, each slot gets its run before its time, once, and there are enough ahead', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 * 86_400 }),
      fc.integer({ min: 0, max: 400 }),
      fc.array(fc.integer({ min: 0, max: 86_400 }), { maxLength: 30 }),
      (seconds, count, delays) => {
        const dates = every(seconds, count);
        const made: Instant[] = [];
        let through: Instant | null = null;
        let due: Instant | null = START;
        for (const delay of delays) {
          if (due === null) break;
          const now = addSeconds(due, delay);
          const ahead = slotsAhead(dates, through, now);
          made.push(...ahead.slots);
          assert.ok(ahead.slots.every((slot) => slot >= now));
          assert.ok(ahead.dueAt === null || ahead.dueAt > now, 'it comes to rest');
          const left = dates(now, RUNS_AHEAD_MAX, null);
          const waiting = made.filter((slot) => slot >= now);
          if (left.length >= RUNS_AHEAD_MIN && seconds * RUNS_AHEAD_MIN < 86_400)
            assert.ok(
              waiting.length >= RUNS_AHEAD_MIN &&
                (waiting.length >= RUNS_AHEAD_MAX ||
                  waiting.length === left.length ||
                  (waiting.at(-1) as Instant) >= addSeconds(now, SECONDS_AHEAD_MIN)),
            );
          if (ahead.dueAt === null) assert.deepEqual(dates(addSeconds(now, 101 * 86_400), 1, null), []);
          [through, due] = [ahead.scheduledThrough, ahead.dueAt];
        }
        assert.equal(new Set(made).size, made.length);
        assert.deepEqual(
          made,
          made.toSorted((a, b) => a - b),
        );
      },
    ),
  );
});

test('looked at when it is due, nothing is missed', () => {
  for (const seconds of [1, 60, 1800, 86_400, 60 * 86_400, 150 * 86_400]) {
    const dates = every(seconds, 250);
    const made: Instant[] = [];
    let through: Instant | null = null;
    for (let due: Instant | null = START; due !== null;) {
      const ahead = slotsAhead(dates, through, due);
      made.push(...ahead.slots);
      [through, due] = [ahead.scheduledThrough, ahead.dueAt];
    }
    assert.deepEqual(made, dates(START, 1000, null), `every ${seconds} s`);
  }
});
