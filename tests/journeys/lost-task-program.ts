/** A task outside any flow that calls another and waits for its signal. Start: `node lost-task-program.ts EFFECTS`. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { runContext, task } from '../../src/index.ts';
import { isWatching } from '../../src/platform/watchdog.ts';

const [effects = ''] = process.argv.slice(-1);

const done = task(async () => 1, { name: 'done' });

const hold = task(
  async () => {
    await done();
    while (!isWatching()) await sleep(5);
    const { signal } = runContext();
    await new Promise<void>((_, reject) => {
      const timer = setInterval(() => undefined, 1000);
      signal.addEventListener('abort', () => {
        clearInterval(timer);
        reject(signal.reason as Error);
      });
      appendFileSync(effects, 'ready\n');
    });
  },
  { name: 'hold' },
);

await hold().wait();
