/**
 * `sequential.ts COUNT [WARM_UP]`: sequential no-op tasks after others to warm up with (default 2000); microseconds a
 * task, as JSON.
 */
import { flow, task } from 'ostinato';

/** The engine's code is compiled by then; Prefect's side gets tasks to warm up with, too. */
const WARM_UP = 2000;

const noop = task((x: number) => x, { name: 'noop' });

let microseconds = 0;
const sequential = flow(
  async ({ count }: { count: number }) => {
    const startedAt = performance.now();
    for (let index = 0; index < count; index += 1) await noop(index);
    microseconds = (performance.now() - startedAt) * 1000;
  },
  { name: 'Sequential' },
);

const count = Number(process.argv[2]);
await sequential({ count: Math.min(count, Number(process.argv[3] ?? WARM_UP)) });
await sequential({ count });
console.log(JSON.stringify({ microsecondsPerTask: microseconds / count }));
