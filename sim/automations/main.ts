/**
 * `node sim/automations/main.ts [--seeds N] [--from S] [--seed S] [--all]`: simulates automations, and stops at the
 * first seed that fails, unless all are to be told.
 */

import { parseArgs } from 'node:util';

import { drawAutomationPlan } from './plan.ts';
import { simulateAutomations } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '50' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
});

const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const startedAt = performance.now();
let [firings, deaths, repeated, failed] = [0, 0, 0, 0];
for (let seed = first; seed < first + count; seed += 1) {
  const report = await simulateAutomations(drawAutomationPlan(seed));
  firings += report.firings;
  deaths += report.deaths;
  repeated += report.repeated;
  if (values.seed !== undefined) console.log(report.trace.join('\n'));
  if (report.violations.length === 0) continue;
  failed += 1;
  console.log(`Seed ${seed}: ${report.violations.slice(0, 5).join('; ')}`);
  process.exitCode = 1;
  if (!values.all) break;
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  `${count} seeds, ${failed} failed: ${firings} firings, ${deaths} deaths, ${repeated} messages repeated, ${seconds} s.`,
);
