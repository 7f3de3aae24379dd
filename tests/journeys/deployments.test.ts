/**
 * The practice of deployments with the real commands: a file is built and applied, a worker takes the runs, whatever is
 * killed meanwhile.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { appendFileSync, existsSync } from 'node:fs';
import { flow } from 'ostinato';
import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
export const count = flow(async ({ word, times }) => {
  appendFileSync('begun', word + '\\n');
  console.log('hello ' + word);
  return word.repeat(times);
}, { name: 'count', parameters: z.object({ word: z.string(), times: z.int().min(1).default(2) }) });
export const hold = flow(async ({ word }) => {
  appendFileSync('begun', word + '\\n');
  appendFileSync('pids', process.pid + '\\n');
  while (!existsSync('go-' + word)) await new Promise((resolve) => setTimeout(resolve, 20));
  return 'held';
}, { name: 'hold', parameters: z.object({ word: z.string() }) });
`;

const place = makeServedPlace();
const { env, programs, call, done, json } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
  },
  { timeout: 120_000 },
);

interface Run {
  readonly id: string;
  readonly name: string;
  readonly state: { readonly type: string; readonly message: string | null };
}

function agent(queue: string, ...more: string[]): Background {
  const started = startOstinato(place, ['agent', 'start', '-q', queue, '--poll', '0.2s', ...more], env);
  programs.push(started);
  return started;
}

/** A deployment with a queue of its own. */
async function deployed(name: string, flow: string, ...more: string[]): Promise<void> {
  await done('deployment', 'build', '--name', name, `flows.ts:${flow}`, '-q', name, '--file', `${name}.yaml`, ...more);
  await done('deployment', 'apply', `${name}.yaml`);
}

function begun(word: string): number {
  const path = join(place.project, 'begun');
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line === word).length
    : 0;
}

async function stateOf(id: string): Promise<Run['state']> {
  return (await json<Run>('flow-run', 'inspect', id)).state;
}

async function becomes(id: string, type: string): Promise<Run['state']> {
  return await until(`run ${id} is ${type}`, async () => {
    const state = await stateOf(id);
    return state.type === type && state;
  });
}

test('build, apply, agent, run: the flow runs in a process of its own', { timeout: 180_000 }, async () => {
  const built = await done('deployment', 'build', '--name', 'demo', 'flows.ts:count');
  assert.match(built, /count-deployment\.yaml/);
  const text = readFileSync(join(place.project, 'count-deployment.yaml'), 'utf8');
  for (const part of ['name: demo', 'flow_name: count', '#   word   string', 'default 2', '# schedules:'])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.match(await done('deployment', 'apply', 'count-deployment.yaml'), /Made deployment count\/demo/);
  assert.match(await done('deployment', 'apply', 'count-deployment.yaml'), /nothing was changed/);
  const started = agent('default');
  const watched = await done('deployment', 'run', 'demo', '-p', 'word=once', '--watch');
  for (const part of ['Scheduled', 'Pending', 'Running', 'Completed', 'hello once'])
    assert.ok(watched.includes(part), `${part} in ${watched}`);
  assert.equal(begun('once'), 1);
  const wrong = await call('deployment', 'run', 'demo', '-p', 'word=w', '-p', 'times=0');
  assert.notEqual(wrong.exitCode, 0);
  assert.match(wrong.stderr, /See what it takes: ostinato deployment inspect count\/demo\n/);
  assert.match(await done('deployment', 'inspect', 'count/demo'), /takes +\{ word: string; times\?: number \}/);
  const unnamed = await call('deployment', 'run', 'demo', '--job-variable', 'LANG');
  assert.match(unnamed.stderr, /for instance --job-variable 'env=\{"LANG": "C"\}'/);
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).exitCode, 0);
});

