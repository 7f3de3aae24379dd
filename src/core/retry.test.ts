import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { delayList, delayOfAttempt, exponential, jittered, RETRY_DELAYS_MAX, retryAfterSeconds } from './retry.ts';
import { DURATION_SECONDS_MAX, type Instant } from './time.ts';

const NOW = (Date.parse('2026-11-22T10:00:00Z') * 1000) as Instant;

test('delays: a number, a list whose last entry repeats, a function of the retry', () => {
  assert.deepEqual(delayList(3, 5), [3]);
  assert.deepEqual(delayList([1, 2, 3], 2), [1, 2]);
  assert.deepEqual(delayList(exponential(2), 4), [2, 4, 8, 16]);
  assert.deepEqual(delayList(exponential(2, { max: 5, factor: 3 }), 3), [2, 5, 5]);
  assert.deepEqual(delayList(9, 0), []);
  assert.deepEqual(
    [1, 2, 3, 9].map((attempt) => delayOfAttempt([5, 6], attempt)),
    [5, 6, 6, 6],
  );
  assert.equal(delayOfAttempt([], 1), 0);
});

test('a delay that is no time is refused', () => {
  for (const delay of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => delayList(delay, 1), { code: 'bad-input' });
  assert.throws(() => exponential(-1), { code: 'bad-input' });
  for (const factor of [0.5, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => exponential(1, { factor }), { code: 'bad-input' });
  for (const max of [-1, Number.NaN, Number.POSITIVE_INFINITY, DURATION_SECONDS_MAX + 1])
    assert.throws(() => exponential(1, { max }), { code: 'bad-input' });
  for (const given of [DURATION_SECONDS_MAX * 2, '5' as never, null as never, 5n as never])
    assert.throws(() => delayList(given, 1), { code: 'bad-input' });
  assert.throws(() => delayList([1, 2, -3], 3), { code: 'bad-input' });
  assert.throws(() => delayList((retry) => (retry === 2 ? Number.NaN : 1), 3), { code: 'bad-input' });
  assert.throws(
    () =>
      delayList(
        Array.from({ length: RETRY_DELAYS_MAX + 1 }, () => 1),
        100,
      ),
    { code: 'bad-input' },
  );
});

test('a delay is kept as it is written, however long', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: DURATION_SECONDS_MAX, noNaN: true }), {
        minLength: 1,
        maxLength: RETRY_DELAYS_MAX,
      }),
      fc.integer({ min: 1, max: 100 }),
      (delays, attempt) => {
        assert.equal(delayOfAttempt(delayList(delays, 100), attempt), delays[Math.min(attempt, delays.length) - 1]);
        assert.equal(jittered(delays[0] ?? 0, 0, 0.5), delays[0]);
      },
    ),
  );
  assert.deepEqual(delayList(exponential(200_000), 2), [200_000, 200_000]);
  assert.deepEqual(delayList(exponential(100_000, { max: 1e6 }), 5), [100_000, 200_000, 400_000, 800_000, 1e6]);
  assert.deepEqual(delayList(exponential(0, { factor: 1e300 }), 3), [0, 0, 0]);
});

test('backoff never falls and never passes its ceiling, in a list of bounded length', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 1, max: 10, noNaN: true }),
      fc.integer({ min: 0, max: 1e6 }),
      (base, factor, retries) => {
        const list = delayList(exponential(base, { factor }), retries);
        assert.ok(list.length <= RETRY_DELAYS_MAX);
        list.forEach((delay, index) => assert.ok(delay <= Math.max(86_400, base) && delay >= (list[index - 1] ?? 0)));
      },
    ),
  );
});

test('jitter stays in its range', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1000, noNaN: true }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (delay, factor, draw) => {
        const spread = jittered(delay, factor, draw);
        assert.ok(spread >= delay * (1 - Math.min(1, factor)) - 1e-9 && spread <= delay * (1 + factor) + 1e-9);
      },
    ),
  );
});

test('Retry-After is read from the error, its response, its headers and its cause', () => {
  const date = 'Sun, 22 Nov 2026 10:00:30 GMT';
  assert.equal(retryAfterSeconds({ retryAfterSeconds: 7 }, NOW), 7);
  assert.equal(retryAfterSeconds({ retryAfter: '12' }, NOW), 12);
  assert.equal(retryAfterSeconds({ retryAfter: new Date(date) }, NOW), 30);
  assert.equal(retryAfterSeconds({ headers: new Headers({ 'retry-after': '1.5' }) }, NOW), 1.5);
  assert.equal(retryAfterSeconds({ headers: { 'retry-after': date } }, NOW), 30);
  assert.equal(retryAfterSeconds({ response: { headers: new Headers({ 'Retry-After': date }) } }, NOW), 30);
  assert.equal(retryAfterSeconds(new Error('outer', { cause: { retryAfter: 3 } }), NOW), 3);
  assert.equal(retryAfterSeconds({ retryAfter: 'Sun, 22 Nov 2020 10:00:00 GMT' }, NOW), 0);
  assert.equal(retryAfterSeconds({ retryAfter: 1e12 }, NOW), 1e12);
});

test('what is no Retry-After is no reason to wait, and never throws', () => {
  for (const value of [-5, '-5', '', 'soon', Number.NaN, {}, [], null])
    assert.equal(retryAfterSeconds({ retryAfter: value }, NOW), null);
  assert.equal(
    retryAfterSeconds(
      {
        get retryAfter() {
          throw new Error('no');
        },
      },
      NOW,
    ),
    null,
  );
  assert.equal(
    retryAfterSeconds(
      {
        headers: {
          get() {
            throw new Error('no');
          },
        },
      },
      NOW,
    ),
    null,
  );
  fc.assert(
    fc.property(fc.anything(), (error) => {
      const found = retryAfterSeconds(error, NOW);
      assert.ok(found === null || (found >= 0 && Number.isFinite(found)));
    }),
  );
});
