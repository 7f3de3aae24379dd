/**
 * Takes what is due of a pool as a worker does, and ends each run at once, without a process: `take-due API_URL POOL
 * SECONDS`. Says for each how late it was told of it: microseconds, as JSON.
 */

import { setTimeout as delay } from 'node:timers/promises';

import { openDueChannel, type DueRun } from '../../src/client/http/due-channel.ts';
import { createClock } from '../../src/platform/clock.ts';
import { formatInstant } from '../../src/core/time.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { ask, microseconds } from '../deployed.ts';

const [apiUrl, pool, seconds] = process.argv.slice(2) as [string, string, string];
const clock = createClock();
const processId = createIdSource().next();
const startedAt = clock.now();
const me = { id: processId, pid: process.pid, host: 'bench', start_mark: null, command: 'take-due' };
const times = { started_at: formatInstant(startedAt), heartbeat_at: formatInstant(startedAt) };

interface WireRun {
  readonly expected_start_time: string;
}

const late: number[] = [];
const taking = new Set<Promise<void>>();

async function take({ id }: DueRun, toldAt: number): Promise<void> {
  const claimed = await ask<{ lease_token: number | null }>(apiUrl, 'POST', `/ostinato/flow_runs/${id}/claim`, {
    process_id: processId,
  });
  if (claimed.lease_token === null) return;
  const { expected_start_time: due } = await ask<WireRun>(apiUrl, 'GET', `/flow_runs/${id}`);
  late.push(toldAt - microseconds(due));
  await ask(apiUrl, 'POST', `/flow_runs/${id}/set_state`, { state: { type: 'COMPLETED' }, force: true });
}

await ask(apiUrl, 'POST', '/ostinato/processes', { ...me, ...times });
const channel = openDueChannel({
  apiUrl,
  secret: null,
  listenFor: { type: 'listen', work_pool: pool, work_queues: [] },
  clock,
  connect: (url, protocol) => new WebSocket(url, protocol),
  onDue: (runs) => {
    const toldAt = clock.now();
    for (const run of runs) {
      const taken = take(run, toldAt).finally(() => taking.delete(taken));
      taking.add(taken);
    }
  },
  onCancelling: () => {},
  onListening: () => {},
});
await delay(Number(seconds) * 1000);
channel.close();
await Promise.all(taking);
console.log(JSON.stringify({ late }));
