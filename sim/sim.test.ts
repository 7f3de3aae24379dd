/**
 * The simulation as a test: hundreds of seeds hold, one seed is one story, and the checkers object when something is
 * wrong.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFECTS } from './defects.ts';
import { describeFailure } from './describe-failure.ts';
import { SEEDS_THAT_FAILED } from './seeds.ts';
import { simulate, type SimulationReport } from './simulate.ts';

const SEEDS = 300;
/** The most secretive defect shows in one of fifty seeds. */
const SEEDS_TO_FIND_A_DEFECT = 200;

async function mustHold(seed: number): Promise<SimulationReport> {
  const report = await simulate({ seed });
  assert.equal(report.violations.length, 0, report.violations.length > 0 ? describeFailure(report) : '');
  return report;
}

test(`${SEEDS} seeds: kills, sleeping machines, late, lost and doubled messages break no invariant`, async (t) => {
  let bodies = 0;
  let crashes = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const report = await mustHold(seed);
    bodies += report.bodies;
    crashes += report.crashes;
  }
  t.diagnostic(`${bodies} bodies, ${crashes} kills`);
  assert.ok(crashes > SEEDS, `only ${crashes} processes were killed`);
});

test('seeds that failed once hold', async () => {
  for (const seed of SEEDS_THAT_FAILED.keys()) await mustHold(seed);
});

test('the same seed is the same story, another seed is another', async () => {
  for (const seed of [7, 62, 485]) {
    const [first, again] = [await simulate({ seed }), await simulate({ seed })];
    assert.deepEqual(again.trace, first.trace);
    assert.equal(again.digest, first.digest);
  }
  assert.notEqual((await simulate({ seed: 7 })).digest, (await simulate({ seed: 8 })).digest);
});

describe('a planted defect is found out, and its seed printed:', () => {
  for (const [name, { breaks, plan }] of Object.entries(DEFECTS)) {
    test(name, async () => {
      for (let seed = 1; seed <= SEEDS_TO_FIND_A_DEFECT; seed += 1) {
        const report = await simulate({ seed, ...plan });
        if (!report.violations.some(({ invariant }) => invariant === breaks)) continue;
        const told = describeFailure(report);
        assert.match(told, new RegExp(`Broken: ${breaks}`));
        assert.match(told, new RegExp(`--seed ${seed}\\b`));
        return;
      }
      assert.fail(`Nobody objected to "${breaks}".`);
    });
  }
});
