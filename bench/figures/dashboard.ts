/** A dashboard over a million runs, while sixteen callers set states as fast as they are answered. */

import { join } from 'node:path';

import type { Bench, Figure } from '../bench.ts';
import { connect, load, type Load } from '../load.ts';
import { startOurServer } from '../our-server.ts';
import { samplesOf } from '../samples.ts';

const CONNECTIONS = 16;
/**
 * A history has a row for each name in each of its intervals. People make some names of their own, not one for each
 * run.
 */
const STATE_NAMES = 10;

/** What the page of runs asks for. */
function dashboardOf(now: number): readonly (readonly [what: string, path: string, body: unknown])[] {
  const start = new Date(now - 7 * 24 * 3600 * 1000).toISOString();
  const week = { history_start: start, history_end: new Date(now).toISOString(), history_interval_seconds: 86_400 };
  const shown = {
    expected_start_time: { after_: start, before_: new Date(now + 3600 * 1000).toISOString() },
    parent_task_run_id: { is_null_: true },
  };
  const bars = {
    history_start: start,
    history_end: new Date(now).toISOString(),
    history_interval_seconds: 10_800,
    flow_runs: { parent_task_run_id: { is_null_: true } },
  };
  return [
    [
      'page of runs: all of it',
      '/ui/pages/runs',
      {
        ...bars,
        flow_runs: shown,
        chart: { flow_runs: { parent_task_run_id: { is_null_: true } } },
        limit: 50,
        offset: 0,
      },
    ],
    ['page of flows: all of it', '/ui/pages/flows', { limit: 50, recent_runs: 24 }],
    [
      'page of runs: the list',
      '/flow_runs/filter',
      { limit: 50, offset: 0, sort: 'EXPECTED_START_TIME_DESC', flow_runs: shown },
    ],
    ['page of runs: the count', '/flow_runs/count', { flow_runs: shown }],
    ['page of runs: the chart', '/flow_runs/history', bars],
    ['page of runs: the chart of a flow', '/flow_runs/history', { ...bars, flows: { name: { any_: ['train'] } } }],
    ['the last 50 runs', '/flow_runs/filter', { limit: 50, sort: 'START_TIME_DESC' }],
    [
      'the last 50 failed runs of a flow',
      '/flow_runs/filter',
      {
        limit: 50,
        sort: 'START_TIME_DESC',
        flows: { name: { any_: ['train'] } },
        flow_runs: { state: { type: { any_: ['FAILED', 'CRASHED'] } } },
      },
    ],
    [
      'failed runs of a week, counted',
      '/flow_runs/count',
      { flow_runs: { state: { type: { any_: ['FAILED'] } }, expected_start_time: { after_: start } } },
    ],
    ['states of a week, in 7 buckets', '/flow_runs/history', week],
    [
      'states of a month, in 30 buckets',
      '/flow_runs/history',
      { ...week, history_start: new Date(now - 30 * 24 * 3600 * 1000).toISOString() },
    ],
    ['states of a week, of a flow', '/flow_runs/history', { ...week, flows: { name: { any_: ['train'] } } }],
    [
      'the last 50 runs with a tag',
      '/flow_runs/filter',
      { limit: 50, sort: 'EXPECTED_START_TIME_DESC', flow_runs: { tags: { all_: ['nightly'] } } },
    ],
    [
      '50 runs by a part of the name',
      '/flow_runs/filter',
      { limit: 50, sort: 'EXPECTED_START_TIME_DESC', flow_runs: { name: { like_: 'run-1234' } } },
    ],
    ['all runs, counted', '/flow_runs/count', {}],
    ['1000 runs as points', '/ui/flow_runs/history', { limit: 1000, sort: 'START_TIME_DESC' }],
  ];
}

export const dashboard: Figure = {
  name: 'dashboard',
  title: 'A dashboard over a million flow runs, beside callers who set states over 16 connections',
  async measure(bench: Bench) {
    const count = bench.quick ? 100_000 : 1_000_000;
    const home = bench.freshFolder();
    bench.say(`  Filling a database with ${count} flow runs`);
    bench.runOurs('fill-runs', [count, join(home, 'ostinato.db')], home);
    const server = await startOurServer(home);
    const client = connect(server.apiUrl, CONNECTIONS);
    const viewer = connect(server.apiUrl, 1);
    const times = new Map<string, number[]>();
    try {
      const flowId = (
        JSON.parse((await client.send('POST', '/flows/', { name: 'load' })).text) as { readonly id: string }
      ).id;
      const ids: string[] = [];
      await load(CONNECTIONS, 2, async () => {
        const made = await client.send('POST', '/flow_runs/', { flow_id: flowId, state: { type: 'PENDING' } });
        ids.push((JSON.parse(made.text) as { readonly id: string }).id);
        return made;
      });
      let isOver = false;
      const viewing = (async (): Promise<void> => {
        while (!isOver) {
          for (const [what, path, body] of dashboardOf(Date.now())) {
            const askedAt = performance.now();
            const { status, text } = await viewer.send('POST', path, body);
            if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 500)}`);
            times.set(what, [...(times.get(what) ?? []), (performance.now() - askedAt) * 1000]);
          }
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
      })();
      const states: Load = await load(CONNECTIONS, bench.quick ? 5 : 15, (n) =>
        client.send('POST', `/flow_runs/${ids[n % ids.length] as string}/set_state`, {
          state: { type: 'RUNNING', name: `Step ${n % STATE_NAMES}` },
          force: true,
        }),
      );
      isOver = true;
      await viewing;
      return [
        ...[...times].map(([what, values]) => ({
          figure: 'dashboard',
          what: `${what}, of ${count}`,
          unit: 'microseconds' as const,
          peer: null,
          ours: samplesOf(values),
          goals: [{ kind: 'below' as const, value: 200_000 }],
        })),
        {
          figure: 'dashboard',
          what: 'states set meanwhile, 99 of 100 within',
          unit: 'microseconds' as const,
          peer: null,
          ours: samplesOf([states.p99Microseconds]),
          goals: [{ kind: 'below' as const, value: 20_000 }],
        },
      ];
    } finally {
      client.close();
      viewer.close();
      await server.stop();
    }
  },
};
