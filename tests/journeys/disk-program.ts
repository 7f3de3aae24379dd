/**
 * A flow that writes much: two hundred steps with a result of two kilobytes each. Start: `node disk-program.ts
 * EFFECTS`.
 *
 * Each body appends a line to the effects file, which is not in the home, and waits a little, so that batches are
 * recorded while it runs.
 */
import { appendFileSync, existsSync } from 'node:fs';

import { flow, task } from '../../src/index.ts';

const effects = process.argv.at(-1) ?? '';
const STEPS = 200;

const fill = task(
  async (number: number) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    appendFileSync(effects, `step ${number}\n`);
    return String(number).padEnd(2_000, 'x');
  },
  { name: 'fill' },
);

export const filling = flow(
  async () => {
    let length = 0;
    for (let number = 0; number < STEPS; number += 1) length += (await fill(number)).length;
    if (existsSync(`${effects}.fail`)) throw new Error('It was told to fail.');
    return length;
  },
  { name: 'filling', resume: 'automatic' },
);

console.log(`result ${await filling()}`);
