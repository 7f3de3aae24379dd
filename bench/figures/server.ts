/** The server under load, with Prefect's server beside it: same generator, same requests, SQLite on both sides. */

import { join } from 'node:path';

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { connect, load, type Client, type Load } from '../load.ts';
import { residentBytes, startOurServer } from '../our-server.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';
import { bareServerTimes } from './bare-server.ts';
import { bareWriterTime } from './bare-writer.ts';

const CONNECTIONS = 16;
const LISTED_RUNS = 10_000;

export interface ServerTimes {
  readonly start: number;
  readonly create: Load;
  readonly setState: Load;
  readonly filter: Load;
  readonly memory: number;
}

/** What is written when a flow run is made, of the first ten thousand. */
const PENDING_EVENTS = `SELECT seq FROM event WHERE name = 'prefect.flow-run.Pending' ORDER BY seq LIMIT ${LISTED_RUNS}`;
const CREATED = [
  `flow_run WHERE rowid <= ${LISTED_RUNS}`,
  `flow_run_state WHERE type = 'PENDING' AND run_id IN (SELECT id FROM flow_run WHERE rowid <= ${LISTED_RUNS})`,
  ...['event', 'event_body', 'event_resource'].map((table) => `${table} WHERE seq IN (${PENDING_EVENTS})`),
];

export const server: Figure = {
  name: 'server',
  title: 'The server under load: flow runs created, moved and listed over 16 connections',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const ours: ServerTimes[] = [];
    const firstStarts: number[] = [];
    const written: number[] = [];
    const prefect: ServerTimes[] = [];
    for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat += 1) {
      firstStarts.push(await bench.alone(() => measureFirstStart(bench.freshFolder())));
      const home = bench.freshFolder();
      ours.push(await bench.alone(() => measureOurs(bench, home)));
      written.push(bareWriterTime(bench, join(home, 'ostinato.db'), LISTED_RUNS, CONNECTIONS, CREATED));
      if (bench.withPrefect) prefect.push(await measurePrefect(bench));
    }
    const bare = await bareServerTimes(bench, CONNECTIONS);
    const row = (
      what: string,
      read: (times: ServerTimes) => number,
      goals: Row['goals'],
      unit: Row['unit'] = 'microseconds',
    ): Row => ({
      figure: 'server',
      what,
      unit,
      goals,
      ours: samplesOf(ours.map(read)),
      peer: prefectPeer(prefect.map(read), true),
    });
    const beside = (
      what: string,
      read: (times: ServerTimes) => number,
      values: readonly number[],
      name = 'bare Node server',
    ): Row => ({
      figure: 'server',
      what,
      unit: 'microseconds',
      goals: [],
      ours: samplesOf(ours.map(read)),
      peer: { name, samples: samplesOf(values), paired: false },
    });
    return [
      {
        ...row('server, first start of a new user', () => 0, [
          { kind: 'times-less', factor: 20 },
          { kind: 'below', value: 500_000 },
        ]),
        ours: samplesOf(firstStarts),
        peer: prefectPeer(
          prefect.map(({ start }) => start),
          true,
        ),
      },
      row('server, start until healthy', ({ start }) => start, [
        { kind: 'times-less', factor: 20 },
        { kind: 'below', value: 500_000 },
      ]),
      row('flow run created, 16 connections', ({ create }) => create.microsecondsEach, [
        { kind: 'times-less', factor: 40 },
      ]),
      row('state set, 16 connections', ({ setState }) => setState.microsecondsEach, [
        { kind: 'times-less', factor: 40 },
      ]),
      row('state set, 99 of 100 within', ({ setState }) => setState.p99Microseconds, [
        { kind: 'below', value: 20_000 },
      ]),
      row(`50 of ${LISTED_RUNS} flow runs listed`, ({ filter }) => filter.microsecondsEach, [
        { kind: 'times-less', factor: 40 },
      ]),
      row('server, memory after the load', ({ memory }) => memory, [{ kind: 'times-less', factor: 2 }], 'bytes'),
      beside('flow run created, beside the limit', ({ create }) => create.microsecondsEach, bare.small),
      beside(
        'flow run created, beside the limit',
        ({ create }) => create.microsecondsEach,
        written,
        'bare batch writer',
      ),
      beside('50 flow runs listed, beside the limit', ({ filter }) => filter.microsecondsEach, bare.list),
    ];
  },
};

/** Nothing is there: no database, and no folder of a user in which an earlier start could have left something. */
async function measureFirstStart(folder: string): Promise<number> {
  const running = await startOurServer(join(folder, '.ostinato'), folder);
  await running.stop();
  return running.startMicroseconds;
}

async function measureOurs(bench: Bench, home: string): Promise<ServerTimes> {
  const running = await startOurServer(home);
  try {
    return await measure(bench, running.apiUrl, LISTED_RUNS, {
      start: running.startMicroseconds,
      memory: () => residentBytes(running.pid),
    });
  } finally {
    await running.stop();
  }
}

async function measurePrefect(bench: Bench): Promise<ServerTimes> {
  const running = await bench.startPrefect();
  try {
    // Ten thousand runs take its server minutes to make: they are put into its list as often as time allows.
    return await measure(bench, running.apiUrl, bench.quick ? 300 : 2000, {
      start: running.startMicroseconds,
      memory: () => residentBytes(running.pid),
    });
  } finally {
    await running.stop();
  }
}

async function measure(
  bench: Bench,
  apiUrl: string,
  runs: number,
  side: { readonly start: number; readonly memory: () => number },
): Promise<ServerTimes> {
  const seconds = bench.quick ? 2 : 5;
  const client = connect(apiUrl, CONNECTIONS);
  try {
    const flowId = (
      JSON.parse((await client.send('POST', '/flows/', { name: 'load' })).text) as { readonly id: string }
    ).id;
    const body = { flow_id: flowId, parameters: { x: 1 }, tags: ['load'], state: { type: 'PENDING' } };
    const ids: string[] = [];
    const create = await load(CONNECTIONS, seconds, async () => {
      const answer = await client.send('POST', '/flow_runs/', body);
      if (answer.status === 201) ids.push((JSON.parse(answer.text) as { readonly id: string }).id);
      return answer;
    });
    const setState = await load(CONNECTIONS, seconds, (n) => {
      const id = ids[n >> 1];
      const state = n % 2 === 0 ? { type: 'RUNNING' } : { type: 'COMPLETED', data: { storage_key: 'x' } };
      return id === undefined ? null : client.send('POST', `/flow_runs/${id}/set_state`, { state });
    });
    await fill(client, runs - ids.length, body);
    const listing = { limit: 50, sort: 'EXPECTED_START_TIME_DESC', flow_runs: { tags: { all_: ['load'] } } };
    const filter = await load(CONNECTIONS, seconds, () => client.send('POST', '/flow_runs/filter', listing));
    for (const [what, { failed, count }] of Object.entries({ create, setState, filter })) {
      if (failed > 0) bench.say(`  ${what}: ${failed} of ${count} requests to ${apiUrl} failed`);
    }
    return { start: side.start, create, setState, filter, memory: side.memory() };
  } finally {
    client.close();
  }
}

async function fill(client: Client, count: number, body: unknown): Promise<void> {
  let left = count;
  await load(CONNECTIONS, 600, () => (left-- > 0 ? client.send('POST', '/flow_runs/', body) : null));
}
