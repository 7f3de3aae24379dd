/** `million.ts COUNT…`: fan-outs of growing size in one process; microseconds a task and memory, as JSON. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

import { flow, task } from 'ostinato';

const WARM_UP = 2000;
/** Small fan-outs end in the noise: they are repeated until about this many tasks have run. */
const TASKS_A_SIZE = 30_000;
const REPEATS_MAX = 7;
const SAMPLE_MS = 100;

const noop = task((x: number) => x, { name: 'noop' });

function* numbers(count: number): Generator<number, void, undefined> {
  for (let index = 0; index < count; index += 1) yield index;
}

let microseconds = 0;
const mapped = flow(
  async ({ count }: { count: number }) => {
    const startedAt = performance.now();
    const values = await noop.map(numbers(count));
    microseconds = (performance.now() - startedAt) * 1000;
    if (values.length !== count || values.at(-1) !== count - 1)
      throw new Error(`${values.length} values instead of ${count}`);
  },
  { name: 'Mapped' },
);

let heapBytesMax = 0;
const sampler = setInterval(() => {
  heapBytesMax = Math.max(heapBytesMax, process.memoryUsage().heapUsed);
}, SAMPLE_MS).unref();

let recorded = WARM_UP;
await mapped({ count: WARM_UP });
const series: { count: number; microsecondsPerTask: number[] }[] = [];
for (const count of process.argv.slice(2).map(Number)) {
  const repeats = Math.max(1, Math.min(REPEATS_MAX, Math.round(TASKS_A_SIZE / count)));
  const microsecondsPerTask: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    await mapped({ count });
    microsecondsPerTask.push(microseconds / count);
    recorded += count;
  }
  series.push({ count, microsecondsPerTask });
}
clearInterval(sampler);
heapBytesMax = Math.max(heapBytesMax, process.memoryUsage().heapUsed);
const databaseBytes = statSync(join(process.env['OSTINATO_HOME'] ?? '', 'ostinato.db')).size;
console.log(
  JSON.stringify({ series, heapBytesMax, rssBytesMax: process.resourceUsage().maxRSS * 1024, databaseBytes, recorded }),
);
