/**
 * Runs that go on while other commands look at them: followed, cancelled, deleted, and several processes on one home.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { FlowRun } from '../../src/contract/schema/flow-run.ts';
import { Log } from '../../src/contract/schema/log.ts';
import { conforming, startOstinato, until, type Background } from './background.ts';
import { makePlace } from './launch.ts';

const place = makePlace();
const { ostinato, project } = place;

writeFileSync(
  join(project, 'slow.ts'),
  `
import { flow, runContext, task } from 'ostinato';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const tick = task(async (n: number) => { console.log('tick ' + n); return n; });
export const slow = flow(async ({ name }: { name: string }) => {
  for (let n = 0; n < 2000 && !existsSync(name + '.go'); n += 1) {
    await tick(n);
    await sleep(50, null, { signal: runContext().signal });
  }
  if (existsSync(name + '.fail')) throw new Error('told to fail');
  return name;
}, { runName: '{name}' });
export const many = flow(async ({ name, count }: { name: string; count: number }) => (await tick.map(Array.from({ length: count }, (_, n) => n))).length, { runName: '{name}' });
`,
);

async function startSlow(name: string): Promise<Background> {
  const running = startOstinato(place, ['run', 'slow.ts:slow', '-p', `name=${name}`]);
  await until(`${name} runs`, () => running.text().stdout.includes('tick 1'));
  return running;
}

const release = (name: string): void => writeFileSync(join(project, `${name}.go`), '');

test('cancel from another process: it stops within a second or so, and is Cancelled', async () => {
  const running = await startSlow('to-cancel');
  const asked = await ostinato(['flow-run', 'cancel', 'to-cancel', '--wait', '-o', 'json']);
  assert.equal(asked.exitCode, 0, asked.stderr);
  assert.equal(conforming<{ state_type: string }>(FlowRun, asked).state_type, 'CANCELLED');
  assert.equal((await running.ended).exitCode, 130);
  const again = await ostinato(['flow-run', 'cancel', 'to-cancel']);
  assert.equal(again.exitCode, 4);
  assert.match(again.stderr, /it is over, Cancelled/);
  assert.match((await ostinato(['why', 'to-cancel'])).stdout, /Was cancelled/);
});

test('a run whose process is gone is cancelled or crashed at once, without a wait', async () => {
  const running = await startSlow('gone');
  running.child.kill('SIGKILL');
  await running.ended;
  const asked = await ostinato(['flow-run', 'cancel', 'gone']);
  assert.equal(asked.exitCode, 4);
  assert.match(asked.stderr, /it is over, Crashed/);
});

test('watch follows a run to its end and ends with its exit code', async () => {
  const good = await startSlow('watched');
  const watching = startOstinato(place, ['flow-run', 'watch', 'watched']);
  await until('the watch shows it', () => watching.text().stdout.includes('Running'));
  release('watched');
  const seen = await watching.ended;
  assert.equal(seen.exitCode, 0, seen.stderr);
  assert.match(seen.stdout, /watched {2}Pending\n.*Running\n.*Completed\n.*tasks: \d+ completed\n$/);
  await good.ended;

  writeFileSync(join(project, 'failing.fail'), '');
  const bad = await startSlow('failing');
  const json = startOstinato(place, ['flow-run', 'watch', 'failing', '-o', 'json']);
  release('failing');
  const failed = await json.ended;
  assert.equal(failed.exitCode, 1);
  assert.equal(conforming<{ state_type: string }>(FlowRun, failed).state_type, 'FAILED');
  await bad.ended;
});

test('watch sees that the process of a run was killed', async () => {
  const running = await startSlow('killed');
  const watching = startOstinato(place, ['flow-run', 'watch', 'killed']);
  await until('the watch shows it', () => watching.text().stdout.includes('Running'));
  running.child.kill('SIGKILL');
  const seen = await watching.ended;
  assert.equal(seen.exitCode, 1);
  assert.match(seen.stdout, /Crashed/);
});

test('logs -f prints records as they come, each once, and ends with the run', async () => {
  const running = await startSlow('logged');
  const following = startOstinato(place, ['flow-run', 'logs', 'logged', '-f', '-o', 'json']);
  await until('records come', () => following.text().stdout.includes('tick 3'));
  release('logged');
  const { stdout, exitCode } = await following.ended;
  assert.equal(exitCode, 0);
  await running.ended;
  const followed = stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { message: string }).message);
  const all = conforming<{ message: string }[]>(Log, await ostinato(['flow-run', 'logs', 'logged', '-o', 'json']));
  assert.deepEqual(
    followed,
    all.map(({ message }) => message),
  );
  assert.deepEqual(
    followed,
    followed.map((_, n) => `tick ${n}`),
  );
});

test('delete asks, refuses what runs, and takes everything of the run with it', async () => {
  const unasked = await ostinato(['flow-run', 'delete', 'logged']);
  assert.equal(unasked.exitCode, 2);
  assert.match(unasked.stderr, /Add -y/);
  const missing = await ostinato(['flow-run', 'delete', '-y', 'logged', 'nobody']);
  assert.equal(missing.exitCode, 3);
  assert.equal((await ostinato(['flow-run', 'inspect', 'logged'])).exitCode, 0);
  const { id } = conforming<{ id: string }>(FlowRun, await ostinato(['flow-run', 'inspect', 'logged', '-o', 'json']));
  const deleted = await ostinato(['flow-run', 'delete', '-y', 'logged', 'watched', '-o', 'json']);
  assert.deepEqual(
    (JSON.parse(deleted.stdout) as { deleted: { name: string }[] }).deleted.map(({ name }) => name),
    ['logged', 'watched'],
  );
  assert.equal((await ostinato(['flow-run', 'inspect', id])).exitCode, 3);
  assert.equal((await ostinato(['task-run', 'ls', '--flow-run', id])).exitCode, 3);
});

test('three processes run flows on one home while others read: nobody finds the database locked, nothing is lost', async () => {
  const runs = ['one', 'two', 'three'].map((name) =>
    startOstinato(place, ['run', 'slow.ts:many', '-p', `name=${name}`, '-p', 'count=400']),
  );
  const reading = [ostinato(['flow-run', 'ls', '-o', 'json']), ostinato(['variable', 'set', 'meanwhile', '1'])];
  for (const run of runs) {
    const ended = await run.ended;
    assert.equal(ended.exitCode, 0, ended.stderr);
    assert.doesNotMatch(ended.stderr, /locked|busy/i);
  }
  for (const ended of await Promise.all(reading)) assert.equal(ended.exitCode, 0, ended.stderr);
  for (const name of ['one', 'two', 'three']) {
    assert.match((await ostinato(['flow-run', 'inspect', name])).stdout, /task runs +400 completed/);
    const logs = JSON.parse((await ostinato(['flow-run', 'logs', name, '-o', 'json'])).stdout) as unknown[];
    assert.equal(logs.length, 400);
  }
});
