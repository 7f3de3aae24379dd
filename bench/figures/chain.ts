/** A chain of 40 tasks of 10 ms each, through a process worker: from due until the run is Completed. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { timesWithOurWorker, timesWithPrefectWorker, type RunTimes } from '../deployed.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

/** In microseconds; 400,000 of it the tasks take. */
const GOAL = 500_000;

export const chain: Figure = {
  name: 'chain',
  title: 'A chain of 40 tasks of 10 ms through a process worker',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const ours = await timesWithOurWorker(bench, 'chain', { count: bench.quick ? 5 : 30, warmUp: 2 });
    const prefect = bench.withPrefect ? await timesWithPrefectWorker(bench, 'chain', bench.quick ? 1 : 3) : [];
    const untilCompleted = (times: readonly RunTimes[]): number[] => times.map(({ completed }) => completed);
    return [
      {
        figure: 'chain',
        what: '40 tasks of 10 ms, one after the other: from due until completed (process worker, warm)',
        unit: 'microseconds',
        goals: [
          { kind: 'below', value: GOAL },
          { kind: 'times-less', factor: 10 },
        ],
        ours: samplesOf(untilCompleted(ours)),
        peer: prefectPeer(untilCompleted(prefect)),
      },
    ];
  },
};
