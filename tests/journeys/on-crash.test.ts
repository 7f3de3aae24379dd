/** The process of a run is killed: the run goes on by itself where its deployment says so; nothing is done twice. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, until } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { flow, task } from 'ostinato';
const load = task(async () => { appendFileSync('loads', 'x'); return 7; }, { name: 'load' });
export const dies = flow(async () => {
  const value = await load();
  if (!existsSync('died')) {
    // Its result is on record before its process is gone.
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync('died', '');
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  }
  return value;
}, { name: 'dies' });
`;

const place = makeServedPlace();
const { env, programs, done } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    await done('deployment', 'build', '--name', 'dies', 'flows.ts:dies', '--file', 'dies.yaml');
    const file = join(place.project, 'dies.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\non_crash: resume\n`);
    await done('deployment', 'apply', 'dies.yaml');
    programs.push(startOstinato(place, ['worker', 'start', '-p', 'default-agent-pool'], env));
  },
  { timeout: 600_000 },
);

test('killed by the system, it goes on where it stood', { timeout: 600_000 }, async () => {
  const { id } = JSON.parse(await done('deployment', 'run', 'dies', '-o', 'json')) as { id: string };
  await until('it has ended', async () => {
    const answer = await fetch(`${env['OSTINATO_API_URL']}/flow_runs/${id}`);
    return ((await answer.json()) as { state_type: string }).state_type === 'COMPLETED';
  });
  assert.ok(existsSync(join(place.project, 'died')));
  assert.equal(readFileSync(join(place.project, 'loads'), 'utf8'), 'x', 'what was done is not done again');
  const states = (await (await fetch(`${env['OSTINATO_API_URL']}/flow_run_states/?flow_run_id=${id}`)).json()) as {
    name: string;
    message: string | null;
  }[];
  const crashed = states.find(({ name }) => name === 'Crashed');
  assert.match(crashed?.message ?? '', /SIGKILL|No process has the id/);
  assert.match(states.find(({ name }) => name === 'AwaitingRetry')?.message ?? '', /lets it go on: attempt 2 of 5/);
});
