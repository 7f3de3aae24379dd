/** The inside of one flow run with very many task runs, as its page asks for it. */

import { join } from 'node:path';

import type { Bench, Figure } from '../bench.ts';
import { connect } from '../load.ts';
import { residentBytes, startOurServer } from '../our-server.ts';
import type { Goal, Row, Unit } from '../row.ts';
import { samplesOf } from '../samples.ts';

const REPEATS = 5;
/** Up to here the picture is whole. */
const FOLDED_FROM = 10_001;
const SECOND = 1_000_000;
const BYTES_MAX = 15_000;
const MEMORY_MAX = 400_000_000;

interface Inside {
  readonly is_folded: boolean;
  readonly groups: readonly { readonly key: string }[];
}

export const inside: Figure = {
  name: 'inside',
  title: 'The page of a flow run with up to a million task runs',
  async measure(bench: Bench) {
    const rows: Row[] = [];
    for (const count of bench.quick ? [9000, 100_000] : [9000, 100_000, 1_000_000])
      rows.push(...(await measureOne(bench, count)));
    return rows;
  },
};

async function measureOne(bench: Bench, count: number): Promise<readonly Row[]> {
  const home = bench.freshFolder();
  bench.say(`  Filling a flow run with ${count} task runs`);
  bench.runOurs('fill-task-runs', [count, join(home, 'ostinato.db'), count], home);
  const server = await startOurServer(home);
  const client = connect(server.apiUrl, 1);
  const row = (what: string, values: readonly number[], unit: Unit, goals: readonly Goal[] = []): Row => ({
    figure: 'inside',
    what: `${what}, of ${count}`,
    unit,
    peer: null,
    ours: samplesOf(values),
    goals,
  });
  /** Of each repeat, microseconds; and the last answer. */
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly times: number[]; readonly text: string }> => {
    const times: number[] = [];
    let answer = '';
    for (let at = 0; at < REPEATS; at += 1) {
      const askedAt = performance.now();
      const { status, text } = await client.send(method, path, body);
      if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 500)}`);
      times.push((performance.now() - askedAt) * 1000);
      answer = text;
    }
    return { times, text: answer };
  };
  try {
    const [run] = JSON.parse((await client.send('POST', '/flow_runs/filter', { limit: 1 })).text) as [
      { readonly id: string },
    ];
    const page = `/ui/pages/flow_runs/${run.id}/inside`;
    const picture = await ask('GET', page);
    const { is_folded: isFolded, groups } = JSON.parse(picture.text) as Inside;
    if (isFolded !== count >= FOLDED_FROM) throw new Error(`${count} task runs are ${isFolded ? '' : 'not '}folded`);
    const goals = (value: number): readonly Goal[] => (count === 100_000 ? [{ kind: 'below', value }] : []);
    const group =
      groups[0] === undefined
        ? []
        : [
            row(
              'a page of a group',
              (await ask('POST', `${page}/group`, { key: groups[0].key })).times,
              'microseconds',
            ),
          ];
    const table = await ask('POST', `${page}/rows`, {});
    return [
      row('picture of the inside', picture.times, 'microseconds', goals(SECOND)),
      row('its answer', [Buffer.byteLength(picture.text)], 'bytes', goals(BYTES_MAX)),
      ...group,
      row('table of the inside', table.times, 'microseconds'),
      row('memory of the server then', [residentBytes(server.pid)], 'bytes', [{ kind: 'below', value: MEMORY_MAX }]),
    ];
  } finally {
    client.close();
    await server.stop();
  }
}
