import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { addSeconds, type Instant } from '../time.ts';
import {
  CATCH_UPS,
  decideSlots,
  LATE_SECONDS,
  MISSED_SECONDS,
  OVERLAPS,
  tooLateAt,
  type DueSlot,
  type SlotPolicy,
} from './slot-policy.ts';

const NOW = 1_790_000_000_000_000 as Instant;

const policies = fc.record({
  catchUp: fc.constantFrom(...CATCH_UPS),
  maxLatenessSeconds: fc.option(fc.integer({ min: 0, max: 5000 })),
  overlap: fc.constantFrom(...OVERLAPS),
});
const dues = fc
  .array(fc.record({ late: fc.integer({ min: 0, max: 9000 }), held: fc.boolean() }), { maxLength: 20 })
  .map((slots) =>
    slots
      .toSorted((a, b) => b.late - a.late)
      .map(({ late, held }): DueSlot => ({ dueAt: addSeconds(NOW, -late), held })),
  );

const lateOf = ({ dueAt }: DueSlot): number => (NOW - dueAt) / 1_000_000;

test('each slot that is due gets one decision, with a reason where it ends', () => {
  fc.assert(
    fc.property(dues, fc.option(fc.constant('blue')), policies, (due, live, policy) => {
      const { decisions, cancelsLive } = decideSlots(due, live, policy, NOW);
      assert.equal(decisions.length, due.length);
      for (const decision of decisions) assert.ok(decision.kind !== 'end' || decision.reason.length > 10);
      assert.ok(!cancelsLive || (live !== null && policy.overlap === 'cancelOldest'));
      // Asked once more of those that are left, the answer is the same.
      const left = due.filter((_, index) => decisions[index]?.kind !== 'end');
      assert.deepEqual(
        decideSlots(left, live, policy, NOW).decisions,
        decisions.filter(({ kind }) => kind !== 'end'),
      );
    }),
    { numRuns: 2000 },
  );
});

test('unless runs may overlap, one slot goes at most, and none while a run is under way', () => {
  fc.assert(
    fc.property(dues, fc.option(fc.constant('blue')), policies, (due, live, policy) => {
      const { decisions } = decideSlots(due, live, policy, NOW);
      const going = decisions.filter(({ kind }) => kind === 'go').length;
      if (policy.overlap === 'allow') assert.ok(decisions.every(({ kind }) => kind !== 'wait'));
      else assert.ok(going <= (live === null ? 1 : 0));
      if (policy.overlap !== 'queue' && policy.overlap !== 'cancelOldest')
        assert.ok(decisions.every(({ kind }) => kind !== 'wait'));
      const inTime = due.filter(
        (slot) => lateOf(slot) <= Math.min(LATE_SECONDS, policy.maxLatenessSeconds ?? LATE_SECONDS),
      );
      if (live === null && inTime.length > 0) assert.ok(going > 0, 'nothing stands in its way');
    }),
    { numRuns: 2000 },
  );
});

test('of what was missed, the latest runs, or all, or none; nothing runs that is later than it may be', () => {
  fc.assert(
    fc.property(dues, policies, (due, given) => {
      const policy: SlotPolicy = { ...given, overlap: 'allow' };
      const { decisions } = decideSlots(due, null, policy, NOW);
      const ran = due.filter((_, index) => decisions[index]?.kind === 'go');
      const most = policy.maxLatenessSeconds ?? Number.POSITIVE_INFINITY;
      assert.ok(ran.every((slot) => lateOf(slot) <= most));
      for (const slot of ran) {
        const at = tooLateAt(slot, policy);
        assert.ok(at === null || at > NOW);
      }
      if (policy.catchUp === 'all') assert.equal(ran.length, due.filter((slot) => lateOf(slot) <= most).length);
      if (policy.catchUp === 'latest') {
        assert.ok(ran.filter((slot) => lateOf(slot) > LATE_SECONDS).length <= 1);
        const last = due.at(-1);
        if (last !== undefined && lateOf(last) <= most) assert.equal(ran.at(-1), last, 'the latest runs');
      }
      if (policy.catchUp === 'none') assert.ok(ran.every((slot) => lateOf(slot) <= MISSED_SECONDS));
    }),
    { numRuns: 2000 },
  );
});
