/**
 * A server whose file holds ten million task runs, beside one with ten thousand: what callers wait for stays the same.
 */

import { statSync } from 'node:fs';
import { join } from 'node:path';

import type { Bench, Figure } from '../bench.ts';
import { sendEvents } from '../events-socket.ts';
import { connect, load } from '../load.ts';
import { residentBytes, startOurServer } from '../our-server.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

const CONNECTIONS = 16;
const SMALL = 10_000;
/** What is found by a tree is found by at most a level more. */
const GROWTH_MAX = 1.5;

interface Costs {
  readonly [what: string]: number;
}

export const tenMillion: Figure = {
  name: 'ten-million',
  title: 'A server with ten million task runs in its file, beside one with ten thousand',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const count = bench.quick ? 300_000 : 10_000_000;
    const [small, large] = [await filled(bench, SMALL), await filled(bench, count)];
    const costs: [Costs[], Costs[]] = [[], []];
    for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat += 1) {
      costs[0].push(await measure(bench, small));
      costs[1].push(await measure(bench, large));
    }
    const rows = Object.keys(costs[0][0] ?? {}).map((what): Row => {
      const isMemory = what.startsWith('memory');
      return {
        figure: 'ten-million',
        what: `${what}, ${count} task runs`,
        unit: isMemory ? 'bytes' : 'microseconds',
        ours: samplesOf(costs[1].map((cost) => cost[what] as number)),
        peer: {
          name: `${SMALL} task runs`,
          samples: samplesOf(costs[0].map((cost) => cost[what] as number)),
          paired: true,
        },
        goals: [{ kind: 'within', factor: GROWTH_MAX }],
      };
    });
    const size = {
      figure: 'ten-million',
      what: `database, ${count} task runs`,
      unit: 'bytes',
      ours: samplesOf([statSync(join(large, 'ostinato.db')).size]),
      peer: null,
      goals: [],
    } as const;
    return [...rows, size];
  },
};

async function filled(bench: Bench, count: number): Promise<string> {
  const home = bench.freshFolder();
  bench.say(`  Filling a database with ${count} task runs`);
  bench.runOurs('fill-task-runs', [count, join(home, 'ostinato.db')], home);
  return home;
}

async function measure(bench: Bench, home: string): Promise<Costs> {
  const seconds = bench.quick ? 1 : 3;
  const server = await startOurServer(home);
  const client = connect(server.apiUrl, CONNECTIONS);
  const send = async <T>(path: string, body: unknown): Promise<T> =>
    JSON.parse((await client.send('POST', path, body)).text) as T;
  try {
    const runs = await send<readonly { readonly id: string; readonly flow_id: string }[]>('/flow_runs/filter', {
      limit: 10,
    });
    const runOf = (n: number): string => runs[n % runs.length]?.id as string;
    const made: string[] = [];
    const create = (n: number) =>
      client
        .send('POST', '/task_runs/', {
          flow_run_id: runOf(n),
          task_key: 'made',
          dynamic_key: `${Date.now()}-${n}`,
          state: { type: 'PENDING' },
        })
        .then((answer) => (made.push((JSON.parse(answer.text) as { readonly id: string }).id), answer));
    const each = async (path: string, body: (n: number) => unknown): Promise<number> =>
      (await load(CONNECTIONS, seconds, (n) => client.send('POST', path, body(n)))).microsecondsEach;
    const ofRun = (n: number) => ({ flow_runs: { id: { any_: [runOf(n)] } } });
    // The first of each kind compiles what the others use.
    await each('/task_runs/filter', (n) => ({ ...ofRun(n), limit: 50 }));
    return {
      'task run made': (await load(CONNECTIONS, seconds, create)).microsecondsEach,
      'state of a task run set': (
        await load(CONNECTIONS, seconds, (n) =>
          client.send('POST', `/task_runs/${made[n % made.length] as string}/set_state`, {
            state: { type: 'RUNNING', name: `Step ${n}` },
            force: true,
          }),
        )
      ).microsecondsEach,
      'event in': (await sendEvents(server.apiUrl, client, bench.quick ? 1000 : 5000)) / (bench.quick ? 1000 : 5000),
      '50 task runs of a flow run': await each('/task_runs/filter', (n) => ({ ...ofRun(n), limit: 50 })),
      'task runs of a flow run, counted': await each('/task_runs/count', (n) => ({
        ...ofRun(n),
        task_runs: { state: { type: { any_: ['COMPLETED'] } } },
      })),
      memory: residentBytes(server.pid),
    };
  } finally {
    client.close();
    await server.stop();
  }
}
