/**
 * # 10 · Worker threads
 *
 * Work that computes blocks the event loop, so give it a thread: `threadRunner({ workers })` for all tasks of a flow,
 * or `isolation: 'thread'` (or `'process'`) for one. A thread can be ended by force: a timeout stops even an endless
 * loop. Tasks that run in threads are defined at the top level of a module; their arguments are plain data.
 *
 * Run it with `node examples/10-worker-threads.ts`.
 */

import { isMainThread } from 'node:worker_threads';

import { flow, task, threadRunner } from 'ostinato';

const countPrimes = task((from: number, to: number) => {
  let count = 0;
  for (let candidate = Math.max(2, from); candidate < to; candidate += 1) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 1;
    if (divisor * divisor > candidate) count += 1;
  }
  return { count, inThread: !isMainThread };
});

/** Never gives the thread back, and hears no signal. */
const loopForever = task(
  () => {
    for (;;) {
      /* busy */
    }
  },
  { timeoutSeconds: 0.5 },
);

export const workerThreads = flow(
  async () => {
    const parts = [countPrimes(0, 50_000), countPrimes(50_000, 100_000)];
    const counts = await Promise.all(parts);
    const stuck = await loopForever.state();
    return {
      primes: counts.reduce((sum, { count }) => sum + count, 0),
      inThreads: counts.every(({ inThread }) => inThread),
      stuck: `${stuck.name}: ${stuck.message}`,
    };
  },
  { name: 'Worker threads', taskRunner: threadRunner({ workers: 2 }) },
);

if (import.meta.main) console.log(await workerThreads());
