/** A million mapped no-op tasks in a small heap, and whether the time a task takes stays flat on the way there. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { reportOf } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';
import { MAPPED_COUNT, type MappedReport } from './mapped.ts';

export interface SeriesReport {
  readonly series: readonly { readonly count: number; readonly microsecondsPerTask: readonly number[] }[];
  readonly heapBytesMax: number;
  readonly rssBytesMax: number;
  readonly databaseBytes: number;
  readonly recorded: number;
}

const HEAP_MB = 256;
/** Flat: the largest fan-out takes at most this many times as long a task as the smallest. */
const GROWTH_MAX = 1.5;

export const million: Figure = {
  name: 'million',
  title: `Mapped no-op tasks from a thousand to a million in a heap of ${HEAP_MB} MB`,
  async measure(bench: Bench): Promise<readonly Row[]> {
    const counts = bench.quick ? [1000, 10_000, 100_000] : [1000, 10_000, 100_000, 1_000_000];
    const report = reportOf<SeriesReport>(
      bench.runOurs('million', counts, bench.freshFolder(), { nodeOptions: [`--max-old-space-size=${HEAP_MB}`] }),
    );
    const prefect = bench.withPrefect ? [await measurePrefect(bench)] : [];
    const [smallest] = report.series;
    const rows = report.series.map(({ count, microsecondsPerTask }): Row => {
      const isLargest = count === counts.at(-1);
      const flat =
        isLargest && smallest
          ? { name: `${smallest.count} tasks`, samples: samplesOf(smallest.microsecondsPerTask), paired: false }
          : null;
      return {
        figure: 'million',
        what: `one of ${count} mapped tasks`,
        unit: 'microseconds',
        ours: samplesOf(microsecondsPerTask),
        peer: flat ?? (count === MAPPED_COUNT ? prefectPeer(prefect) : null),
        goals: flat ? [{ kind: 'within', factor: GROWTH_MAX }] : [],
      };
    });
    const size = (what: string, bytes: number, goals: Row['goals'] = []): Row => ({
      figure: 'million',
      what,
      unit: 'bytes',
      ours: samplesOf([bytes]),
      peer: null,
      goals,
    });
    const largest = counts.at(-1) ?? 0;
    return [
      ...rows,
      size(`heap at most, ${largest} tasks`, report.heapBytesMax, [{ kind: 'below', value: HEAP_MB * 1e6 }]),
      size('resident memory at most', report.rssBytesMax),
      size('database, bytes a task', report.databaseBytes / report.recorded),
    ];
  },
};

/** A million would take it hours: what it needs a task for a thousand stands for it. */
async function measurePrefect(bench: Bench): Promise<number> {
  const count = bench.quick ? 100 : MAPPED_COUNT;
  const report = reportOf<MappedReport>(
    bench.runPrefect('mapped', [count], bench.freshFolder(), await bench.prefectApiUrl()),
  );
  return report.microsecondsUntilRecorded / count;
}
