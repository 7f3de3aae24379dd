/** One no-op task after the other: what recording a task durably costs its caller. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { reportOf } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

interface Report {
  readonly microsecondsPerTask: number;
}

/** A flow of real size: most of its tasks run before the compiler has seen enough of them. */
const REAL_SIZE = { warmUp: 200, count: 3000 };

/** What our recorder and the bare loop put into one transaction. */
const BATCH_RECORDS = 128;

export const sequential: Figure = {
  name: 'sequential',
  title: 'Sequential no-op tasks, each recorded durably before the next begins',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const count = bench.quick ? 4000 : 50_000;
    const prefectCount = bench.quick ? 50 : 300;
    const repeats = bench.quick ? 1 : 5;
    const apiUrl = bench.withPrefect ? await bench.prefectApiUrl() : null;
    const prefectHome = bench.freshFolder();
    const ours: Record<'process' | 'sync' | 'none', number[]> = { process: [], sync: [], none: [] };
    const bare: number[] = [];
    const prefect: number[] = [];
    const realSize = { ours: [] as number[], prefect: [] as number[] };
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const measureOurs = (durability: keyof typeof ours, tasks: number): string => {
        const home = bench.freshFolder();
        ours[durability].push(
          reportOf<Report>(bench.runOurs('sequential', [tasks], home, { env: { OSTINATO_DURABILITY: durability } }))
            .microsecondsPerTask,
        );
        return home;
      };
      const home = measureOurs('process', count);
      bare.push(
        reportOf<Report>(bench.runOurs('bare-loop', [count, BATCH_RECORDS, bench.freshFolder()], home))
          .microsecondsPerTask,
      );
      if (apiUrl !== null)
        prefect.push(
          reportOf<Report>(bench.runPrefect('sequential', [prefectCount], prefectHome, apiUrl)).microsecondsPerTask,
        );
      const { warmUp, count: few } = REAL_SIZE;
      realSize.ours.push(
        reportOf<Report>(bench.runOurs('sequential', [few, warmUp], bench.freshFolder())).microsecondsPerTask,
      );
      if (apiUrl !== null)
        realSize.prefect.push(
          reportOf<Report>(bench.runPrefect('sequential', [bench.quick ? 300 : few, warmUp], prefectHome, apiUrl))
            .microsecondsPerTask,
        );
      // One flush of the disk a task: fewer tasks say enough.
      measureOurs('sync', count / 50);
      measureOurs('none', count);
    }
    const row = (what: string, values: readonly number[], rest: Pick<Row, 'peer' | 'goals'>): Row => ({
      figure: 'sequential',
      what,
      unit: 'microseconds',
      ours: samplesOf(values),
      ...rest,
    });
    const peer = prefectPeer(prefect, true);
    return [
      row('sequential task', ours.process, { peer, goals: [{ kind: 'times-less', factor: 100 }] }),
      row('sequential task, beside the limit', ours.process, {
        peer: { name: 'bare SQLite loop', samples: samplesOf(bare), paired: true },
        goals: [{ kind: 'within', factor: 2 }],
      }),
      row(`sequential task, ${REAL_SIZE.count} after ${REAL_SIZE.warmUp} to warm up`, realSize.ours, {
        peer: prefectPeer(realSize.prefect, true),
        goals: [{ kind: 'times-less', factor: 70 }],
      }),
      row('sequential task, durability sync', ours.sync, { peer, goals: [] }),
      row('sequential task, durability none', ours.none, { peer, goals: [] }),
    ];
  },
};
