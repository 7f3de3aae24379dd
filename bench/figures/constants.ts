/** A large value that many calls are given: it is looked at once, and compared with what it was after that. */

import type { Bench, Figure } from '../bench.ts';
import { reportOf } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

interface Report {
  readonly microsecondsOneItem: number;
  readonly microsecondsAllItems: number;
  readonly microsecondsCalls: number;
}

const NUMBERS = 200_000;
const ITEMS = 20;
const CALLS = 1000;

export const constants: Figure = {
  name: 'constants',
  title: `A constant of ${NUMBERS} numbers in a fan-out, and in ${CALLS} calls one after the other`,
  async measure(bench: Bench): Promise<readonly Row[]> {
    const calls = bench.quick ? CALLS / 10 : CALLS;
    const reports = Array.from({ length: bench.quick ? 1 : 5 }, () =>
      reportOf<Report>(bench.runOurs('constants', [NUMBERS, ITEMS, calls], bench.freshFolder())),
    );
    const oneItem = samplesOf(reports.map(({ microsecondsOneItem }) => microsecondsOneItem));
    const row = (what: string, read: (report: Report) => number, rest: Pick<Row, 'peer' | 'goals'>): Row => ({
      figure: 'constants',
      what,
      unit: 'microseconds',
      ours: samplesOf(reports.map(read)),
      ...rest,
    });
    return [
      row(`fan-out of ${ITEMS} with a constant of ${NUMBERS} numbers`, (report) => report.microsecondsAllItems, {
        peer: { name: 'one item', samples: oneItem, paired: true },
        goals: [{ kind: 'within', factor: 2 }],
      }),
      row(`one of ${calls} calls with one list of ${NUMBERS} numbers`, (report) => report.microsecondsCalls / calls, {
        peer: { name: 'one item', samples: oneItem, paired: true },
        goals: [],
      }),
    ];
  },
};
