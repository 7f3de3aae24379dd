/** From the time at which a run is due until it runs, in an idle process worker; Prefect's worker beside it. */

import { dirname } from 'node:path';

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import {
  deploy,
  OUR_FLOWS,
  p99Of,
  PREFECT_FLOWS,
  startOurWorker,
  startPrefectWorker,
  timesOfRuns,
} from '../deployed.ts';
import { startOurServer } from '../our-server.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

/** Between two runs: what stands ready for the next one is started again meanwhile. */
const PAUSE_MS = 1500;
/** In microseconds. */
const GOAL = { node: 100_000, python: 300_000 };

export const due: Figure = {
  name: 'due',
  title: 'A run that is due, until it runs: in an idle process worker',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const count = bench.quick ? 10 : 100;
    const node = await measureOurs(bench, OUR_FLOWS, count);
    // The client of a Python flow is Prefect's: without it there is nothing to run.
    const python = bench.withPrefect ? await measureOurs(bench, PREFECT_FLOWS, count) : null;
    const prefect = bench.withPrefect ? await measurePrefect(bench, bench.quick ? 2 : 5) : [];
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

async function measureOurs(bench: Bench, flows: typeof OUR_FLOWS, count: number): Promise<number[]> {
  const home = bench.freshFolder();
  const server = await startOurServer(home);
  const path = flows === PREFECT_FLOWS ? [dirname(bench.prefectCommand(home, '').python)] : [];
  const worker = startOurWorker(home, server.apiUrl, path);
  try {
    const id = await deploy(server.apiUrl, 'due', flows);
    const times = await bench.alone(() => timesOfRuns(server.apiUrl, id, { count, warmUp: 4, pauseMs: PAUSE_MS }));
    return times.map(({ running }) => running);
  } finally {
    await worker.stop();
    await server.stop();
  }
}

async function measurePrefect(bench: Bench, count: number): Promise<number[]> {
  const apiUrl = await bench.prefectApiUrl();
  const worker = startPrefectWorker(bench, apiUrl);
  try {
    const id = await deploy(apiUrl, 'due', PREFECT_FLOWS);
    const times = await timesOfRuns(apiUrl, id, { count, warmUp: 1, pauseMs: PAUSE_MS });
    return times.map(({ running }) => running);
  } finally {
    await worker.stop();
  }
}
