/** Events replayed in other batches give the same firings. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Automation } from '../automation.ts';
import type { Event } from '../event.ts';
import type { Instant } from '../time.ts';
import { automations, batchesOf, batchSizes, hours, openedAutomations } from './fixtures/hours.ts';
import { at, Stepping } from './fixtures/stepping.ts';

function replay(given: readonly Automation[], events: readonly Event[], sizes: readonly number[]) {
  const steps = new Stepping(...given);
  for (const batch of batchesOf(events, sizes)) steps.step(batch);
  return {
    firings: steps.firings.map(({ firing }) => firing),
    rows: [...steps.rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    waiting: steps.waiting.map(({ id }) => id).toSorted(),
    stopped: steps.stopped.map(({ id }) => id),
  };
}

test('events of an hour give the same firings in batches of any size, and what is kept is the same', () => {
  fc.assert(
    fc.property(automations, hours, batchSizes, (given, events, sizes) => {
      assert.deepEqual(replay(given, events, sizes), replay(given, events, [1]));
    }),
    { numRuns: 500 },
  );
});

test('it does not matter when somebody looks, and how often', () => {
  const periods = fc.integer({ min: 1, max: 400 });
  const end = 3 * 3600;
  fc.assert(
    fc.property(openedAutomations, hours, periods, (given, events, period) => {
      const told = (looksEach: number) => {
        const steps = new Stepping(...given);
        let looksAt = looksEach;
        const lookUntil = (time: Instant): void => {
          for (; at(looksAt) < time; looksAt += looksEach) steps.step([], looksAt);
        };
        for (const one of events.toSorted((a, b) => a.received - b.received)) {
          lookUntil(one.received);
          steps.step([one]);
        }
        lookUntil(at(end));
        steps.step([], end);
        return [steps.firings.map(({ firing }) => firing.id).toSorted(), [...steps.rows.keys()].toSorted()];
      };
      assert.deepEqual(told(end), told(period));
    }),
    { numRuns: 300 },
  );
});
