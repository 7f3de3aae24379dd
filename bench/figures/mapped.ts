/** A fan-out of 1,000 no-op tasks, until every one of them is recorded. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { reportOf } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

export interface MappedReport {
  /** From the call until all values were there. */
  readonly microsecondsUntilDone: number;
  /** From the call until all task runs could be read as completed by somebody else. */
  readonly microsecondsUntilRecorded: number;
}

export const MAPPED_COUNT = 1000;

export const mapped: Figure = {
  name: 'mapped',
  title: `${MAPPED_COUNT} mapped no-op tasks, from the call until all are recorded`,
  async measure(bench: Bench): Promise<readonly Row[]> {
    const count = bench.quick ? 200 : MAPPED_COUNT;
    const apiUrl = bench.withPrefect ? await bench.prefectApiUrl() : null;
    const prefectHome = bench.freshFolder();
    const ours: MappedReport[] = [];
    const prefect: MappedReport[] = [];
    for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat += 1) {
      for (let again = 0; again < (bench.quick ? 1 : 3); again += 1)
        ours.push(reportOf<MappedReport>(bench.runOurs('mapped', [count], bench.freshFolder())));
      if (apiUrl !== null)
        prefect.push(reportOf<MappedReport>(bench.runPrefect('mapped', [count], prefectHome, apiUrl)));
    }
    const row = (what: string, read: (report: MappedReport) => number, goals: Row['goals']): Row => ({
      figure: 'mapped',
      what,
      unit: 'microseconds',
      goals,
      ours: samplesOf(ours.map((report) => read(report) / count)),
      peer: prefectPeer(prefect.map((report) => read(report) / count)),
    });
    return [
      row(`one of ${count} mapped tasks, recorded`, (report) => report.microsecondsUntilRecorded, [
        { kind: 'times-less', factor: 100 },
      ]),
      row(`one of ${count} mapped tasks, value there`, (report) => report.microsecondsUntilDone, []),
    ];
  },
};