test(
  'a schedule makes runs that the agent takes when they are due; a pause ends that',
  { timeout: 180_000 },
  async () => {
    await deployed('ticking', 'count', '--interval', '1s', '-p', 'word=tick');
    const started = agent('ticking');
    await until('it ran three times', () => begun('tick') >= 3);
    await done('deployment', 'pause', 'ticking');
    started.child.kill('SIGTERM');
    await started.ended;
    const runs = await json<Run[]>('flow-run', 'ls', '--flow', 'count', '--limit', '500');
    const ran = runs.filter(({ state }) => state.type === 'COMPLETED').length;
    assert.ok(ran >= 3, `${ran} completed`);
    assert.equal(runs.filter(({ state }) => state.type === 'SCHEDULED').length, 0, 'those ahead are taken back');
    // One of them is the first test's.
    assert.equal(begun('tick') + begun('once'), ran);
    await done('deployment', 'apply', 'ticking.yaml');
    const after = await json<{ paused: boolean }>('deployment', 'inspect', 'ticking');
    assert.equal(after.paused, true, 'a file that does not say so does not resume it');
  },
);

test(
  'a process that is killed: the run is Crashed, with the signal, and can be retried',
  { timeout: 180_000 },
  async () => {
    await deployed('killed', 'hold', '-p', 'word=killed');
    const started = agent('killed');
    const { id } = await json<Run>('deployment', 'run', 'killed');
    const pid = await until('it has begun', () => begun('killed') === 1 && pids().at(-1));
    await becomes(id, 'RUNNING');
    process.kill(pid, 'SIGKILL');
    const { message } = await becomes(id, 'CRASHED');
    assert.match(message ?? '', /SIGKILL|No process has the id|has ended/);
    started.child.kill('SIGTERM');
    await started.ended;
    assert.equal(begun('killed'), 1);
    // Its parameters came over the API: a retry reads them as its worker did.
    writeFileSync(join(place.project, 'go-killed'), '');
    assert.equal(await done('flow-run', 'retry', id), 'held\n');
    assert.equal((await stateOf(id)).type, 'COMPLETED');
  },
);

function pids(): number[] {
  const path = join(place.project, 'pids');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').map(Number) : [];
}

test('an agent that is killed: what runs goes on, and nothing runs twice', { timeout: 180_000 }, async () => {
  await deployed('orphan', 'hold', '-p', 'word=orphan');
  const first = agent('orphan');
  const { id } = await json<Run>('deployment', 'run', 'orphan');
  await becomes(id, 'RUNNING');
  first.child.kill('SIGKILL');
  await first.ended;
  const second = agent('orphan');
  const next = await json<Run>('deployment', 'run', 'orphan', '-p', 'word=orphan-next');
  await becomes(next.id, 'RUNNING');
  assert.equal((await stateOf(id)).type, 'RUNNING');
  writeFileSync(join(place.project, 'go-orphan'), '');
  writeFileSync(join(place.project, 'go-orphan-next'), '');
  await becomes(id, 'COMPLETED');
  await becomes(next.id, 'COMPLETED');
  assert.deepEqual([begun('orphan'), begun('orphan-next')], [1, 1]);
  second.child.kill('SIGTERM');
  await second.ended;
});

test('two agents race for runs: each run begins once', { timeout: 180_000 }, async () => {
  await deployed('raced', 'count');
  const both = [agent('raced', '--limit', '2'), agent('raced', '--limit', '2')];
  const words = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
  const runs = await Promise.all(words.map((word) => json<Run>('deployment', 'run', 'raced', '-p', `word=${word}`)));
  for (const { id } of runs) await becomes(id, 'COMPLETED');
  assert.deepEqual(
    words.map(begun),
    words.map(() => 1),
  );
  for (const { child, ended } of both) {
    child.kill('SIGTERM');
    await ended;
  }
});

test('a run that is cancelled is stopped, and its process is gone', { timeout: 180_000 }, async () => {
  await deployed('stopped', 'hold', '-p', 'word=stopped');
  const started = agent('stopped');
  const { id } = await json<Run>('deployment', 'run', 'stopped');
  const pid = await until('it has begun', () => begun('stopped') === 1 && pids().at(-1));
  await becomes(id, 'RUNNING');
  await done('flow-run', 'cancel', id);
  await becomes(id, 'CANCELLED');
  await until('its process is gone', () => !existsSync(`/proc/${pid}`));
  started.child.kill('SIGTERM');
  await started.ended;
});

