/** The simulation as a test: hundreds of seeds hold, one seed is one story, and the checkers object when something is wrong. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure } from './describe-failure.ts';
import { simulate, type SimulationReport } from './simulate.ts';
import type { WorldOptions } from './sim-world.ts';

const SEEDS = 250;

test(`${SEEDS} seeds: kills, sleeping machines, late, lost and doubled messages break no invariant`, async () => {
  let crashes = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const report = await simulate({ seed });
    crashes += report.crashes;
    assert.equal(report.violations.length, 0, report.violations.length > 0 ? describeFailure(report) : '');
  }
  assert.ok(crashes > SEEDS, `only ${crashes} processes were ended`);
});

test('the same seed is the same story, another seed is another', async () => {
  const [first, again, other] = [await simulate({ seed: 7 }), await simulate({ seed: 7 }), await simulate({ seed: 8 })];
  assert.equal(first.digest, again.digest);
  assert.notEqual(first.digest, other.digest);
});

/** The first objection among a few dozen seeds to a world with a defect in it. */
async function objectionTo(defect: Omit<WorldOptions, 'seed'>): Promise<SimulationReport | null> {
  for (let seed = 1; seed <= 60; seed += 1) {
    const report = await simulate({ seed, ...defect });
    if (report.violations.length > 0) return report;
  }
  return null;
}

test('a store that loses finished steps is found out', async () => {
  const report = await objectionTo({ plant: (storage) => ({ ...storage, writeTaskRuns: (records, logs) => storage.writeTaskRuns(records.slice(1), logs) }) });
  assert.ok(report);
  assert.match(describeFailure(report), new RegExp(`--seed ${report.seed}`));
});

test('a cache that lets everybody compute is found out', async () => {
  const report = await objectionTo({ plantClient: (client) => ({ ...client, claimCacheKey: () => ({ status: 'claimed', nearest: null }) }) });
  assert.ok(report);
});
