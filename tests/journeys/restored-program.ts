/**
 * A flow of three parts, for tests that change its database between them. Start: `node restored-program.ts FOLDER
 * [alone]`; the file `FOLDER/N` lets it go on after part N.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { flow, task } from '../../src/index.ts';

const [, , folder = '', children = 'with children'] = process.argv;
const STEPS = 10;

const step = task(async function step(number: number) {
  return number;
});
const child = flow(async function child({ number }: { number: number }) {
  return await step(number);
});

const parts = flow(async function parts() {
  let sum = 0;
  for (const part of [1, 2, 3]) {
    for (let index = 0; index < STEPS; index += 1) sum += await step(part * 100 + index);
    sum += children === 'alone' ? part : await child({ number: part });
    process.stdout.write(`part ${part} done\n`);
    while (part < 3 && !existsSync(join(folder, String(part)))) await sleep(20);
  }
  return sum;
});

process.stdout.write(`result ${await parts()}\n`);
