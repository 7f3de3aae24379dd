/** Runs of deployments: who takes them (a worker, a program that serves), how they are asked for, and when they ran. */

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Bench } from './bench.ts';
import { startOurServer } from './our-server.ts';
import { cleanEnvironment, type Program } from './program.ts';
import { samplesOf, type Samples } from './samples.ts';

/** A run of Prefect's worker takes a poll of 10 s and a start of some seconds. */
const RUN_MS_MAX = 180_000;
const START_MS_MAX = 180_000;
/** Whoever is told to end drains for so long. */
const STOP_MS_MAX = 15_000;

/** Between two runs through a worker: what stands ready for the next one is started again meanwhile. */
const PAUSE_MS = 1500;

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'ostinato.js');
/** Where the flows are, and how runs of them are told from a worker. */
export const OUR_FLOWS = { path: join(import.meta.dirname, 'programs'), file: 'deployed-flows.ts' };
export const PREFECT_FLOWS = { path: join(import.meta.dirname, 'prefect'), file: 'deployed_flows.py' };
export const POOL = 'bench';

export interface Taker {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a program that goes on while something is measured, in a process group of its own. */
export function startTaker({ command, args, env = {}, cwd }: Program): Taker {
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...cleanEnvironment(), ...env },
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // All of the group has ended.
    }
  };
  const killNow = (): void => signal('SIGKILL');
  process.once('exit', killNow);
  return {
    pid: child.pid as number,
    async stop() {
      signal('SIGTERM');
      await Promise.race([ended, delay(STOP_MS_MAX, undefined, { ref: false })]);
      killNow();
      process.off('exit', killNow);
    },
  };
}

/** Our worker. @param path folders with programs that its runs find before others, such as a Python */
export function startOurWorker(home: string, apiUrl: string, path: readonly string[] = []): Taker {
  return startTaker({
    command: process.execPath,
    args: [LAUNCHER, 'worker', 'start', '-p', POOL],
    env: { OSTINATO_HOME: home, OSTINATO_API_URL: apiUrl, PATH: [...path, process.env['PATH'] ?? ''].join(':') },
    cwd: home,
  });
}

/** Prefect's, with its default settings. */
export function startPrefectWorker(bench: Bench, apiUrl: string): Taker {
  const home = bench.freshFolder();
  const { command, environment } = bench.prefectCommand(home, apiUrl);
  return startTaker({ command, args: ['worker', 'start', '-p', POOL, '-t', 'process'], env: environment, cwd: home });
}

/** A program of ours that serves the flows. */
export function startOurServing(home: string, apiUrl: string): Taker {
  return startTaker({
    command: process.execPath,
    args: [join(OUR_FLOWS.path, OUR_FLOWS.file)],
    env: { OSTINATO_HOME: home, OSTINATO_API_URL: apiUrl, OSTINATO_LOG_LEVEL: 'warning' },
    cwd: home,
  });
}

/** The same with Prefect. */
export function startPrefectServing(bench: Bench, apiUrl: string): Taker {
  const home = bench.freshFolder();
  const { python, environment } = bench.prefectCommand(home, apiUrl);
  return startTaker({
    command: python,
    args: [join(PREFECT_FLOWS.path, PREFECT_FLOWS.file)],
    env: environment,
    cwd: home,
  });
}

/** Of a deployment that a program serves, as soon as it is there. */
export async function servedDeployment(apiUrl: string, flow: string, name: string): Promise<string> {
  return await until(`the deployment ${flow}/${name}`, START_MS_MAX, async () => {
    const found = await ask<{ id?: string }>(apiUrl, 'GET', `/deployments/name/${flow}/${name}`);
    return found.id ?? null;
  });
}

/** In the pool, whose worker is there. Answers the id. */
export async function deploy(
  apiUrl: string,
  flowName: string,
  { path, file }: { readonly path: string; readonly file: string },
): Promise<string> {
  const flow = await ask<{ id: string }>(apiUrl, 'POST', '/flows/', { name: flowName });
  // The worker makes its pool.
  await until(`a worker of the pool ${POOL}`, START_MS_MAX, async () => {
    const workers = await ask<unknown>(apiUrl, 'POST', `/work_pools/${POOL}/workers/filter`, {});
    return Array.isArray(workers) && workers.length > 0 ? true : null;
  });
  const place = { work_pool_name: POOL, path, entrypoint: `${file}:${flowName}` };
  const body = { name: `${flowName} ${file}`, flow_id: flow.id, ...place };
  return (await ask<{ id: string }>(apiUrl, 'POST', '/deployments/', body)).id;
}

