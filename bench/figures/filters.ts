/** Each way to narrow the page of runs over 20,000 runs, as the page asks for it, and the search over everything. */

import { join } from 'node:path';

import type { Bench, Figure } from '../bench.ts';
import { connect } from '../load.ts';
import { startOurServer } from '../our-server.ts';
import { samplesOf } from '../samples.ts';

const RUNS = 20_000;
/** A person takes less for at once. */
const AT_ONCE_MICROSECONDS = 100_000;
const DAY_MS = 86_400_000;

interface Asked {
  readonly what: string;
  readonly path: string;
  readonly body: object;
}

/** @param flowId of a quarter of the runs @param runId of one of them */
function questions(now: number, flowId: string, runId: string): readonly Asked[] {
  const page = (
    what: string,
    narrowed: object,
    { days = 90, flows = {}, ...more }: { days?: number; flows?: object; sort?: string; offset?: number } = {},
  ): Asked => {
    const start = new Date(now - days * DAY_MS).toISOString();
    const end = new Date(now + 3_600_000).toISOString();
    const own = { parent_task_run_id: { is_null_: true } };
    return {
      what: `page of ${RUNS} runs: ${what}`,
      path: '/ui/pages/runs',
      body: {
        flow_runs: { expected_start_time: { after_: start, before_: end }, ...own, ...narrowed },
        chart: { flow_runs: { ...own, ...narrowed, state: undefined }, ...flows },
        ...flows,
        history_start: start,
        history_end: end,
        history_interval_seconds: days * 2 * 3600,
        limit: 50,
        offset: 0,
        ...more,
      },
    };
  };
  const search = (what: string, text: string): Asked => ({
    what: `search among ${RUNS} runs: ${what}`,
    path: '/ui/pages/search',
    body: { text },
  });
  return [
    page('all', {}),
    page('by state', { state: { type: { any_: ['FAILED', 'CRASHED'] } } }),
    page('by flow', {}, { flows: { flows: { id: { any_: [flowId] } } } }),
    page('by tag', { tags: { all_: ['nightly'] } }),
    page('by name', { name: { like_: 'run-1234' } }),
    page('by a name that none has', { name: { like_: 'nothing' } }),
    page('of a day', {}, { days: 1 }),
    page('by name, in order', {}, { sort: 'NAME_ASC' }),
    page('last ended first', {}, { sort: 'END_TIME_DESC' }),
    page('its last page', {}, { offset: RUNS - 50 }),
    page(
      'by all at once',
      { name: { like_: 'run-1' }, tags: { all_: ['nightly'] }, state: { type: { any_: ['COMPLETED'] } } },
      { flows: { flows: { id: { any_: [flowId] } } } },
    ),
    search('a name', 'run-1234'),
    search('a name that none has', 'nothing'),
    search('an id', runId),
    search('the first digits of an id', runId.slice(0, 8)),
  ];
}

export const filters: Figure = {
  name: 'filters',
  title: `The page of runs narrowed in each way, over ${RUNS} flow runs`,
  async measure(bench: Bench) {
    const home = bench.freshFolder();
    bench.say(`  Filling a database with ${RUNS} flow runs`);
    bench.runOurs('fill-runs', [RUNS, join(home, 'ostinato.db')], home);
    const server = await startOurServer(home);
    const viewer = connect(server.apiUrl, 1);
    try {
      const [run] = JSON.parse(
        (await viewer.send('POST', '/flow_runs/filter', { limit: 1, sort: 'NAME_ASC' })).text,
      ) as { readonly id: string; readonly flow_id: string }[];
      if (run === undefined) throw new Error('the database was not filled');
      const times = new Map<string, number[]>();
      // The first of each compiles and reads what the others find in memory, and counts too.
      for (let repeat = 0; repeat < (bench.quick ? 5 : 20); repeat += 1) {
        for (const { what, path, body } of questions(Date.now(), run.flow_id, run.id)) {
          const askedAt = performance.now();
          const { status, text } = await viewer.send('POST', path, body);
          if (status !== 200) throw new Error(`${what}: ${status} ${text.slice(0, 500)}`);
          times.set(what, [...(times.get(what) ?? []), (performance.now() - askedAt) * 1000]);
        }
      }
      return [...times].map(([what, values]) => ({
        figure: 'filters',
        what,
        unit: 'microseconds' as const,
        peer: null,
        ours: samplesOf(values),
        goals: [{ kind: 'below' as const, value: AT_ONCE_MICROSECONDS }],
      }));
    } finally {
      viewer.close();
      await server.stop();
    }
  },
};
