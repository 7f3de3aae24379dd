/**
 * `node sim/main.ts [--seeds N] [--from S] [--seed S] [--later] [--trace]`: simulates, and stops at the first seed that
 * fails; `--later`: on a store that answers later.
 *
 * A failing seed prints its trace and the command that replays it.
 */

import { parseArgs } from 'node:util';
import { drawLaterChaos } from './chaos.ts';
import { describeFailure } from './describe-failure.ts';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    later: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
  },
});

const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const startedAt = performance.now();
let bodies = 0;
let crashes = 0;
let failed = 0;
for (let seed = first; seed < first + count; seed += 1) {
  const report = await simulate(values.later ? { seed, chaos: drawLaterChaos(seed) } : { seed });
  bodies += report.bodies;
  crashes += report.crashes;
  if (values.trace) console.log(report.trace.join('\n'));
  if (report.violations.length > 0) {
    failed += 1;
    console.log(
      values.all
        ? `seed ${seed}: ${report.violations.map(({ invariant, what }) => `${invariant}: ${what}`)[0]}`
        : describeFailure(report),
    );
    process.exitCode = 1;
    if (!values.all) break;
  } else if (values.seed !== undefined)
    console.log(
      `Seed ${seed}: ${report.bodies} bodies, ${report.crashes} crashes, ${report.seconds.toFixed(1)} virtual seconds, trace ${report.digest}.`,
    );
}
console.log(
  `${count} seeds, ${failed} failed: ${bodies} bodies, ${crashes} crashes, ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`,
);
