/** A worker that has nothing to do: its memory and its processor time; Prefect's beside it. */

import { setTimeout as delay } from 'node:timers/promises';

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { deploy, OUR_FLOWS, PREFECT_FLOWS, startOurWorker, startPrefectWorker, timesOfRuns } from '../deployed.ts';
import { ownResidentBytes, residentBytes, startOurServer } from '../our-server.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';
import { useWhile } from './schedules.ts';

/** After its last run: what stands ready is started again, and memory is given back. */
const SETTLE_MS = 15_000;
/** Of one core: 0.1 % is a thousand microseconds a second. */
const PROCESSOR_GOAL = 1000;
const MEMORY_GOAL = 100e6;

interface Idle {
  readonly own: number;
  readonly all: number;
  readonly microsecondsASecond: number;
}

export const idle: Figure = {
  name: 'idle',
  title: 'A process worker that has nothing to do',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const ms = bench.quick ? 20_000 : 120_000;
    const { worker, server } = await measureOurs(bench, ms);
    const prefect = bench.withPrefect ? await measurePrefect(bench, ms) : null;
    const peer = (value: number | undefined) => prefectPeer(value === undefined ? [] : [value]);
    const row = (
      what: string,
      unit: Row['unit'],
      value: number,
      goal: number | null,
      beside: number | undefined,
    ): Row => ({
      figure: 'idle',
      what,
      unit,
      goals: goal === null ? [] : [{ kind: 'below', value: goal }],
      ours: samplesOf([value]),
      peer: peer(beside),
    });
    return [
      row('idle worker, memory', 'bytes', worker.own, MEMORY_GOAL, prefect?.own),
      row('the same, with the process that stands ready', 'bytes', worker.all, null, prefect?.all),
      row(
        'idle worker, processor time a second',
        'microseconds',
        worker.microsecondsASecond,
        PROCESSOR_GOAL,
        prefect?.microsecondsASecond,
      ),
      row('its server, processor time a second', 'microseconds', server, null, undefined),
    ];
  },
};

async function measureOurs(bench: Bench, ms: number): Promise<{ readonly worker: Idle; readonly server: number }> {
  const home = bench.freshFolder();
  const server = await startOurServer(home);
  const worker = startOurWorker(home, server.apiUrl);
  try {
    const id = await deploy(server.apiUrl, 'due', OUR_FLOWS);
    await timesOfRuns(server.apiUrl, id, { count: 1, warmUp: 1, pauseMs: 1500 });
    await delay(SETTLE_MS);
    return await bench.alone(async () => {
      const [used, serving] = await Promise.all([useWhile(worker.pid, ms), useWhile(server.pid, ms)]);
      return { worker: idleOf(worker.pid, used.microsecondsASecond), server: serving.microsecondsASecond };
    });
  } finally {
    await worker.stop();
    await server.stop();
  }
}

async function measurePrefect(bench: Bench, ms: number): Promise<Idle> {
  const apiUrl = await bench.prefectApiUrl();
  const worker = startPrefectWorker(bench, apiUrl);
  try {
    const id = await deploy(apiUrl, 'due', PREFECT_FLOWS);
    await timesOfRuns(apiUrl, id, { count: 1, warmUp: 0, pauseMs: 0 });
    await delay(SETTLE_MS);
    return idleOf(worker.pid, (await useWhile(worker.pid, ms)).microsecondsASecond);
  } finally {
    await worker.stop();
  }
}

function idleOf(pid: number, microsecondsASecond: number): Idle {
  return { own: ownResidentBytes(pid), all: residentBytes(pid), microsecondsASecond };
}
