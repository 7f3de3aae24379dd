/**
 * Seeds of automations: each cause has one firing, those of a server that nobody disturbs; each order is done, its run
 * made once; nothing is left when the world is quiet. And the checkers object when something is wrong.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { EventId } from '../../src/core/ids.ts';
import type { Storage } from '../../src/store/port.ts';
import type { AutomationRules, AutomationStep } from '../../src/store/port/automation-steps.ts';
import { drawAutomationPlan, type AutomationPlan } from './plan.ts';
import { simulateAutomations, type AutomationReport } from './simulate.ts';

const SEEDS = 4;

function told({ seed, violations }: AutomationReport): string {
  return `node sim/automations/main.ts --seed ${seed}\n${violations.join('\n')}`;
}

test(`${SEEDS} seeds: servers that die, clocks that jump, receivers and clients that do as they like break nothing`, async (t) => {
  let [firings, deaths, repeated] = [0, 0, 0];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const report = await simulateAutomations(drawAutomationPlan(seed));
    assert.equal(report.violations.length, 0, told(report));
    firings += report.firings;
    deaths += report.deaths;
    repeated += report.repeated;
  }
  t.diagnostic(`${firings} firings, ${deaths} deaths, ${repeated} messages repeated`);
  assert.ok(firings > 20 * SEEDS && deaths > 0 && repeated > 0, `${firings} ${deaths} ${repeated}`);
});

test('the same seed is the same story', async () => {
  const plan = { ...drawAutomationPlan(6), ...SHORT };
  const [first, again] = [await simulateAutomations(plan), await simulateAutomations(plan)];
  assert.deepEqual(again.trace, first.trace);
});

/** Two servers that die often. */
const SHORT: Partial<AutomationPlan> = {
  servers: 2,
  deathOdds: 0.005,
  troubleOdds: 0.1,
  jumps: 0,
  awayMsMax: 40_000,
  calmSeconds: 1000,
};

/** The servers make something else of each step. */
function stepping(change: (step: AutomationStep<unknown>) => Partial<AutomationStep<unknown>>) {
  return (storage: Storage): Storage => ({
    ...storage,
    stepAutomations: <Answer>(page: Parameters<Storage['stepAutomations']>[0], rules: AutomationRules<Answer>) =>
      storage.stepAutomations(page, {
        ...rules,
        take(facts) {
          const step = rules.take(facts);
          return { ...step, ...(change(step) as Partial<AutomationStep<Answer>>) };
        },
      }),
  });
}

let made = 0;

const DEFECTS: Readonly<Record<string, { readonly says: RegExp; readonly plant: (storage: Storage) => Storage }>> = {
  'an order that is forgotten': {
    says: /has [01] of 2 orders/,
    plant: stepping(({ orders }) => ({ orders: orders.slice(1) })),
  },
  'a firing whose name is made up': {
    says: /is missing[^]*has no cause/,
    plant: stepping(({ events }) => ({
      events: events.map((event) => ({
        ...event,
        id: `00000000-0000-7000-8000-${String((made += 1)).padStart(12, '0')}` as EventId,
      })),
    })),
  },
  'an event that is overlooked': {
    says: /causes have \d+ firings/,
    plant: (storage) => {
      let steps = 0;
      return {
        ...storage,
        stepAutomations: (page, rules) =>
          storage.stepAutomations(page, {
            ...rules,
            // The first one of each third step: how many come in one is not said.
            take: (facts) => rules.take({ ...facts, entries: facts.entries.slice((steps += 1) % 3 === 0 ? 1 : 0) }),
          }),
      };
    },
  },
  'a receipt that is not kept': {
    says: /is left undone|was sent \d+ times/,
    plant: (storage) => ({ ...storage, endActionAttempt: () => true }),
  },
  'an attempt that is taken for another': {
    says: /is left undone/,
    plant: (storage) => ({
      ...storage,
      takeActionOrders: async (request) =>
        (await storage.takeActionOrders(request)).map((taken) => ({ ...taken, attempt: taken.attempt + 1 })),
    }),
  },
};

describe('a planted defect is found out:', () => {
  for (const [name, { says, plant }] of Object.entries(DEFECTS))
    test(name, async () => {
      const { violations } = await simulateAutomations({ ...drawAutomationPlan(6), ...SHORT }, plant);
      assert.match(violations.join('\n'), says);
    });
});
