/** What the store takes for its commonest writes on PostgreSQL, beside a bare loop that writes the same rows. */

import { startPostgres } from '../../tests/conformance/postgres-server.ts';
import type { Bench, Figure } from '../bench.ts';
import { reportOf } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

/** Of task runs and events, as clients send them; what the bare loop commits together. */
export const POSTGRES_BATCH = 64;

interface Kind {
  readonly name: 'flow-runs' | 'task-runs' | 'events' | 'variables';
  readonly what: string;
  readonly count: number;
  /** How many transactions one of them takes. */
  readonly transactionsEach: number;
  readonly tables: readonly string[];
}

const KINDS: readonly Kind[] = [
  {
    name: 'flow-runs',
    what: 'flow run made and moved twice',
    count: 500,
    transactionsEach: 3,
    tables: ['flow_run', 'flow_run_state', 'event'],
  },
  {
    name: 'task-runs',
    what: `task run, in batches of ${POSTGRES_BATCH}`,
    count: 12_800,
    transactionsEach: 1 / POSTGRES_BATCH,
    tables: ['task_run', 'task_run_state', 'event'],
  },
  {
    name: 'events',
    what: `event, in batches of ${POSTGRES_BATCH}`,
    count: 12_800,
    transactionsEach: 1 / POSTGRES_BATCH,
    tables: ['event'],
  },
  { name: 'variables', what: 'variable set', count: 1000, transactionsEach: 1, tables: ['variable', 'event'] },
];

interface Report {
  readonly microsecondsEach: number;
}

export const postgres: Figure = {
  name: 'postgres',
  title: 'The store on PostgreSQL, beside a bare loop that writes the same rows',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const server = await startPostgres({ isDurable: true });
    try {
      return KINDS.map((kind) => {
        const { name, what, transactionsEach, tables } = kind;
        const count = bench.quick ? kind.count / 5 : kind.count;
        const [ours, bare]: [number[], number[]] = [[], []];
        for (let turn = 0; turn < (bench.quick ? 1 : 5); turn += 1) {
          const url = server.createDatabase();
          const measured = (program: string, args: readonly (string | number)[]): number =>
            reportOf<Report>(bench.runOurs(program, args, bench.freshFolder())).microsecondsEach;
          ours.push(measured('postgres-store', [name, url, count, POSTGRES_BATCH]));
          bare.push(measured('postgres-bare', [url, count, Math.ceil(count * transactionsEach), ...tables]));
        }
        return {
          figure: 'postgres',
          what: `PostgreSQL: ${what}`,
          unit: 'microseconds',
          goals: [],
          ours: samplesOf(ours),
          peer: { name: 'bare PostgreSQL loop', samples: samplesOf(bare), paired: true },
        } satisfies Row;
      });
    } finally {
      await server.stop();
    }
  },
};
