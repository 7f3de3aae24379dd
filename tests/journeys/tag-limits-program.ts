/** Runs tagged tasks and writes when each begins and ends. Start: `node tag-limits-program.ts COUNT LOG [stay]`. */
import { appendFileSync } from 'node:fs';

import { flow, task } from '../../src/index.ts';

const [, , count = '1', log = '', stay = ''] = process.argv;

const use = task(
  async (n: number) => {
    appendFileSync(log, `+${process.pid}\n`);
    // Held until the process is killed.
    await new Promise((resolve) => setTimeout(resolve, stay === 'stay' ? 3_600_000 : 20));
    appendFileSync(log, `-${process.pid}\n`);
    return n;
  },
  { name: 'use', tags: ['db', 'free'] },
);

await flow(async () => await use.map(Array.from({ length: Number(count) }, (_, n) => n)), { name: 'users' })();