const GOOD = `name: bad
flow_name: count
entrypoint: flows.ts:count
parameters:
  word: hello
schedules:
  - cron: "0 9 * * *"
    timezone: Europe/Berlin
`;

const MISTAKES: Readonly<Record<string, readonly [from: string, to: string, line: number, said: RegExp]>> = {
  'a parameter that the flow does not have': [
    'word: hello',
    'wort: hello',
    5,
    /no parameter "wort".*Did you mean "word"/,
  ],
  'a parameter that does not fit': ['word: hello', 'word: 5', 5, /parameter word does not fit/],
  'a flow that is not there': ['flows.ts:count', 'flows.ts:cuont', 3, /no flow "cuont".*Did you mean "count"/],
  'a file that is not there': ['flows.ts:count', 'flow.ts:count', 3, /no file .*Did you mean "flows.ts"/],
  'another name of the flow': ['flow_name: count', 'flow_name: counts', 2, /is called "count"/],
  'a bad cron': ['0 9 * * *', '0 99 * * *', 7, /hour/],
  'a zone that is not': ['Europe/Berlin', 'Europe/Berlln', 8, /Europe\/Berlln/],
  'a bad indent': ['  word: hello', '  word: hello\n   more: x', 6, /indent|YAML/],
  'a field that is not known': ['schedules:', 'schedlues:', 6, /no field "schedlues".*Did you mean "schedules"/],
  'a value of another kind': [
    'name: bad',
    'name: bad\ntags: sales',
    2,
    /"tags" must be a list of texts.*tags: \[sales, nightly\]/,
  ],
};

test(
  'a file with a mistake: the line, what is wrong, what to write; nothing is applied',
  { timeout: 180_000 },
  async () => {
    const file = join(place.project, 'bad.yaml');
    for (const [what, [from, to, line, said]] of Object.entries(MISTAKES)) {
      assert.ok(GOOD.includes(from), what);
      writeFileSync(file, GOOD.replace(from, to));
      const { exitCode, stderr } = await call('deployment', 'apply', 'count-deployment.yaml', 'bad.yaml');
      assert.equal(exitCode, 2, `${what}: ${stderr}`);
      assert.ok(stderr.includes(`bad.yaml:${line}:`), `${what}: ${stderr}`);
      assert.match(stderr, said, what);
      assert.match(stderr, /nothing was applied/, what);
    }
    assert.equal((await call('deployment', 'inspect', 'bad')).exitCode, 3);
  },
);

test('a job variable that is wrongly written: the example is one that the pool has', { timeout: 60_000 }, async () => {
  const variables = { type: 'object', properties: { region: { type: 'string' }, size: { type: 'integer' } } };
  const base_job_template = { job_configuration: { region: '{{ region }}' }, variables };
  await place.ask('POST', '/work_pools/', { name: 'cloud', type: 'cloud', base_job_template });
  await done('deployment', 'build', '-n', 'clouded', 'flows.ts:count', '--pool', 'cloud', '--file', 'clouded.yaml');
  await done('deployment', 'apply', 'clouded.yaml');
  const unnamed = await call('deployment', 'run', 'clouded', '-p', 'word=w', '--job-variable', 'limit');
  assert.match(unnamed.stderr, /"limit" is no job variable\.\n.*for instance --job-variable region=VALUE/);
  const unfit = await call('deployment', 'run', 'clouded', '-p', 'word=w', '--job-variable', 'size=many');
  assert.match(unfit.stderr, /See them with: ostinato work-pool inspect cloud/);
  assert.match(await done('work-pool', 'inspect', 'cloud'), /job variables +\{ region\?: string; size\?: number \}/);
});
