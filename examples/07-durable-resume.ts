/**
 * # 7 · A flow that survives
 *
 * This flow kills its own process halfway (`kill -9`: no goodbye). Run it again: it continues where it stood, finished
 * tasks do not run again, and the result is the undisturbed one. `resume: 'automatic'` asks for that; without it, a
 * lost run waits for `ostinato flow-run retry ID`.
 *
 * Run it twice with `node examples/07-durable-resume.ts`. The list shows which process did which step.
 */

import { flow, runContext, task } from 'ostinato';

const step = task((number: number) => {
  console.log(`step ${number} runs in process ${process.pid}`);
  return { number, process: process.pid };
});

export const surviving = flow(
  async () => {
    const done = [];
    for (let number = 1; number <= 6; number += 1) {
      if (number === 4 && runContext().attempt === 1) {
        console.log('killing this process before step 4 — start me again');
        process.kill(process.pid, 'SIGKILL');
      }
      done.push(await step(number));
    }
    return done;
  },
  { name: 'Surviving', resume: 'automatic' },
);

if (import.meta.main) console.table(await surviving());