/** Of `count` runs of the flow, one after the other, through our worker on a server of its own. */
export async function timesWithOurWorker(
  bench: Bench,
  flowName: string,
  {
    flows = OUR_FLOWS,
    count,
    warmUp,
  }: { readonly flows?: typeof OUR_FLOWS; readonly count: number; readonly warmUp: number },
): Promise<readonly RunTimes[]> {
  const home = bench.freshFolder();
  const server = await startOurServer(home);
  const path = flows === PREFECT_FLOWS ? [dirname(bench.prefectCommand(home, '').python)] : [];
  const worker = startOurWorker(home, server.apiUrl, path);
  try {
    const id = await deploy(server.apiUrl, flowName, flows);
    return await bench.alone(() => timesOfRuns(server.apiUrl, id, { count, warmUp, pauseMs: PAUSE_MS }));
  } finally {
    await worker.stop();
    await server.stop();
  }
}

/** The same with Prefect. */
export async function timesWithPrefectWorker(
  bench: Bench,
  flowName: string,
  count: number,
): Promise<readonly RunTimes[]> {
  const apiUrl = await bench.prefectApiUrl();
  const worker = startPrefectWorker(bench, apiUrl);
  try {
    const id = await deploy(apiUrl, flowName, PREFECT_FLOWS);
    return await timesOfRuns(apiUrl, id, { count, warmUp: 1, pauseMs: PAUSE_MS });
  } finally {
    await worker.stop();
  }
}

/** Asks for one run. @param dueAtMs of the epoch; default: it is due now */
export async function askForRun(apiUrl: string, deployment: string, dueAtMs?: number): Promise<string> {
  const due = dueAtMs === undefined ? {} : { state_details: { scheduled_time: new Date(dueAtMs).toISOString() } };
  const state = { type: 'SCHEDULED', ...due };
  return (await ask<{ id: string }>(apiUrl, 'POST', `/deployments/${deployment}/create_flow_run`, { state })).id;
}

interface WireState {
  readonly type: string;
  readonly timestamp: string;
  readonly state_details: { readonly scheduled_time: string | null };
}

/** Microseconds from the time at which a run was due, by the times of its states. */
export interface RunTimes {
  readonly running: number;
  readonly completed: number;
}

/** Waits until the run is completed. */
export async function timesOfRun(apiUrl: string, run: string): Promise<RunTimes> {
  return await until(`the end of run ${run}`, RUN_MS_MAX, async () => {
    const states = await ask<readonly WireState[]>(apiUrl, 'GET', `/flow_run_states/?flow_run_id=${run}`);
    const ended = states.find(({ type }) => ENDS.has(type));
    if (ended === undefined) return null;
    if (ended.type !== 'COMPLETED') throw new Error(`run ${run} is ${ended.type}`);
    const running = states.find(({ type }) => type === 'RUNNING') as WireState;
    const scheduled = states.find(({ type }) => type === 'SCHEDULED')?.state_details.scheduled_time as string;
    const since = microseconds(scheduled);
    return { running: microseconds(running.timestamp) - since, completed: microseconds(ended.timestamp) - since };
  });
}

const ENDS = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']);

export interface Asking {
  readonly count: number;
  /** Run before, and not counted. */
  readonly warmUp: number;
  /** Between two runs. */
  readonly pauseMs: number;
  /** Default: each run is due when it is asked for. */
  readonly dueInMs?: number;
}

/** One run after the other. */
export async function timesOfRuns(
  apiUrl: string,
  deployment: string,
  { count, warmUp, pauseMs, dueInMs }: Asking,
): Promise<RunTimes[]> {
  const times: RunTimes[] = [];
  for (let index = -warmUp; index < count; index += 1) {
    await delay(pauseMs);
    const dueAtMs = dueInMs === undefined ? undefined : Date.now() + dueInMs;
    const time = await timesOfRun(apiUrl, await askForRun(apiUrl, deployment, dueAtMs));
    if (index >= 0) times.push(time);
  }
  return times;
}

/** The 99th of a hundred: of fewer, the last. */
export function p99Of(values: readonly number[]): Samples {
  const sorted = values.toSorted((a, b) => a - b);
  return samplesOf([sorted[Math.ceil(0.99 * sorted.length) - 1] as number]);
}

/** The digits behind the milliseconds, which `Date` does not keep, count too. */
export function microseconds(text: string): number {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return Date.parse(text.replace(/\.\d+/, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** Asks until there is an answer. */
export async function until<T>(what: string, msMax: number, look: () => Promise<T | null>): Promise<T> {
  const endsAt = performance.now() + msMax;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > endsAt) throw new Error(`${what} did not come within ${msMax / 1000} s`);
    await delay(50);
  }
}

export async function ask<T>(apiUrl: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}
