/** Runs in processes that stood ready: each has one of its own, and finds nothing of the run before it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { startOstinato, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const STATE = `export const state = { seen: 0 };`;
const FLOWS = `
import { appendFileSync, readFileSync } from 'node:fs';
import { flow } from 'ostinato';
import { state } from './state.ts';
export const looks = flow(async () => {
  state.seen += 1;
  globalThis.left = (globalThis.left ?? 0) + 1;
  process.env.LEFT_BEHIND = (process.env.LEFT_BEHIND ?? '') + 'x';
  const seen = {
    seen: state.seen, left: globalThis.left, env: process.env.LEFT_BEHIND, job: process.env.JOB ?? null, pid: process.pid,
    folder: process.cwd(),
    lease: process.env.OSTINATO__FLOW_RUN_LEASE ?? null, words: process.argv.slice(2, 4).join(' '),
  };
  appendFileSync(process.env.SEEN_FILE, JSON.stringify(seen) + '\\n');
  process.chdir('/');
}, { name: 'looks' });
`;

const place = makeServedPlace();
const { env, programs, done, ask } = place;
const file = join(place.project, 'seen.jsonl');

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    writeFileSync(join(place.project, 'state.ts'), STATE);
    writeFileSync(file, '');
    env['SEEN_FILE'] = file;
    await done('deployment', 'build', '--name', 'looks', 'flows.ts:looks');
    await done('deployment', 'apply', 'looks-deployment.yaml');
  },
  { timeout: 120_000 },
);

/** How many processes that stand ready the worker has. */
function ready(worker: Background): number {
  return sparesOf(worker).length;
}

function sparesOf({ child }: Background): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      const parent = readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
      return parent === String(child.pid) && readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes('__spare');
    } catch {
      return false;
    }
  });
}

interface Seen {
  readonly seen: number;
  readonly left: number;
  readonly env: string;
  readonly job: string | null;
  readonly pid: number;
  readonly folder: string;
  readonly lease: string | null;
  readonly words: string;
}

/** What a run saw whose deployment has these job variables. */
async function ran(jobVariables: Readonly<Record<string, unknown>>): Promise<Seen> {
  const [deployment] = await ask<[{ id: string }]>('POST', '/deployments/filter', {});
  await ask('PATCH', `/deployments/${deployment.id}`, { job_variables: jobVariables });
  const { id } = await ask<{ id: string }>('POST', `/deployments/${deployment.id}/create_flow_run`, {
    state: { type: 'SCHEDULED' },
  });
  await until(`${id} is completed`, async () => {
    const { state_type: type } = await ask<{ state_type: string }>('GET', `/flow_runs/${id}`);
    assert.ok(!['CRASHED', 'FAILED'].includes(type), programs.map((worker) => worker.text().stderr).join('\n'));
    return type === 'COMPLETED';
  });
  return JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '') as Seen;
}

test(
  'module state, globals, environment and folder of a run are there for no other',
  { timeout: 180_000 },
  async () => {
    const worker = startOstinato(place, ['agent', 'start', '-q', 'default', '--poll', '1h', '--spare', '1'], env);
    programs.push(worker);
    await until('it is told', () => worker.text().stderr.includes('tells what is due'));
    const all: Seen[] = [];
    const spares: string[] = [];
    for (const word of ['a', null, 'b', null]) {
      await until('one stands ready', () => ready(worker) === 1);
      spares.push(...sparesOf(worker));
      all.push(await ran(word === null ? {} : { env: { JOB: word } }));
    }
    assert.deepEqual(
      all.map(({ pid }) => String(pid)),
      spares,
    );
    assert.deepEqual(
      all.map(({ job }) => job),
      ['a', null, 'b', null],
    );
    for (const { seen, left, env: entry, folder, lease, words } of all)
      assert.deepEqual([seen, left, entry, folder, lease, words], [1, 1, 'x', place.project, null, 'flow-run execute']);
    assert.equal(new Set(all.map(({ pid }) => pid)).size, all.length);
    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).exitCode, 0);
  },
);

test('what stands ready ends with its worker, also when that is killed', { timeout: 120_000 }, async () => {
  const worker = startOstinato(place, ['agent', 'start', '-q', 'default', '--poll', '1h', '--spare', '2'], env);
  programs.push(worker);
  const pids = await until('both stand ready', () => ready(worker) === 2 && sparesOf(worker));
  worker.child.kill('SIGKILL');
  await worker.ended;
  for (const pid of pids) await until(`${pid} is gone`, () => !existsSync(`/proc/${pid}`));
});

test(
  'a run whose environment says something to Node itself has a process that hears it',
  { timeout: 120_000 },
  async () => {
    const worker = startOstinato(place, ['agent', 'start', '-q', 'default', '--poll', '1h'], env);
    programs.push(worker);
    await until('one stands ready', () => ready(worker) === 1);
    const spares = sparesOf(worker);
    assert.ok(!spares.includes(String((await ran({ env: { NODE_OPTIONS: '--no-warnings' } })).pid)));
    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).exitCode, 0);
  },
);

const LOADS = `
import { registerHooks } from 'node:module';
import { appendFileSync } from 'node:fs';
let isTold = false;
if (process.argv[2] === '__spare') process.stdin.once('end', () => (isTold = true));
registerHooks({ load(url, context, next) {
  if (isTold) appendFileSync(process.env.LOADED_FILE, url + '\\n');
  return next(url, context);
} });
`;

test('what is told of its run has loaded all but the files of the user', { timeout: 180_000 }, async () => {
  const [hook, loaded] = [join(place.project, 'loads.mjs'), join(place.project, 'loaded')];
  writeFileSync(hook, LOADS);
  writeFileSync(loaded, '');
  const watched = { ...env, NODE_OPTIONS: `--import ${pathToFileURL(hook).href}`, LOADED_FILE: loaded };
  const worker = startOstinato(place, ['agent', 'start', '-q', 'default', '--poll', '1h', '--spare', '1'], watched);
  programs.push(worker);
  await until('it stands ready', () => ready(worker) === 1);
  const spares = sparesOf(worker);
  const { pid } = await ran({});
  assert.deepEqual(spares, [String(pid)]);
  const files = readFileSync(loaded, 'utf8')
    .split('\n')
    .filter((url) => url.startsWith('file:'));
  assert.deepEqual(
    files.map((url) => basename(url)),
    ['flows.ts', 'state.ts'],
  );
  worker.child.kill('SIGTERM');
  assert.equal((await worker.ended).exitCode, 0);
});

test('without spares each run starts its process', { timeout: 180_000 }, async () => {
  const worker = startOstinato(place, ['agent', 'start', '-q', 'default', '--poll', '1h', '--spare', '0'], env);
  programs.push(worker);
  assert.deepEqual(sparesOf(worker), []);
  await ran({});
  const words = (pid: number | undefined) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  assert.ok(words(worker.child.pid).includes('--max-semi-space-size=2'), 'the worker is a small process');
  worker.child.kill('SIGTERM');
  assert.equal((await worker.ended).exitCode, 0);
});
