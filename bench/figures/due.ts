/** From the time at which a run is due until it runs, in an idle process worker; Prefect's worker beside it. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import {
  OUR_FLOWS,
  p99Of,
  PREFECT_FLOWS,
  timesWithOurWorker,
  timesWithPrefectWorker,
  type RunTimes,
} from '../deployed.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

/** In microseconds. */
const GOAL = { node: 100_000, python: 300_000 };

export const due: Figure = {
  name: 'due',
  title: 'A run that is due, until it runs: in an idle process worker',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const count = bench.quick ? 10 : 100;
    const ours = async (flows: typeof OUR_FLOWS): Promise<number[]> =>
      untilRunning(await timesWithOurWorker(bench, 'due', { flows, count, warmUp: 4 }));
    const node = await ours(OUR_FLOWS);
    // The client of a Python flow is Prefect's: without it there is nothing to run.
    const python = bench.withPrefect ? await ours(PREFECT_FLOWS) : null;
    const prefect = bench.withPrefect
      ? untilRunning(await timesWithPrefectWorker(bench, 'due', bench.quick ? 2 : 5))
      : [];
    const rows = (what: string, values: readonly number[], below: number): Row[] =>
      [
        { what: `a run that is due, until it runs (process worker, ${what}, warm)`, ours: samplesOf(values) },
        { what: `the same (${what}), 99 of 100`, ours: p99Of(values) },
      ].map((row) => ({
        figure: 'due',
        unit: 'microseconds',
        goals: [
          { kind: 'below', value: below },
          { kind: 'times-less', factor: 10 },
        ],
        peer: prefectPeer(prefect),
        ...row,
      }));
    return [...rows('TypeScript', node, GOAL.node), ...(python ? rows('Python', python, GOAL.python) : [])];
  },
};

function untilRunning(times: readonly RunTimes[]): number[] {
  return times.map(({ running }) => running);
}
