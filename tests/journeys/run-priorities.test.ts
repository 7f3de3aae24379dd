/** A pool with one slot: of what waits for it, the run with the lowest priority is next, whenever it came. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makePlace } from './launch.ts';

const FLOWS = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow } from 'ostinato';
export const noted = flow(async ({ word }: { word: string }) => {
  appendFileSync('order', word + ' ');
  while (word === 'holds' && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
}, { name: 'noted' });
`;

let env: Record<string, string> = {};
let worker: Background | null = null;
// Before the folder of its home goes.
after(async () => {
  worker?.child.kill('SIGKILL');
  await place.ostinato(['server', 'stop']);
});
const place = makePlace();

async function done(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await place.ostinato(words, { env });
  assert.equal(exitCode, 0, `${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

async function json<T>(...words: string[]): Promise<T> {
  return JSON.parse(await done(...words, '-o', 'json')) as T;
}

interface Run {
  readonly id: string;
  readonly priority: number;
  readonly state: { readonly type: string };
}

const read = (id: string) => json<Run>('flow-run', 'inspect', id);
const ask = (word: string, ...more: string[]) => json<Run>('deployment', 'run', 'noted', '-p', `word=${word}`, ...more);
const order = (): string => readFileSync(join(place.project, 'order'), 'utf8').trim();

before(
  async () => {
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    appendFileSync(join(place.project, 'order'), '');
    await done('server', 'start', '--port', '0', '--background');
    const { url } = await json<{ url: string }>('server', 'status', '--wait');
    env = { OSTINATO_API_URL: `${url}/api` };
    await done('work-pool', 'create', 'narrow', '--type', 'process', '--concurrency-limit', '1');
    await done('deployment', 'build', '--name', 'noted', 'flows.ts:noted', '--pool', 'narrow', '--file', 'noted.yaml');
    await done('deployment', 'apply', 'noted.yaml');
    worker = startOstinato(place, ['worker', 'start', '--pool', 'narrow'], env);
  },
  { timeout: 240_000 },
);

test(
  'the slot that is free goes to the lowest priority, also to one that was changed',
  { timeout: 300_000 },
  async () => {
    const first = await ask('holds');
    await until('it holds the slot', () => order() === 'holds');
    const plain = await ask('plain');
    const last = await ask('last', '--priority', '7');
    const raised = await ask('raised', '--priority', '8');
    const urgent = await ask('urgent', '--priority=-5');
    assert.equal((await read(urgent.id)).priority, -5);
    await done('flow-run', 'set-priority', raised.id, '--', '-1');
    assert.match(await done('flow-run', 'inspect', raised.id), /priority\s+-1/);
    assert.match(await done('flow-run', 'ls'), /PRIORITY/);
    const why = await done('why', plain.id);
    assert.match(why, /The slot of the work pool "narrow" is taken/);
    assert.match(why, /2 runs of its queue go first: of a priority below its own, 0\./);
    const refused = await place.ostinato(['flow-run', 'set-priority', first.id, '3'], { env });
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.stderr, /is Running: a priority says when a run begins that waits/);
    writeFileSync(join(place.project, 'go'), '');
    for (const { id } of [first, plain, last, raised, urgent])
      await until(`run ${id} is over`, async () => (await read(id)).state.type === 'COMPLETED');
    assert.equal(order(), 'holds urgent raised plain last');
  },
);
