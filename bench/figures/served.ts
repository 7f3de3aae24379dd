/** Flows that a program serves in its own process: from due until Running, and how many runs a second. */

import { setTimeout as delay } from 'node:timers/promises';

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import {
  ask,
  askForRun,
  microseconds,
  p99Of,
  servedDeployment,
  startOurServing,
  startPrefectServing,
  timesOfRuns,
  until,
} from '../deployed.ts';
import { startOurServer } from '../our-server.ts';
import type { Goal, Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

const PAUSE_MS = 100;
/** Runs that are known ahead are due so long after they are asked for. */
const AHEAD_MS = 400;
/** Before the first of many runs is due: all of them are there by then. */
const GATHER_MS = 15_000;
const MANY_MS_MAX = 600_000;
/** In microseconds: 5 and 15 ms, and 300 runs a second. */
const GOAL = { median: 5_000, p99: 15_000, each: 1e6 / 300 };

interface Measured {
  /** Microseconds from due until Running; asked for now, and known ahead. */
  readonly now: readonly number[];
  readonly ahead: readonly number[];
  /** Microseconds a run of three tasks, of many that are due at once. */
  readonly each: number;
}

export const served: Figure = {
  name: 'served',
  title: 'A served flow: a run that is due, until it runs; and a thousand runs of three tasks',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const many = bench.quick ? 200 : 1000;
    const ours = await measureOurs(bench, bench.quick ? 40 : 300, many);
    const prefect = bench.withPrefect ? await measurePrefect(bench, bench.quick ? 2 : 5, bench.quick ? 5 : 20) : null;
    const row = (what: string, values: Row['ours'], below: number, peer: readonly number[]): Row => {
      const goals: readonly Goal[] = [{ kind: 'below', value: below }];
      return { figure: 'served', what, unit: 'microseconds', goals, ours: values, peer: prefectPeer(peer) };
    };
    const [now, ahead] = [prefect?.now ?? [], prefect?.ahead ?? []];
    return [
      row('served flow, due now, until it runs', samplesOf(ours.now), GOAL.median, now),
      row('the same, 99 of 100', p99Of(ours.now), GOAL.p99, now),
      row('served flow, due at a known time, until it runs', samplesOf(ours.ahead), GOAL.median, ahead),
      row('the same (a known time), 99 of 100', p99Of(ours.ahead), GOAL.p99, ahead),
      row(
        `one of ${many} runs of three tasks, served`,
        samplesOf([ours.each]),
        GOAL.each,
        prefect ? [prefect.each] : [],
      ),
    ];
  },
};

async function measureOurs(bench: Bench, count: number, many: number): Promise<Measured> {
  const home = bench.freshFolder();
  const server = await startOurServer(home);
  const serving = startOurServing(home, server.apiUrl);
  try {
    return await bench.alone(() => measure(server.apiUrl, { count, warmUp: 20, pauseMs: PAUSE_MS }, many));
  } finally {
    await serving.stop();
    await server.stop();
  }
}

async function measurePrefect(bench: Bench, count: number, many: number): Promise<Measured> {
  const apiUrl = await bench.prefectApiUrl();
  const serving = startPrefectServing(bench, apiUrl);
  try {
    return await measure(apiUrl, { count, warmUp: 1, pauseMs: PAUSE_MS }, many);
  } finally {
    await serving.stop();
  }
}

async function measure(apiUrl: string, asking: Parameters<typeof timesOfRuns>[2], many: number): Promise<Measured> {
  const due = await servedDeployment(apiUrl, 'due', 'due');
  const three = await servedDeployment(apiUrl, 'three', 'three');
  const now = await timesOfRuns(apiUrl, due, asking);
  const ahead = await timesOfRuns(apiUrl, due, { ...asking, dueInMs: AHEAD_MS });
  const each = await timeOfMany(apiUrl, three, many);
  return { now: now.map(({ running }) => running), ahead: ahead.map(({ running }) => running), each };
}

interface WireRun {
  readonly end_time: string | null;
}

/** Microseconds a run: from the time at which all are due until the last one is completed. */
async function timeOfMany(apiUrl: string, deployment: string, count: number): Promise<number> {
  const dueAt = Date.now() + GATHER_MS;
  for (let index = 0; index < count; index += 1) await askForRun(apiUrl, deployment, dueAt);
  if (Date.now() >= dueAt) throw new Error(`${count} runs were not asked for within ${GATHER_MS} ms`);
  // Nothing is asked of the server while most of them run.
  await delay(Math.max(0, dueAt - Date.now()) + count);
  const filter = {
    deployments: { id: { any_: [deployment] } },
    flow_runs: { state: { type: { any_: ['COMPLETED'] } } },
  };
  await until(`the end of ${count} runs`, MANY_MS_MAX, async () =>
    (await ask<number>(apiUrl, 'POST', '/flow_runs/count', filter)) >= count ? true : null,
  );
  const newest = { ...filter, sort: 'END_TIME_DESC', limit: 1 };
  const [last] = await ask<readonly WireRun[]>(apiUrl, 'POST', '/flow_runs/filter', newest);
  return (microseconds(last?.end_time ?? '') - dueAt * 1000) / count;
}
