import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { ConcurrencyLimitId } from '../ids.ts';
import { addSeconds, type Instant } from '../time.ts';
import type { ConcurrencyLimit } from './limit.ts';
import { acquire, decayed, jitteredSeconds, release, SLOT_WAITS_DEFAULT as WAITS } from './slots.ts';

const START = 1_790_000_000_000_000 as Instant;

function limitOf(fields: Partial<ConcurrencyLimit>): ConcurrencyLimit {
  return {
    id: 'a' as ConcurrencyLimitId,
    name: 'a',
    limit: 3,
    active: true,
    activeSlots: 0,
    deniedSlots: 0,
    slotDecayPerSecond: 0,
    avgSlotOccupancySeconds: 2,
    slotsAt: START,
    createdAt: START,
    updatedAt: START,
    ...fields,
  };
}

type Step = { readonly afterSeconds: number; readonly action: 'take' | 'give' | 'look'; readonly slots: number };
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    afterSeconds: fc.double({ min: 0, max: 3, noNaN: true }),
    action: fc.constantFrom('take', 'give', 'look'),
    slots: fc.integer({ min: 1, max: 4 }),
  }),
  { maxLength: 60 },
);

test('no order of requests takes more slots than there are, or gives back more than were taken', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (todo, most) => {
      let limit = limitOf({ limit: most });
      let [now, held] = [START, 0];
      for (const { afterSeconds, action, slots } of todo) {
        now = addSeconds(now, afterSeconds);
        if (action === 'look') limit = decayed(limit, now, WAITS);
        if (action === 'give' && held >= slots) {
          limit = release(limit, slots, afterSeconds, now, WAITS);
          held -= slots;
        }
        if (action === 'take') {
          const answer = acquire([limit], slots, 'concurrency', now, WAITS);
          assert.equal(answer.outcome, slots > most ? 'too-many' : held + slots <= most ? 'acquired' : 'locked');
          if ('limits' in answer) limit = answer.limits[0] as ConcurrencyLimit;
          if (answer.outcome === 'acquired') held += slots;
        }
        assert.equal(limit.activeSlots, held);
        assert.ok(limit.deniedSlots >= 0 && limit.avgSlotOccupancySeconds > 0);
      }
    }),
  );
});

test('a rate is kept over every stretch of time, and whoever waits long enough is served', () => {
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0.1, max: 5, noNaN: true }),
      (todo, most, perSecond) => {
        let limit = limitOf({ limit: most, slotDecayPerSecond: perSecond });
        let now = START;
        const taken: { at: Instant; slots: number }[] = [];
        for (const { afterSeconds, action, slots } of todo) {
          now = addSeconds(now, afterSeconds);
          if (action === 'look') limit = decayed(limit, now, WAITS);
          const answer = acquire([limit], Math.min(slots, most), 'rate_limit', now, WAITS);
          if ('limits' in answer) limit = answer.limits[0] as ConcurrencyLimit;
          if (answer.outcome === 'acquired') taken.push({ at: now, slots: Math.min(slots, most) });
        }
        for (const [first, { at }] of taken.entries()) {
          let sum = 0;
          for (const { at: later, slots } of taken.slice(first)) {
            sum += slots;
            assert.ok(sum <= most + perSecond * ((later - at) / 1e6) + 1, `${sum} slots in ${(later - at) / 1e6} s`);
          }
        }
        const patient = acquire([limit], most, 'rate_limit', addSeconds(now, (most + 1) / perSecond + 1), WAITS);
        assert.equal(patient.outcome, 'acquired');
      },
    ),
  );
});

test('looking often takes no slot back, nor keeps one', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (pauses) => {
      const limit = limitOf({ limit: 50, activeSlots: 50, deniedSlots: 7, slotDecayPerSecond: 3 });
      let [looked, now] = [limit, START];
      for (const pause of pauses) looked = decayed(looked, (now = addSeconds(now, pause)), WAITS);
      assert.ok(Math.abs(looked.activeSlots - decayed(limit, now, WAITS).activeSlots) <= 1);
    }),
  );
});

test('all or nothing over several limits; the one that is switched off counts nothing', () => {
  const [wide, narrow, off] = [
    limitOf({ limit: 5, name: 'w' }),
    limitOf({ id: 'b' as ConcurrencyLimitId, limit: 1, activeSlots: 1 }),
    limitOf({ id: 'c' as ConcurrencyLimitId, active: false, limit: 0 }),
  ];
  const refused = acquire([wide, narrow, off], 1, 'concurrency', START, WAITS);
  assert.ok(refused.outcome === 'locked');
  assert.deepEqual(
    refused.limits.map(({ activeSlots, deniedSlots }) => [activeSlots, deniedSlots]),
    [
      [0, 1],
      [1, 1],
    ],
  );
  assert.deepEqual(release(off, 1, 1, START, WAITS), off);
  const taken = acquire([wide, off], 2, 'concurrency', START, WAITS);
  assert.deepEqual(taken.outcome === 'acquired' && taken.limits.map(({ id, activeSlots }) => [id, activeSlots]), [
    ['a', 2],
  ]);
  assert.deepEqual(acquire([narrow], 1, 'rate_limit', START, WAITS), { outcome: 'no-decay', names: ['a'] });
});

test('waiting times follow the average that slots are held, up to the longest wait, and are spread', () => {
  let limit = limitOf({ limit: 1, activeSlots: 1 });
  for (let count = 0; count < 20; count += 1) limit = { ...release(limit, 1, 1000, START, WAITS), activeSlots: 1 };
  assert.ok(limit.avgSlotOccupancySeconds > 900);
  const answer = acquire([limit], 1, 'concurrency', START, WAITS);
  assert.equal(answer.outcome === 'locked' && answer.waitSeconds, 30);
  const draws = Array.from({ length: 1000 }, (_, draw) => jitteredSeconds(10, draw / 1000));
  assert.ok(Math.min(...draws) > 7 && Math.max(...draws) <= 13, `${Math.min(...draws)} to ${Math.max(...draws)}`);
  const mean = draws.reduce((sum, seconds) => sum + seconds, 0) / draws.length;
  assert.ok(Math.abs(mean - 10) < 1, String(mean));
  assert.equal(jitteredSeconds(0, 0.5), 0);
});
