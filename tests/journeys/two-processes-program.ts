/** Runs flows one after the other for a while. Start: `node two-processes-program.ts NAME SECONDS RESULT`. */
import { writeFileSync } from 'node:fs';

import { cacheKey, flow, task } from '../../src/index.ts';

const [, , name = '', seconds = '2', resultPath = ''] = process.argv;
const ITEMS = 40;
/** Also on a machine that is too busy for them in that time. */
const ROUNDS_MIN = 3;

const add = task(async (a: number, b: number) => a + b, { name: 'add' });
const square = task(async (item: number) => item * item, { name: 'square', retries: 1 });
/** Both processes want these, and only one may compute each. */
const shared = task(
  async (number: number) => {
    computed.push(number);
    return number * 10;
  },
  { name: 'shared', cache: cacheKey(({ values }) => `number ${String(values['number'])}`) },
);

const computed: number[] = [];

const round = flow(
  async ({ round: number }: { round: number }) => {
    let sum = 0;
    for (let index = 0; index < 10; index += 1) sum = await add(sum, index);
    const squares = await square.map(
      Array.from({ length: ITEMS }, (_, index) => index),
      { concurrency: 8 },
    );
    return sum + squares.length + (await shared(number));
  },
  { name: `rounds-of-${name}` },
);

const until = performance.now() + Number(seconds) * 1000;
let rounds = 0;
for (; performance.now() < until || rounds < ROUNDS_MIN; rounds += 1) {
  const got = await round({ round: rounds });
  const right = 45 + ITEMS + rounds * 10;
  if (got !== right) throw new Error(`Round ${rounds} gave ${got}, right is ${right}.`);
}
writeFileSync(resultPath, JSON.stringify({ rounds, computed }));
