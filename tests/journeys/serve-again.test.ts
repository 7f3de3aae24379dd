/** Runs of a program that serves which are to be done once more, while the program that had them goes on. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startProgram, until } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOW = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow, task } from ${JSON.stringify(import.meta.resolve('ostinato'))};
const load = task(() => (appendFileSync('said', 'load\\n'), 1), { name: 'load' });
const send = task(() => {
  appendFileSync('said', 'send\\n');
  if (!existsSync('there')) throw new Error('nobody is there');
}, { name: 'send' });
const fragile = flow(async () => {
  await load();
  await send();
}, { name: 'fragile' });
await fragile.serve({ name: 'served', pollSeconds: 3600 });
`;

const place = makeServedPlace();
const { env, programs, ask, done, json } = place;

interface Run {
  readonly id: string;
  readonly state: { readonly type: string };
}

test('a failed run is tried again by the program that serves it', { timeout: 180_000 }, async () => {
  const path = join(place.project, 'again.ts');
  writeFileSync(path, FLOW);
  const program = startProgram(place, path, env);
  programs.push(program);
  await until('it serves', () => program.text().stderr.includes('Ctrl-C ends'));
  await done('deployment', 'run', 'fragile/served');
  const state = async (): Promise<Run | undefined> => (await json<Run[]>('flow-run', 'ls', '--flow', 'fragile'))[0];
  await until('it has failed', async () => (await state())?.state.type === 'FAILED');
  writeFileSync(join(place.project, 'there'), '');
  const run = await state();
  // As the button of the run's page does.
  const body = { state: { type: 'SCHEDULED', name: 'AwaitingRetry' } };
  await ask('POST', `/flow_runs/${run?.id}/set_state`, body);
  await until('it is done', async () => (await state())?.state.type === 'COMPLETED');
  assert.equal((await json<Run[]>('flow-run', 'ls', '--flow', 'fragile')).length, 1);
  assert.ok(existsSync(join(place.project, 'said')));
  const said = readFileSync(join(place.project, 'said'), 'utf8').trim().split('\n');
  assert.deepEqual(said, ['load', 'send', 'send'], 'what was done is not done again');
  assert.equal(program.child.exitCode, null);
});
