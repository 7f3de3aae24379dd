/**
 * Events in over a WebSocket, until the server shows all of them; beside Prefect's server, and beside a bare batch
 * writer of the same rows.
 */

import { join } from 'node:path';

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { sendEvents } from '../events-socket.ts';
import { connect } from '../load.ts';
import { startOurServer } from '../our-server.ts';
import { samplesOf } from '../samples.ts';
import { bareWriterTime } from './bare-writer.ts';

/** As the server gathers them. */
const BATCH = 512;
const TABLES = [
  "event WHERE name = 'bench.measured'",
  'event_body',
  "event_resource WHERE resource_id LIKE 'bench.%' OR role <> ''",
];

export const events: Figure = {
  name: 'events',
  title: 'Events in over a WebSocket, until all can be listed',
  async measure(bench: Bench) {
    const [count, prefectCount] = bench.quick ? [5000, 400] : [20_000, 2000];
    const ours: number[] = [];
    const prefect: number[] = [];
    const bare: number[] = [];
    for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat += 1) {
      const home = bench.freshFolder();
      ours.push(
        await bench.alone(async () => {
          const server = await startOurServer(home);
          const time = await timeEach(server.apiUrl, count);
          await server.stop();
          return time;
        }),
      );
      bare.push(bareWriterTime(bench, join(home, 'ostinato.db'), count, BATCH, TABLES));
      if (bench.withPrefect) prefect.push(await timeEach(await bench.prefectApiUrl(), prefectCount));
    }
    return [
      {
        figure: 'events',
        what: 'event in over a WebSocket, listed',
        unit: 'microseconds',
        ours: samplesOf(ours),
        peer: prefectPeer(prefect, true),
        goals: [{ kind: 'times-less', factor: 50 }],
      },
      {
        figure: 'events',
        what: 'event in, beside the limit',
        unit: 'microseconds',
        ours: samplesOf(ours),
        peer: { name: 'bare batch writer', samples: samplesOf(bare), paired: true },
        goals: [],
      },
    ];
  },
};

/** Before the clock runs, on both sides: what is loaded and compiled with the first events is not counted. */
const WARM_UP = 2000;

async function timeEach(apiUrl: string, count: number): Promise<number> {
  const client = connect(apiUrl, 1);
  try {
    await sendEvents(apiUrl, client, Math.min(count, WARM_UP));
    return (await sendEvents(apiUrl, client, count)) / count;
  } finally {
    client.close();
  }
}
