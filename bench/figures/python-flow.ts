/** A Python flow of 1,000 tasks by Prefect's own client, against our server and against Prefect's. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { startOurServer } from '../our-server.ts';
import { reportOf } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';
import { MAPPED_COUNT, type MappedReport } from './mapped.ts';

export const pythonFlow: Figure = {
  name: 'python-flow',
  title: `A Python flow of ${MAPPED_COUNT} mapped tasks, against our server and against Prefect's`,
  async measure(bench: Bench): Promise<readonly Row[]> {
    // The client is Prefect's: without it there is nothing to measure.
    if (!bench.withPrefect) return [];
    const count = bench.quick ? 200 : MAPPED_COUNT;
    const [ours, prefect]: [MappedReport[], MappedReport[]] = [[], []];
    const server = await startOurServer(bench.freshFolder());
    try {
      for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat += 1) {
        ours.push(reportOf<MappedReport>(bench.runPrefect('mapped', [count], bench.freshFolder(), server.apiUrl)));
        prefect.push(
          reportOf<MappedReport>(bench.runPrefect('mapped', [count], bench.freshFolder(), await bench.prefectApiUrl())),
        );
      }
    } finally {
      await server.stop();
    }
    const row = (what: string, read: (report: MappedReport) => number): Row => ({
      figure: 'python-flow',
      what,
      unit: 'microseconds',
      goals: [{ kind: 'times-less', factor: 1 }],
      ours: samplesOf(ours.map(read)),
      peer: prefectPeer(prefect.map(read), true),
    });
    return [
      row(`Python flow, ${count} tasks, until its values are there`, (report) => report.microsecondsUntilDone),
      row(`Python flow, ${count} tasks, until all are recorded`, (report) => report.microsecondsUntilRecorded),
    ];
  },
};
