/**
 * Flows of ours that are run against Prefect's own server: `node our-flows.ts NAME` runs one and prints what it gave.
 */
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  approval,
  artifacts,
  currentTransaction,
  flow,
  INPUTS,
  task,
  transaction,
  variables,
} from '../../../src/index.ts';

const load = task(
  async function load(item: number) {
    await sleep(5);
    return item * 2;
  },
  { tags: ['input'] },
);
const sum = task(function sum(values: number[]) {
  return values.reduce((total, value) => total + value, 0);
});
const report = task(async function report(total: number) {
  await artifacts.markdown(`# Total ${total}`, { key: 'total', description: 'The total of the day' });
  return `total ${total}`;
});

let tries = 0;
const unsteady = task(
  async function unsteady() {
    tries += 1;
    if (tries < 3) throw new TypeError('not yet');
    return tries;
  },
  { retries: 3, retryDelaySeconds: 0.05 },
);

const part = flow(
  async function part({ scale }: { scale: number }) {
    return await load(scale);
  },
  { tags: ['inner'] },
);

const pipeline = flow(
  async function pipeline({ day, items }: { day: string; items: number[] }) {
    console.log(`loading ${day}`);
    const first = load(items[0] ?? 0);
    const doubled = load.map(items);
    const total = await sum(doubled as never);
    await report(total);
    await unsteady();
    const inner = await part({ scale: 10 });
    await variables.set('last_day', { day, total }, { overwrite: true, tags: ['daily'] });
    return { first: await first, total, inner };
  },
  { tags: ['nightly'], labels: { team: 'data' }, retries: 2 },
);

const broken = task(async function broken() {
  throw Object.assign(new RangeError('no such disk'), { code: 'E_DISK' });
});
const fails = flow(async function fails() {
  await load(1);
  await broken();
});

let attempts = 0;
const retries = flow(
  async function retries() {
    attempts += 1;
    await load(7);
    if (attempts < 3) throw new Error(`attempt ${attempts}`);
    return attempts;
  },
  { retries: 2, retryDelaySeconds: [0.1, 0.2] },
);

const slow = task(
  async function slow(item: number) {
    return item + 1;
  },
  { cache: INPUTS },
);
const cached = flow(async function cached() {
  return [await slow(1), await slow(1), await slow(2)];
});

const waits = flow(async function waits() {
  process.stdout.write('waiting\n');
  await load(1);
  for (;;) {
    await sleep(20);
    await load(2);
  }
});

const put = task(
  function put(name: string) {
    currentTransaction()?.set('name', `kept ${name}`);
    return name;
  },
  {
    onRollback: ({ get, result, inputs }) =>
      void process.stdout.write(`undo ${String(get('name'))} ${result} ${inputs[0]}\n`),
  },
);
/** With a file `kill` beside it the process dies inside the transaction. */
const saga = flow(async function saga() {
  await transaction(async () => {
    for (const name of ['a', 'b']) await put(name);
    if (existsSync('kill')) {
      rmSync('kill');
      process.kill(process.pid, 'SIGKILL');
    }
    throw new Error('refused');
  });
});

class Down extends Error {}
const did = (what: string): void => void process.stdout.write(`did ${what}\n`);
const down = task(
  function down(): string {
    did('down');
    throw new Down('no answer');
  },
  {
    fallback: ({ message }) => {
      did('fallback');
      return `instead of ${message}`;
    },
  },
);
const spare = task(
  function spare(): string {
    did('spare');
    throw new Down('no spare');
  },
  { optional: true },
);
/** Goes on from failures, dies where a file `kill` lies beside it, and asks a person, who does not answer. */
const answers = flow(async function answers() {
  const went = [await down(), (await spare()) ?? 'nothing'];
  if (existsSync('kill')) {
    rmSync('kill');
    process.kill(process.pid, 'SIGKILL');
  }
  const { approved } = await approval({ title: 'Go on?', due: '1s', default: { approved: true } });
  process.stdout.write(`went ${went.join(', ')}, ${approved}\n`);
  return [...went, approved];
});

const flows: Readonly<Record<string, () => PromiseLike<unknown>>> = {
  pipeline: () => pipeline({ day: '2030-01-01', items: [1, 2, 3] }),
  fails: () => fails(),
  retries: () => retries(),
  cached: () => cached(),
  waits: () => waits(),
  saga: () => saga(),
  answers: () => answers(),
};

try {
  process.stdout.write(`${JSON.stringify(await flows[process.argv[2] ?? '']?.())}\n`);
} catch (error) {
  process.stdout.write(`failed ${String(error)}\n`);
}
