import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { FlowRunId } from '../ids.ts';
import { addSeconds, type Instant } from '../time.ts';
import { MISSED_MAX, missedDates, type DatesAfter } from './missed-dates.ts';
import type { ScheduledDate } from './schedule.ts';
import { cadenceOf, shownSlot, type ScheduleSlot, type SlotRun } from './slot.ts';

const START = 1_790_000_000_000_000 as Instant;

const every =
  (seconds: number): DatesAfter<ScheduledDate> =>
  (after, limit, until) => {
    const first = Math.floor((after - START) / (seconds * 1_000_000)) + 1;
    return Array.from({ length: limit }, (_, index) => {
      const instant = addSeconds(START, (first + index) * seconds);
      return { instant, nominal: `${instant}`, fold: 0 as const, mark: null };
    }).filter(({ instant }) => instant <= until);
  };

test('what was missed is told one by one, or from where on it is; nothing is told twice, nothing is left out', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: -9000, max: 2 ** 31 }),
      fc.integer({ min: -1, max: 2 ** 31 }),
      (seconds, from, length) => {
        const after = addSeconds(START, from);
        const until = addSeconds(after, length);
        const { earlier, dates } = missedDates(every(seconds), after, until);
        assert.ok(dates.length <= MISSED_MAX);
        const [next] = every(seconds)(after, 1, until);
        assert.deepEqual(earlier?.first ?? dates[0], next, 'from the first on');
        const behind = earlier === null ? after : earlier.through;
        assert.deepEqual(dates, every(seconds)(behind, MISSED_MAX + 1, until), 'all that are behind the entry of many');
        assert.ok(earlier === null || dates.length > 0, 'the latest are told one by one');
      },
    ),
  );
});

const slot = {
  nominal: '2026-11-22T09:00:00',
  fold: 0,
  zone: 'UTC',
  dueAt: START,
  through: null,
  outcome: 'run',
  reason: 'It has a run.',
  flowRunId: 'r' as FlowRunId,
  decidedAt: START,
} as unknown as ScheduleSlot;
const run: SlotRun = {
  id: 'r' as FlowRunId,
  name: 'blue',
  stateType: 'SCHEDULED',
  stateName: 'Scheduled',
  startTime: null,
  runCount: 0,
};

test('a slot whose run has not begun is open, and says what it waits for', () => {
  const told = (change: Partial<SlotRun> | null, after = 1) => {
    const { outcome, reason } = shownSlot(slot, change && { ...run, ...change }, addSeconds(START, after));
    return [outcome, reason];
  };
  assert.deepEqual(told({}, -1), [null, 'It is not due yet.']);
  assert.deepEqual(told({}), [null, 'No worker has begun its run yet.']);
  assert.deepEqual(told({ stateType: 'PENDING' }), ['run', 'It has a run.']);
  assert.deepEqual(told({ runCount: 1 }), ['run', 'It has a run.'], 'waiting for its next attempt');
  assert.deepEqual(told({ stateType: 'CANCELLED' }), ['cancelled', 'Its run was cancelled before it began.']);
  assert.deepEqual(told({ stateType: 'CANCELLED', runCount: 1 }), ['run', 'It has a run.']);
  assert.deepEqual(told(null), ['run', 'Its run was deleted.']);
});

test('the cadence is what lies between slots, and between those that ran', () => {
  const at = (seconds: number, outcome: 'run' | 'skipped') => ({ dueAt: addSeconds(START, seconds), outcome });
  const slots = [at(40, 'skipped'), at(0, 'run'), at(20, 'skipped'), at(60, 'run'), at(80, 'skipped'), at(120, 'run')];
  assert.deepEqual(cadenceOf(slots), { writtenSeconds: 20, effectiveSeconds: 60 });
  assert.deepEqual(cadenceOf(slots.slice(0, 2)), { writtenSeconds: 40, effectiveSeconds: null });
  assert.equal(cadenceOf(slots.slice(0, 1)), null);
});
