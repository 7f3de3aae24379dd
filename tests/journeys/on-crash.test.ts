/** The process of a run is killed: the run goes on by itself where its deployment says so; nothing is done twice. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, startProgram, until } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { flow, task } from 'ostinato';
const load = task(async () => { appendFileSync('loads', 'x'); return 7; }, { name: 'load' });
export const dies = flow(async () => {
  const value = await load();
  console.log('it is loaded');
  if (!existsSync('died')) {
    while (!existsSync('followed')) await new Promise((resolve) => setTimeout(resolve, 20));
    // Its result is on record before its process is gone.
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync('died', '');
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  }
  console.log('it went on');
  return value;
}, { name: 'dies' });
`;

const ASKS = `
import { runDeployment } from ${JSON.stringify(import.meta.resolve('ostinato'))};
console.log('waits');
const { state } = await runDeployment('dies/dies', { idempotencyKey: 'one' });
console.log('ended ' + state.type);
`;

const place = makeServedPlace();
const { env, programs, done } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    writeFileSync(join(place.project, 'asks.ts'), ASKS);
    await done('deployment', 'build', '--name', 'dies', 'flows.ts:dies', '--file', 'dies.yaml');
    const file = join(place.project, 'dies.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\non_crash: resume\n`);
    await done('deployment', 'apply', 'dies.yaml');
    programs.push(startOstinato(place, ['worker', 'start', '-p', 'default-agent-pool'], env));
  },
  { timeout: 600_000 },
);

test('killed by the system, it goes on where it stood', { timeout: 600_000 }, async () => {
  const { id: deployment } = await place.json<{ id: string }>('deployment', 'inspect', 'dies');
  const asked = { state: { type: 'SCHEDULED' }, idempotency_key: 'one' };
  const { id } = await place.ask<{ id: string }>('POST', `/deployments/${deployment}/create_flow_run`, asked);
  const followers = [
    startOstinato(place, ['flow-run', 'watch', id], env),
    startOstinato(place, ['flow-run', 'watch', id, '-o', 'json'], env),
    startOstinato(place, ['flow-run', 'logs', id, '-f'], env),
    startProgram(place, join(place.project, 'asks.ts'), env),
  ];
  programs.push(...followers);
  await until('the run is shown', () => followers[0]?.text().stdout.includes('Running'));
  await until('its load is in the log', () => followers[2]?.text().stdout.includes('it is loaded'));
  await until('the program waits', () => followers[3]?.text().stdout.includes('waits'));
  writeFileSync(join(place.project, 'followed'), '');
  // Who follows it sees the end of it, not the crash in between.
  const [watched, json, logs, program] = await Promise.all(followers.map(({ ended }) => ended));
  assert.ok(watched && json && logs && program);
  assert.equal(watched.exitCode, 0, watched.stderr);
  assert.match(watched.stdout, /Crashed[^]*AwaitingRetry[^]*Completed/);
  assert.equal((JSON.parse(json.stdout) as { state_type: string }).state_type, 'COMPLETED');
  assert.match(logs.stdout, /it went on/);
  assert.match(program.stdout, /ended COMPLETED/, program.stderr);
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
