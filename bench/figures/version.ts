/** The command line's start: `ostinato version` and `prefect version`. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { samplesOf } from '../samples.ts';
import type { Row } from '../row.ts';

export const version: Figure = {
  name: 'version',
  title: '`ostinato version`, process start to exit',
  measure(bench: Bench): Promise<readonly Row[]> {
    const [home, prefectHome] = [bench.freshFolder(), bench.freshFolder()];
    const first = [bench.runLauncher(['version'], home).microseconds];
    if (bench.withPrefect) bench.runPrefectCommand(['version'], prefectHome);
    const ours: number[] = [];
    const prefect: number[] = [];
    for (let repeat = 0; repeat < (bench.quick ? 2 : 7); repeat += 1) {
      for (let again = 0; again < 3; again += 1) ours.push(bench.runLauncher(['version'], home).microseconds);
      if (bench.withPrefect) prefect.push(bench.runPrefectCommand(['version'], prefectHome).microseconds);
      if (!bench.quick) first.push(bench.runLauncher(['version'], bench.freshFolder()).microseconds);
    }
    const peer = prefectPeer(prefect);
    return Promise.resolve([
      {
        figure: 'version',
        what: 'version command',
        unit: 'microseconds',
        ours: samplesOf(ours),
        peer,
        goals: [{ kind: 'times-less', factor: 15 }],
      },
      {
        figure: 'version',
        what: 'version command, first start of a home',
        unit: 'microseconds',
        ours: samplesOf(first),
        peer: null,
        goals: [],
      },
    ]);
  },
};
