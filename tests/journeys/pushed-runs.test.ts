/** A worker that is told what is due: it asks the server once an hour, so that only a push explains a start. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { existsSync } from 'node:fs';
import { flow } from 'ostinato';
export const quick = flow(async () => 'done', { name: 'quick' });
export const hold = flow(async () => {
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
}, { name: 'hold' });
`;

const place = makeServedPlace();
const { env, programs, done, json } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
  },
  { timeout: 120_000 },
);

interface Run {
  readonly id: string;
  readonly state: { readonly type: string };
}

async function becomes(id: string, type: string): Promise<void> {
  await until(`run ${id} is ${type}`, async () => (await json<Run>('flow-run', 'inspect', id)).state.type === type);
}

/** An agent of a queue of its own, whose deployment is there. */
async function agent(name: string, flow: string): Promise<Background> {
  await done('deployment', 'build', '--name', name, `flows.ts:${flow}`, '-q', name, '--file', `${name}.yaml`);
  await done('deployment', 'apply', `${name}.yaml`);
  const started = startOstinato(place, ['agent', 'start', '-q', name, '--poll', '1h'], env);
  programs.push(started);
  await until('it is told', () => started.text().stderr.includes('tells what is due, at its time'));
  return started;
}

/** Once the worker has looked for its pool in vain. @returns its name */
async function asDeployment(name: string, flow: string, { text }: Background): Promise<string> {
  await until('it waits', () => text().stderr.includes('It is waited for.'));
  await done('deployment', 'build', '--name', name, `flows.ts:${flow}`, '-q', 'default', '--file', `${name}.yaml`);
  await done('deployment', 'apply', `${name}.yaml`);
  return name;
}

async function ends({ child, ended }: Background): Promise<void> {
  child.kill('SIGTERM');
  assert.equal((await ended).exitCode, 0);
}

test('a worker whose pool is not there yet says so once, and waits for it', { timeout: 180_000 }, async () => {
  const words = ['worker', 'start', '--pool', 'default-agent-pool', '--poll', '1s'];
  const started = startOstinato(place, words, env);
  programs.push(started);
  const { id } = await json<Run>('deployment', 'run', await asDeployment('waited-for', 'quick', started));
  await becomes(id, 'COMPLETED');
  await until('it is told', () => started.text().stderr.includes('tells what is due, at its time'));
  const { stderr } = started.text();
  assert.equal(stderr.split('It is waited for.').length, 2, stderr);
  assert.doesNotMatch(stderr, /does not tell what is due any more/);
  await ends(started);
});

test('a run that is due now, and one that is due later, begin by themselves', { timeout: 180_000 }, async () => {
  const started = await agent('pushed', 'quick');
  const now = await json<Run>('deployment', 'run', 'pushed');
  await becomes(now.id, 'COMPLETED');
  const later = await json<Run>('deployment', 'run', 'pushed', '--in', '3s');
  await becomes(later.id, 'COMPLETED');
  await ends(started);
});

test(
  'a server that goes: it says that it asks; one that comes back: it is told again',
  { timeout: 180_000 },
  async () => {
    const started = await agent('returning', 'quick');
    await place.ostinato(['server', 'stop']);
    await until('it says so', () => started.text().stderr.includes('does not tell what is due any more'));
    await place.startAgain();
    await until('it is told again', () => started.text().stderr.split('tells what is due, at its time').length === 3);
    const { id } = await json<Run>('deployment', 'run', 'returning');
    await becomes(id, 'COMPLETED');
    await ends(started);
  },
);

test('a run that is cancelled is stopped', { timeout: 180_000 }, async () => {
  const started = await agent('stopping', 'hold');
  const { id } = await json<Run>('deployment', 'run', 'stopping');
  await becomes(id, 'RUNNING');
  await done('flow-run', 'cancel', id);
  await becomes(id, 'CANCELLED');
  await ends(started);
});
