import type { SimulationReport } from './simulate.ts';

/** Enough to see what led to it; the replay prints everything. */
const LINES = 120;

export function describeFailure({ seed, isLater, violations, trace, digest }: SimulationReport): string {
  return [
    ...trace.slice(-LINES),
    ...violations.map(({ invariant, what }) => `Broken: ${invariant}. ${what}.`),
    `Seed ${seed}, trace ${digest}. Replay it with: node sim/main.ts --seed ${seed}${isLater ? ' --later' : ''} --trace`,
  ].join('\n');
}
