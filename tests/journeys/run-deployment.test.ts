/** Flows that ask for runs of deployments, which another program runs; whatever becomes of them meanwhile. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, startProgram, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const OSTINATO = JSON.stringify(import.meta.resolve('ostinato'));
const SERVED = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow } from ${OSTINATO};
const hold = flow(async ({ word = 'none', size }) => {
  if (size !== undefined) appendFileSync('sizes', typeof size + ' ' + size + '\\n');
  appendFileSync('begun', word + '\\n');
  while (!existsSync('go-' + word)) await new Promise((resolve) => setTimeout(resolve, 20));
  if (word.startsWith('bad')) throw new RangeError('no such disk');
}, { name: 'hold' });
await hold.serve({ name: 'kids', pollSeconds: 0.2, tags: ['kid'] });
`;
const PARENT = `
import { flow, runDeployment } from ${OSTINATO};
export const parent = flow(async ({ word, again = '' }) => {
  const run = await runDeployment('hold/kids', { parameters: { word }, tags: ['asked'] });
  console.log('child ' + run.id + ' ended ' + run.state.type);
  if (again !== '' && run.state.type !== 'COMPLETED') throw new Error('the child failed');
  return run.id;
}, { name: 'parent' });
`;

/** By a flow that takes anything. */
const LARGE = `
import { flow, runDeployment } from ${OSTINATO};
export const large = flow(
  () => runDeployment('hold/kids', { parameters: { word: 'large', size: 12345678901234567890n } }),
  { name: 'large' },
);
`;

const place = makeServedPlace();
const { env, programs, call, json } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'served.ts'), SERVED);
    writeFileSync(join(place.project, 'parent.ts'), PARENT);
    writeFileSync(join(place.project, 'large.ts'), LARGE);
    const served = startProgram(place, join(place.project, 'served.ts'), env);
    programs.push(served);
    await until('it serves', () => served.text().stderr.includes('Ctrl-C ends'));
  },
  { timeout: 120_000 },
);

interface Run {
  readonly id: string;
  readonly tags: readonly string[];
  readonly state: { readonly type: string };
  readonly parent_task_run_id: string | null;
}

const begun = (word: string): number => {
  const path = join(place.project, 'begun');
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line === word).length
    : 0;
};
const release = (word: string): void => writeFileSync(join(place.project, `go-${word}`), '');

function asking(...words: string[]): Background {
  const program = startOstinato(place, ['run', 'parent.ts', ...words], env);
  programs.push(program);
  return program;
}

async function newest(flow: string): Promise<Run> {
  const [run] = await json<readonly Run[]>('flow-run', 'ls', '--flow', flow, '--limit', '1');
  assert.ok(run);
  return run;
}

test(
  'the run is a step of the flow that asked: its end is waited for, and mirrored',
  { timeout: 180_000 },
  async () => {
    const program = asking('-p', 'word=one');
    await until('it has begun', () => begun('one') === 1);
    const child = await newest('hold');
    assert.equal(child.state.type, 'RUNNING');
    assert.deepEqual([...child.tags].sort(), ['asked', 'kid']);
    release('one');
    const { exitCode, stdout, stderr } = await program.ended;
    assert.equal(exitCode, 0, stdout + stderr);
    assert.ok(stdout.includes(`child ${child.id} ended COMPLETED`), stdout);
    const tasks = await json<
      readonly { readonly id: string; readonly task_key: string; readonly state: { readonly type: string } }[]
    >('task-run', 'ls', '--flow-run', (await newest('parent')).id);
    assert.deepEqual(
      tasks.map(({ id, task_key: key, state }) => [id, key, state.type]),
      [[(await newest('hold')).parent_task_run_id, 'deployment:hold/kids', 'COMPLETED']],
    );
  },
);

test('whole numbers come to the run as they were given, however long', { timeout: 180_000 }, async () => {
  release('large');
  const asked = await call('run', 'large.ts');
  assert.equal(asked.exitCode, 0, asked.stdout + asked.stderr);
  assert.equal(readFileSync(join(place.project, 'sizes'), 'utf8'), 'bigint 12345678901234567890\n');
});

test('a parent that is killed meanwhile goes on with the same run', { timeout: 180_000 }, async () => {
  const program = asking('-p', 'word=killed');
  await until('it has begun', () => begun('killed') === 1);
  program.child.kill('SIGKILL');
  await program.ended;
  const parent = await newest('parent');
  const child = await newest('hold');
  const again = startOstinato(place, ['flow-run', 'retry', parent.id], env);
  programs.push(again);
  await until('it goes on', () => again.text().stderr.includes('Running'));
  release('killed');
  const { exitCode, stdout, stderr } = await again.ended;
  assert.equal(exitCode, 0, stdout + stderr);
  assert.ok(stdout.includes(`child ${child.id} ended COMPLETED`), stdout);
  assert.equal(begun('killed'), 1);
});

test(
  'a run that failed is told by its state; a retry of the parent asks for another one',
  { timeout: 180_000 },
  async () => {
    release('bad');
    const first = await asking('-p', 'word=bad', '-p', 'again=yes').ended;
    assert.equal(first.exitCode, 1, first.stdout + first.stderr);
    assert.match(first.stdout, /ended FAILED/);
    const second = await call('flow-run', 'retry', (await newest('parent')).id);
    assert.equal(second.exitCode, 1);
    assert.equal(begun('bad'), 2);
  },
);

test('a parent that is called off calls its run off', { timeout: 180_000 }, async () => {
  const program = asking('-p', 'word=off');
  await until('it has begun', () => begun('off') === 1);
  program.child.kill('SIGINT');
  assert.equal((await program.ended).exitCode, 130);
  const { id } = await newest('hold');
  await until(
    'the run is cancelled',
    async () => (await json<Run>('flow-run', 'inspect', id)).state.type === 'CANCELLED',
  );
});

test('without waiting, under a key, later, by itself; what is not there', { timeout: 180_000 }, async () => {
  writeFileSync(
    join(place.project, 'odd.ts'),
    `import { flow, runDeployment } from ${OSTINATO};
    const at = new Date(Date.now() + 3_600_000);
    const options = { timeoutSeconds: 0, idempotencyKey: 'k', scheduledTime: at, name: 'later' };
    const first = await runDeployment('kids', options);
    const second = await runDeployment('kids', options);
    console.log(first.id === second.id, first.name, first.state.type, first.state.scheduledTime / 1000 === at.getTime());
    await flow(async () => {
      const alone = await runDeployment('kids', { timeoutSeconds: 0, asSubflow: false, scheduledTime: at });
      console.log('parent', alone.parentTaskRunId);
    }, { name: 'odd' })();
    for (const call of [
      () => runDeployment('hold/kid'),
      () => runDeployment('kids', { parameter: {} }),
      () => runDeployment('kids', { timeoutSeconds: -1 }),
    ]) await call().catch((error) => console.log(error.message, error.remedy));`,
  );
  const { stdout, stderr, exitCode } = await startProgram(place, join(place.project, 'odd.ts'), env).ended;
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^true later SCHEDULED true\nparent null\n/);
  assert.match(stdout, /There is no deployment "hold\/kid"\. Did you mean "kids"/);
  assert.match(stdout, /option parameter of runDeployment\("kids"\) is not known.*Did you mean parameters/);
  assert.match(stdout, /option timeoutSeconds .* is -1/);
});
