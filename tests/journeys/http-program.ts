/**
 * A voyage in three legs, for tests that break the server between them: says on standard output where it is, and goes
 * on when the file that VOYAGE_SIGNALS names a folder for is there.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { artifacts, emitEvent, flow, task, variables } from '../../src/index.ts';

const signals = process.env['VOYAGE_SIGNALS'] ?? '';

async function arrive(place: string): Promise<void> {
  process.stdout.write(`at ${place}\n`);
  while (!existsSync(join(signals, place))) await sleep(20);
}

let tries = 0;
const sail = task(
  async function sail(miles: number) {
    await sleep(5);
    return miles;
  },
  { tags: ['water'] },
);
const climb = task(
  async function climb() {
    tries += 1;
    if (tries < 2) throw new Error('slippery');
    return tries;
  },
  { retries: 2, retryDelaySeconds: 0.05 },
);
const rest = flow(async function rest({ nights }: { nights: number }) {
  return await sail(nights);
});

const voyage = flow(async function voyage({ name }: { name: string }) {
  console.log(`${name} begins`);
  const first = await sail(1);
  await arrive('harbour');
  const second = await sail(2);
  await climb();
  const third = await rest({ nights: 3 });
  await artifacts.markdown('# Log', { key: 'log' });
  await variables.set('last_voyage', name, { overwrite: true });
  await emitEvent({ event: 'voyage.logged', resource: { 'prefect.resource.id': 'voyage.ada' } });
  await arrive('island');
  console.log(`${name} ends`);
  const fourth = await sail(4);
  return first + second + third + fourth;
});

process.stdout.write(`result ${await voyage({ name: 'Ada' })}\n`);
