/** From the time at which a run is due until it runs, in an idle worker; Prefect's worker beside it. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { startOurServer } from '../our-server.ts';
import { cleanEnvironment } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const POOL = 'bench';
/** A run of Prefect's worker takes a poll of 10 s and a start of some seconds. */
const RUN_MS_MAX = 120_000;
/** Between two runs: what stands ready for the next one is started again meanwhile. */
const PAUSE_MS = 1500;

export const due: Figure = {
  name: 'due',
  title: 'A run that is due, until it runs: in an idle process worker',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const count = bench.quick ? 10 : 100;
    const ours = await measureOurs(bench, count);
    const prefect = bench.withPrefect ? await measurePrefect(bench, bench.quick ? 2 : 5) : [];
    const sorted = ours.toSorted((a, b) => a - b);
    const high = sorted[Math.ceil(0.99 * sorted.length) - 1] as number;
    const row = (what: string, values: readonly number[], below: number): Row => ({
      figure: 'due',
      what,
      unit: 'microseconds',
      goals: [
        { kind: 'below', value: below },
        { kind: 'times-less', factor: 10 },
      ],
      ours: samplesOf(values),
      peer: prefectPeer(prefect),
    });
    return [
      row('a run that is due, until it runs (process worker, warm)', ours, 100_000),
      row('the same, 99 of 100', [high], 100_000),
    ];
  },
};

async function measureOurs(bench: Bench, count: number): Promise<number[]> {
  const home = bench.freshFolder();
  const server = await startOurServer(home);
  const worker = startWorker(
    process.execPath,
    [join(ROOT, 'bin', 'ostinato.js'), 'worker', 'start', '-p', POOL],
    { OSTINATO_HOME: home, OSTINATO_API_URL: server.apiUrl },
    home,
  );
  try {
    const id = await deploy(server.apiUrl, {
      entrypoint: 'due-flow.ts:due',
      path: join(import.meta.dirname, '..', 'programs'),
    });
    return await bench.alone(() => timesOf(server.apiUrl, id, count));
  } finally {
    await worker.stop();
    await server.stop();
  }
}

async function measurePrefect(bench: Bench, count: number): Promise<number[]> {
  const apiUrl = await bench.prefectApiUrl();
  const home = bench.freshFolder();
  const { command, environment } = bench.prefectCommand(home, apiUrl);
  const worker = startWorker(command, ['worker', 'start', '-p', POOL, '-t', 'process'], environment, home);
  try {
    const id = await deploy(apiUrl, {
      entrypoint: 'due_flow.py:due',
      path: join(import.meta.dirname, '..', 'prefect'),
    });
    return await timesOf(apiUrl, id, count);
  } finally {
    await worker.stop();
  }
}

function startWorker(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): { readonly stop: () => Promise<void> } {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...cleanEnvironment(), ...environment },
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
  process.once('exit', () => signal('SIGKILL'));
  return {
    async stop() {
      signal('SIGTERM');
      await Promise.race([ended, delay(10_000, undefined, { ref: false })]);
      signal('SIGKILL');
    },
  };
}

/** In a pool whose worker is there. Answers the id. */
async function deploy(apiUrl: string, place: Readonly<Record<string, string>>): Promise<string> {
  const flow = await ask<{ id: string }>(apiUrl, 'POST', '/flows/', { name: 'due' });
  // The worker makes its pool.
  for (;;) {
    const workers = await ask<unknown>(apiUrl, 'POST', `/work_pools/${POOL}/workers/filter`, {});
    if (Array.isArray(workers) && workers.length > 0) break;
    await delay(100);
  }
  const body = { name: 'due', flow_id: flow.id, work_pool_name: POOL, ...place };
  return (await ask<{ id: string }>(apiUrl, 'POST', '/deployments/', body)).id;
}

/** Microseconds, of one run after the other; two are run before to warm up. */
async function timesOf(apiUrl: string, deployment: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = -2; index < count; index += 1) {
    await delay(PAUSE_MS);
    const { id } = await ask<{ id: string }>(apiUrl, 'POST', `/deployments/${deployment}/create_flow_run`, {
      state: { type: 'SCHEDULED' },
    });
    const time = await timeOf(apiUrl, id);
    if (index >= 0) times.push(time);
  }
  return times;
}

interface WireState {
  readonly type: string;
  readonly timestamp: string;
  readonly state_details: { readonly scheduled_time: string | null };
}

async function timeOf(apiUrl: string, run: string): Promise<number> {
  const until = performance.now() + RUN_MS_MAX;
  for (;;) {
    const states = await ask<readonly WireState[]>(apiUrl, 'GET', `/flow_run_states/?flow_run_id=${run}`);
    const running = states.find(({ type }) => type === 'RUNNING');
    const scheduled = states.find(({ type }) => type === 'SCHEDULED')?.state_details.scheduled_time ?? null;
    if (running && scheduled && states.some(({ type }) => type === 'COMPLETED'))
      return microseconds(running.timestamp) - microseconds(scheduled);
    if (performance.now() > until) throw new Error(`the run is ${states.at(-1)?.type ?? 'nowhere'}`);
    await delay(50);
  }
}

/** The digits behind the milliseconds, which `Date` does not keep, count too. */
function microseconds(text: string): number {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return Date.parse(text.replace(/\.\d+/, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

async function ask<T>(apiUrl: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}
