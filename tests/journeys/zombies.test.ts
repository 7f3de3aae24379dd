/**
 * Processes that were taken for dead and come back: stopped for longer than their lease, on a machine that nobody can
 * look at from here. Their runs went to others meanwhile; whoever comes back is refused, writes nothing and ends.
 */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { until, type Background } from './background.ts';
import { makePlace } from './launch.ts';
import { PulledWorld } from './pulled-world.ts';
import { isThere, RunWitness, type Line } from './run-witness.ts';

/** `slow` ends when there is a file, `late` is loaded when there is another one. */
const FLOWS = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow, task } from 'ostinato';
const say = (...words) => appendFileSync('witness', words.join(' ') + '\\n');
const comes = async (file) => {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
};
const step = task(async () => { say('step', 'slow', process.pid); return process.pid; }, { name: 'step' });
export const slow = flow(async () => {
  say('begin', 'slow', process.pid);
  const first = await step();
  await comes('go');
  say('end', 'slow', process.pid);
  return [first, process.pid];
}, { name: 'slow' });
`;
const LATE = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow } from 'ostinato';
const say = (...words) => appendFileSync('witness', words.join(' ') + '\\n');
say('load', 'late', process.pid);
while (!existsSync('loads')) await new Promise((resolve) => setTimeout(resolve, 20));
export const late = flow(async () => {
  say('begin', 'late', process.pid);
  say('end', 'late', process.pid);
}, { name: 'late' });
`;

after(async () => {
  for (const pid of stopped) signal(pid, 'SIGKILL');
  await world.close();
});
const place = makePlace();
const witness = new RunWitness(join(place.project, 'witness'));
const stopped: number[] = [];
let world: PulledWorld;

before(
  async () => {
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    writeFileSync(join(place.project, 'late.ts'), LATE);
    world = await PulledWorld.open(place);
  },
  { timeout: 120_000 },
);

/** A worker of another machine: what it and its processes are cannot be asked of the kernel here. */
function workerOf(host: string): Background {
  const file = join(place.project, `${host}.mjs`);
  writeFileSync(
    file,
    `import os from 'node:os';\nimport { syncBuiltinESMExports } from 'node:module';\n` +
      `os.hostname = () => ${JSON.stringify(host)};\nsyncBuiltinESMExports();\n`,
  );
  return world.startWorker({ NODE_OPTIONS: `--import ${file}` }, '--spare', '0', '--poll', '1s', '--name', host);
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (isThere(pid)) process.kill(pid, name);
}

const said = (word: string, about: string): readonly Line[] =>
  witness.of(about).filter((line) => (line.said as string) === word);
const pids = (word: string, about: string): readonly number[] => said(word, about).map(({ pid }) => pid);

async function states(id: string): Promise<readonly string[]> {
  const all = await world.call<readonly { name: string }[]>('GET', `/flow_run_states/?flow_run_id=${id}`);
  return all.map(({ name }) => name);
}

const stateOf = async (id: string): Promise<string> =>
  (await world.call<{ state: { type: string } }>('GET', `/flow_runs/${id}`)).state.type;

test(
  'a worker and its processes come back: their runs are those of others, and they end; each run has one result',
  { timeout: 600_000 },
  async () => {
    const fields = { path: place.project, entrypoint: 'flows.ts:slow', on_crash: 'resume' };
    const slow = await world.ask(await world.deployment('slow', fields));
    const first = workerOf('far');
    const [zombie = 0] = await until('it runs', () => said('step', 'slow').length === 1 && pids('begin', 'slow'));
    const late = await world.ask(await world.deployment('late', { path: place.project, entrypoint: 'late.ts:late' }));
    const [unborn = 0] = await until(
      'the other one is loaded',
      () => said('load', 'late').length > 0 && pids('load', 'late'),
    );
    // Its step is on record before nobody hears of it any more.
    await until('its step is told', async () => {
      const filter = { flow_runs: { id: { any_: [slow] } }, task_runs: { state: { type: { any_: ['COMPLETED'] } } } };
      return (await world.call<number>('POST', '/task_runs/count', filter)) === 1;
    });

    stopped.push(first.child.pid ?? 0, zombie, unborn);
    for (const pid of stopped) signal(pid, 'SIGSTOP');
    await until('they are taken for dead', async () => {
      await world.call('POST', '/ostinato/processes/reap', {});
      return (await stateOf(slow)) !== 'RUNNING' && (await stateOf(late)) === 'SCHEDULED';
    });
    workerOf('near');
    const [, heir] = await until(
      'it goes on elsewhere',
      () => said('begin', 'slow').length === 2 && pids('begin', 'slow'),
    );
    await until('so does the other one', () => said('load', 'late').length === 2);
    await until('it is running there', async () => (await stateOf(slow)) === 'RUNNING');

    for (const pid of stopped) signal(pid, 'SIGCONT');
    // Nothing has told it to: the file that lets its body go on is not there.
    await until('what has come back ends by itself', () => !isThere(zombie));
    assert.ok(!existsSync(join(place.project, 'go')));
    assert.equal(await stateOf(slow), 'RUNNING', 'its end is none of the run');
    writeFileSync(join(place.project, 'loads'), '');
    await until('what had not begun is refused', () => !isThere(unborn));
    await world.completed(late);
    writeFileSync(join(place.project, 'go'), '');
    await world.completed(slow);

    assert.deepEqual(pids('end', 'slow'), [heir]);
    assert.equal(said('step', 'slow').length, 1, 'what was done is not done again');
    assert.equal(said('begin', 'late').length, 1);
    assert.notEqual(pids('begin', 'late')[0], unborn);
    const moved = await states(slow);
    assert.equal(moved.at(-1), 'Completed');
    assert.equal(moved.filter((name) => name === 'Crashed').length, 1, moved.join());
    assert.equal(moved.filter((name) => name === 'Completed').length, 1);
    assert.equal((await states(late)).filter((name) => name === 'Running').length, 1);

    // The worker that has come back is one like any other.
    assert.equal(first.child.exitCode, null, first.text().stderr);
    world.workers[1]?.child.kill('SIGKILL');
    await world.completed(await world.ask(await world.deployment('again', { ...fields }, 'slow')));
    assert.equal(said('end', 'slow').length, 2);
  },
);
