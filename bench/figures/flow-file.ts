/** A file with one flow and one task, run without a server: from the start of the process to its end. */

import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

export const flowFile: Figure = {
  name: 'flow-file',
  title: 'A flow file with one task, process start to exit, without a server',
  measure(bench: Bench): Promise<readonly Row[]> {
    const times = { fresh: [] as number[], warm: [] as number[], nothing: [] as number[] };
    const prefect = { fresh: [] as number[], warm: [] as number[] };
    const warmHome = bench.freshFolder();
    bench.runOurs('one-task', [], warmHome);
    for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat += 1) {
      for (let again = 0; again < 5; again += 1) {
        times.fresh.push(bench.runOurs('one-task', [], bench.freshFolder()).microseconds);
        times.warm.push(bench.runOurs('one-task', [], warmHome).microseconds);
        times.nothing.push(bench.runOurs('nothing', [], warmHome).microseconds);
      }
      if (!bench.withPrefect) continue;
      const home = bench.freshFolder();
      bench.say('  Prefect without a server: a fresh home, then the same again');
      prefect.fresh.push(bench.runPrefect('one_task', [], home).microseconds);
      prefect.warm.push(bench.runPrefect('one_task', [], home).microseconds);
    }
    const row = (what: string, values: readonly number[], peer: readonly number[], goals: Row['goals']): Row => ({
      figure: 'flow-file',
      what,
      unit: 'microseconds',
      ours: samplesOf(values),
      peer: prefectPeer(peer),
      goals,
    });
    const goals: Row['goals'] = [
      { kind: 'times-less', factor: 40 },
      { kind: 'below', value: 300_000 },
    ];
    return Promise.resolve([
      row('one-task flow file, fresh home', times.fresh, prefect.fresh, goals),
      row('one-task flow file, used home', times.warm, prefect.warm, goals),
      row('an empty TypeScript file (Node alone)', times.nothing, [], []),
    ]);
  },
};
