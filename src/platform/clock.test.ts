import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUuid, type TaskRunId } from '../core/ids.ts';
import { sleep } from '../core/time.ts';
import { createClock } from './clock.ts';
import { hashText } from './hash.ts';
import { createIdSource } from './ids.ts';
import { seededRandom } from './random.ts';

test('the clock gives the wall time in whole microseconds and never goes back', () => {
  const clock = createClock();
  let last = 0;
  for (let call = 0; call < 10_000; call += 1) {
    const now = clock.now();
    assert.ok(Number.isSafeInteger(now) && now >= last);
    last = now;
  }
  assert.ok(Math.abs(last / 1000 - Date.now()) < 50);
});

test('a clock that was set back is not followed, one that was set forward is', (context) => {
  const clock = createClock();
  const before = clock.now();
  const real = Date.now();
  const later = performance.now() + 2000;
  context.mock.method(performance, 'now', () => later);
  const wall = context.mock.method(Date, 'now', () => real - 3_600_000);
  const between = clock.now();
  assert.ok(between >= before);
  context.mock.method(performance, 'now', () => later + 2000);
  wall.mock.mockImplementation(() => real + 3_600_000);
  assert.ok(Math.abs(clock.now() - (real + 3_600_000) * 1000) < 10_000_000);
});

test('timers call back, can be cancelled, and longer ones than the system allows do not fire at once', async () => {
  const clock = createClock();
  let fired = 0;
  const timers = [
    clock.setTimer(1, () => {
      fired += 1;
    }),
    clock.setTimer(2 ** 40, () => {
      fired += 100;
    }),
    clock.setTimer(
      1,
      () => {
        fired += 10;
      },
      { unref: true },
    ),
  ];
  timers[2]?.cancel();
  await sleep(clock, 15);
  timers[1]?.cancel();
  await clock.yieldToEventLoop();
  assert.equal(fired, 1);
});

test('ids are UUIDs that sort as they were made, also when the clock stands still or goes back', () => {
  for (const nowMs of [
    Date.now,
    () => 1_700_000_000_000,
    (() => {
      let at = 1_700_000_000_000;
      return () => (at -= 1);
    })(),
  ]) {
    const ids = createIdSource(nowMs);
    const made = Array.from({ length: 20_000 }, () => ids.next<TaskRunId>());
    assert.ok(made.every(isUuid));
    assert.equal(new Set(made).size, made.length);
    assert.deepEqual(made.toSorted(), made);
  }
});

test('hashes have 32 characters; a seed repeats its numbers', () => {
  assert.equal(hashText(''), 'e3b0c44298fc1c149afbf4c8996fb924');
  const [a, b] = [seededRandom(7), seededRandom(7)];
  const numbers = Array.from({ length: 1000 }, a);
  assert.deepEqual(numbers, Array.from({ length: 1000 }, b));
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  assert.ok(Math.abs(numbers.reduce((sum, number) => sum + number) / 1000 - 0.5) < 0.05);
});
