/**
 * Seeds of schedules, pools and workers: no slot twice, none missing, none stuck, no run in two places, no two runs
 * beside each other that may not be; and the checkers object when something is wrong.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { KeyPage } from '../../src/core/list-query.ts';
import { DEFAULT_SLOT_POLICY } from '../../src/core/schedules/slot-policy.ts';
import type { Storage } from '../../src/store/port.ts';
import { drawSchedulingPlan, type SchedulingPlan } from './plan.ts';
import { simulateScheduling, type SchedulingReport } from './simulate.ts';

const SEEDS = 6;
/** Seeds that once failed, and what they found. */
const SEEDS_THAT_FAILED: ReadonlyMap<number, string> = new Map([
  [5, 'a run was given to a process that had just ended, and whose row had gone: nobody saw that it was lost'],
  [6, 'a server whose clock was behind forgot slots that another one had seen to'],
]);

function told({ seed, violations }: SchedulingReport): string {
  return `node sim/scheduling/main.ts --seed ${seed}\n${violations.join('\n')}`;
}

test(`${SEEDS} seeds: clocks that are wrong, servers, workers and processes that die, and people break nothing`, async (t) => {
  let [bodies, ended] = [0, 0];
  for (const seed of new Set([
    ...SEEDS_THAT_FAILED.keys(),
    ...Array.from({ length: SEEDS }, (_, index) => index + 1),
  ])) {
    const report = await simulateScheduling(drawSchedulingPlan(seed));
    assert.equal(report.violations.length, 0, told(report));
    bodies += report.bodies;
    ended += report.ended;
  }
  t.diagnostic(`${bodies} runs began, ${ended} processes ended`);
  assert.ok(bodies > SEEDS, `only ${bodies} runs began`);
});

test('the same seed is the same story', async () => {
  const [first, again] = [
    await simulateScheduling(drawSchedulingPlan(3)),
    await simulateScheduling(drawSchedulingPlan(3)),
  ];
  assert.deepEqual(again.trace, first.trace);
});

interface Defect {
  readonly seed: number;
  readonly says: RegExp;
  readonly plan?: Partial<SchedulingPlan>;
  readonly plant: (storage: Storage) => Storage;
}

/** Whoever looks after lost runs asks so. */
function asksForRunning({ where }: KeyPage): boolean {
  const parts = where?.op === 'and' ? where.of : [where];
  return parts.some((part) => part?.op === 'in' && part.field === 'stateType' && part.values.includes('RUNNING'));
}

const DEFECTS: Readonly<Record<string, Defect>> = {
  'a store that loses the first slot of many': {
    seed: 2,
    says: /has no entry for/,
    plant: (storage) => ({
      ...storage,
      changeDeployment: (key, change, open) =>
        storage.changeDeployment(
          key,
          (facts) => {
            const changed = change(facts);
            return changed.slots === undefined ? changed : { ...changed, slots: changed.slots.slice(1) };
          },
          open,
        ),
    }),
  },
  'nobody sees that a process is dead': {
    seed: 5,
    says: /is (?:Running|Pending|Cancelling) since/,
    plant: (storage) => ({ ...storage, list: (noun, page) => (asksForRunning(page) ? [] : storage.list(noun, page)) }),
  },
  'nobody sees that a run is under way': {
    seed: 5,
    says: /overlap/,
    plan: {
      schedules: [
        {
          slug: 's0',
          schedule: { kind: 'cron', cron: '* * * * *', timezone: null, dayOr: true },
          policy: { ...DEFAULT_SLOT_POLICY, overlap: 'queue' },
          isEdited: false,
        },
      ],
      poolLimit: null,
      deploymentLimit: null,
    },
    plant: (storage) => ({
      ...storage,
      changeDeployment: (key, change, open) =>
        storage.changeDeployment(
          key,
          (facts) =>
            change({ ...facts, openSlots: facts.openSlots.filter(({ run }) => run?.stateType === 'SCHEDULED') }),
          open,
        ),
    }),
  },
};

/** A defect shows by itself. */
const CALMER = { strikes: 4, deathOdds: 0.03, chaosSeconds: 1200 } as const;

describe('a planted defect is found out:', () => {
  for (const [name, { seed, says, plan, plant }] of Object.entries(DEFECTS))
    test(name, async () => {
      const { violations } = await simulateScheduling({ ...drawSchedulingPlan(seed), ...CALMER, ...plan }, plant);
      assert.match(violations.join('\n'), says);
    });
});
