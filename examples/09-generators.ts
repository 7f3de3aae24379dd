/**
 * # 9 · Generators
 *
 * A generator as a task or flow hands its values on while it still runs: `for await` reads them as they come, so the
 * first user is greeted before the last page is there. Awaiting it gives the whole list.
 *
 * Run it with `node examples/09-generators.ts`.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { flow, task } from 'ostinato';

/** Pages of an API, one after the other. */
const readPages = task(async function* readPages(count: number) {
  for (let page = 1; page <= count; page += 1) {
    await sleep(20);
    console.log(`page ${page} arrived`);
    yield [`user-${page}a`, `user-${page}b`];
  }
});

const greet = task((users: string[]) => {
  console.log(`greeting ${users.join(' and ')}`);
  return users.length;
});

/** A flow can be a generator too: its caller sees each value as it is there. */
const countdown = flow(async function* countdown({ from }: { from: number }) {
  for (let left = from; left > 0; left -= 1) yield left;
});

export const generators = flow(
  async () => {
    const greeted = [];
    for await (const users of readPages(3)) greeted.push(greet(users));
    return { greeted: await Promise.all(greeted), seen: await countdown({ from: 3 }) };
  },
  { name: 'Generators' },
);

if (import.meta.main) console.log(await generators());
