/** A run that waits says for what, with the real commands; who holds a slot is told, and the dead hold none. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow } from 'ostinato';
export const hold = flow(async () => {
  appendFileSync('pids', process.pid + '\\n');
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
}, { name: 'hold' });
`;
const QUEUE = 'default-agent-pool/narrow';

const place = makeServedPlace();
const { env, programs, done, json } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
  },
  { timeout: 120_000 },
);

interface Why {
  readonly headline: string;
  readonly next: string;
  readonly waits_for: readonly { readonly kind: string; readonly holders: readonly { readonly id: string }[] }[];
}

const why = (id: string): Promise<Why> => json('why', id);
const run = async (): Promise<string> => (await json<{ id: string }>('deployment', 'run', 'narrow')).id;
const holders = async (): Promise<string[]> =>
  (await json<{ holders: { id: string }[] }>('concurrency', 'holders', 'work-queue', QUEUE)).holders.map(
    ({ id }) => id,
  );

function agent(queue: string): Background {
  const started = startOstinato(place, ['agent', 'start', '-q', queue, '--poll', '0.2s'], env);
  programs.push(started);
  return started;
}

async function becomes(id: string, type: string): Promise<void> {
  await until(`run ${id} is ${type}`, async () => {
    const { state } = await json<{ state: { type: string } }>('flow-run', 'inspect', id);
    return state.type === type;
  });
}

async function waitsFor(id: string, kinds: readonly string[]): Promise<Why> {
  return await until(`run ${id} waits for ${kinds.join(', ')}`, async () => {
    const told = await why(id);
    return told.waits_for.map(({ kind }) => kind).join() === kinds.join() && told;
  });
}

test(
  'a run says that nobody takes it, then who holds the slot; a slot of the dead is given to it',
  { timeout: 240_000 },
  async () => {
    await done('deployment', 'build', '--name', 'narrow', 'flows.ts:hold', '-q', 'narrow', '--file', 'narrow.yaml');
    await done('deployment', 'apply', 'narrow.yaml');
    const first = await run();
    const alone = await waitsFor(first, ['no-worker']);
    assert.match(alone.headline, /no worker is on the work pool "default-agent-pool"/);
    assert.match(alone.next, /`ostinato agent start --work-queue=narrow`/);
    assert.match(await done('why', first), /ostinato agent start --work-queue=narrow/);

    await fetch(`${env['OSTINATO_API_URL']}/work_pools/default-agent-pool/queues/narrow`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ concurrency_limit: 1 }),
    });
    const started = agent('narrow');
    await becomes(first, 'RUNNING');
    const second = await run();
    const waiting = await waitsFor(second, ['limit']);
    assert.match(waiting.headline, /the slot of the work queue "narrow" is taken: by "/);
    assert.deepEqual(
      waiting.waits_for[0]?.holders.map(({ id }) => id),
      [first],
    );
    assert.deepEqual(await holders(), [first]);
    assert.match(
      await done('concurrency', 'holders', 'work-queue', QUEUE),
      /1 of 1 slot of the work queue .* is taken/,
    );

    const pid = Number(readFileSync(join(place.project, 'pids'), 'utf8').split('\n')[0]);
    started.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await started.ended;
    agent('narrow');
    await becomes(first, 'CRASHED');
    await becomes(second, 'RUNNING');
    assert.deepEqual(await holders(), [second]);
    writeFileSync(join(place.project, 'go'), '');
    await becomes(second, 'COMPLETED');
    assert.deepEqual(await holders(), []);
  },
);
