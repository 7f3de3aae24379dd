/** A chain of 40 tasks of 10 ms each, through a process worker: from due until the run is Completed. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { deploy, OUR_FLOWS, PREFECT_FLOWS, startOurWorker, startPrefectWorker, timesOfRuns } from '../deployed.ts';
import { startOurServer } from '../our-server.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

/** Between two runs: what stands ready for the next one is started again meanwhile. */
const PAUSE_MS = 1500;
/** In microseconds; 400,000 of it the tasks take. */
const GOAL = 500_000;

export const chain: Figure = {
  name: 'chain',
  title: 'A chain of 40 tasks of 10 ms through a process worker',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const ours = await measureOurs(bench, bench.quick ? 5 : 30);
    const prefect = bench.withPrefect ? await measurePrefect(bench, bench.quick ? 1 : 3) : [];
    return [
      {
        figure: 'chain',
        what: '40 tasks of 10 ms, one after the other: from due until completed (process worker, warm)',
        unit: 'microseconds',
        goals: [
          { kind: 'below', value: GOAL },
          { kind: 'times-less', factor: 10 },
        ],
        ours: samplesOf(ours),
        peer: prefectPeer(prefect),
      },
    ];
  },
};

async function measureOurs(bench: Bench, count: number): Promise<number[]> {
  const home = bench.freshFolder();
  const server = await startOurServer(home);
  const worker = startOurWorker(home, server.apiUrl);
  try {
    const id = await deploy(server.apiUrl, 'chain', OUR_FLOWS);
    const times = await bench.alone(() => timesOfRuns(server.apiUrl, id, { count, warmUp: 2, pauseMs: PAUSE_MS }));
    return times.map(({ completed }) => completed);
  } finally {
    await worker.stop();
    await server.stop();
  }
}

async function measurePrefect(bench: Bench, count: number): Promise<number[]> {
  const apiUrl = await bench.prefectApiUrl();
  const worker = startPrefectWorker(bench, apiUrl);
  try {
    const id = await deploy(apiUrl, 'chain', PREFECT_FLOWS);
    const times = await timesOfRuns(apiUrl, id, { count, warmUp: 1, pauseMs: PAUSE_MS });
    return times.map(({ completed }) => completed);
  } finally {
    await worker.stop();
  }
}
