/** The process of a run, as a worker has it: what it writes, how it ends, and that nothing of it is left. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { spawn, spawnSync } from 'node:child_process';
import { flow } from 'ostinato';
export const talks = flow(async () => {
  console.log('logged once');
  process.stdout.write('raw one\\n');
  spawnSync('sh', ['-c', 'echo from a child; echo to stderr >&2'], { stdio: 'inherit' });
  console.log('logged twice');
  return 'the result';
}, { name: 'talks' });
export const dies = flow(async () => {
  for (let index = 0; index < 40; index += 1) process.stdout.write('word ' + index + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
}, { name: 'dies' });
// What it starts leaves its group and its session, and heeds no signal that can be heeded.
export const stays = flow(async () => {
  process.on('SIGTERM', () => {});
  const shell = 'trap "" TERM HUP; echo $$ >> stayed; while :; do sleep 0.1; done';
  spawn('setsid', ['sh', '-c', '(setsid sh -c \\'' + shell + '\\' &) ; ' + shell], { stdio: 'ignore', detached: true }).unref();
  for (;;) await new Promise((resolve) => setTimeout(resolve, 20));
}, { name: 'stays' });
`;

// What the pool, the deployment and the run say of its process.
const TOLD = `
import { flow } from 'ostinato';
export const told = flow(async () => {
  const { A, B, C, D } = process.env;
  console.log([A, B, C, D, process.cwd().split('/').at(-1)].join(' '));
}, { name: 'told' });
`;

let worker: Background;
const place = makeServedPlace();
const { env, programs, done } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    for (const name of ['talks', 'dies', 'stays']) {
      await done('deployment', 'build', '--name', name, `flows.ts:${name}`, '--file', `${name}.yaml`);
      await done('deployment', 'apply', `${name}.yaml`);
    }
    worker = startOstinato(place, ['worker', 'start', '-p', 'default-agent-pool'], env);
    programs.push(worker);
  },
  { timeout: 180_000 },
);

async function ask<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${env['OSTINATO_API_URL']}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as T;
}

interface Run {
  readonly id: string;
  readonly state: { readonly type: string; readonly message: string | null };
}

async function begun(name: string): Promise<string> {
  return (JSON.parse(await done('deployment', 'run', name, '-o', 'json')) as Run).id;
}

async function becomes(id: string, type: string): Promise<Run['state']> {
  return await until(`run ${id} is ${type}`, async () => {
    const { state } = JSON.parse(await done('flow-run', 'inspect', id, '-o', 'json')) as Run;
    return state.type === type && state;
  });
}

async function logsOf(id: string): Promise<readonly { readonly message: string; readonly name: string }[]> {
  return await ask('/logs/filter', { logs: { flow_run_id: { any_: [id] } }, sort: 'TIMESTAMP_ASC' });
}

interface Told {
  readonly event: string;
  readonly occurred: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What the worker told of the run's process, the oldest first, when it is told of its end. */
async function news(id: string): Promise<readonly Told[]> {
  return await until('its end is told', async () => {
    const { events } = await ask<{ events: readonly Told[] }>('/events/filter', {
      filter: { event: { prefix: ['ostinato.flow-run.'] }, resource: { id: [`prefect.flow-run.${id}`] }, order: 'ASC' },
    });
    const ours = events.filter(({ event }) => !event.endsWith('.updated'));
    return ours.some(({ event }) => event.endsWith('process-ended')) && ours;
  });
}

test(
  'what it writes is in the logs of the run: once, in its order, and nothing else',
  { timeout: 120_000 },
  async () => {
    const id = await begun('talks');
    await becomes(id, 'COMPLETED');
    const told = await news(id);
    assert.equal(told.at(-1)?.payload['exit_code'], 0);
    assert.ok(Number(told.at(-1)?.payload['peak_memory_bytes']) > 1_000_000);
    const logs = await until('all of it is there', async () => {
      const found = await ask<readonly { message: string; name: string }[]>('/logs/filter', {
        logs: { flow_run_id: { any_: [id] } },
        sort: 'TIMESTAMP_ASC',
      });
      return found.some(({ message }) => message === 'from a child') && found;
    });
    const written = logs.filter(({ name }) => name.startsWith('ostinato.process.'));
    assert.deepEqual(
      written.filter(({ name }) => name.endsWith('stdout')).map(({ message }) => message),
      ['raw one', 'from a child'],
    );
    assert.deepEqual(
      written.filter(({ name }) => name.endsWith('stderr')).map(({ message }) => message),
      ['to stderr'],
    );
    for (const said of ['logged once', 'logged twice'])
      assert.equal(logs.filter(({ message }) => message === said).length, 1, said);
    assert.match(worker.text().stdout, /logged once/, 'the worker shows it');
  },
);

test('one that dies: the last lines, the signal, and what it used are in its state', { timeout: 120_000 }, async () => {
  const id = await begun('dies');
  const { message } = await becomes(id, 'CRASHED');
  // Whoever looks first says it; how it ended and what it wrote is said in any case.
  assert.match(message ?? '', /SIGKILL|No process has the id/);
  const { message: later } = await until('its state says it', async () => {
    const state = await becomes(id, 'CRASHED');
    return state.message?.includes('SIGKILL') === true && state;
  });
  assert.match(later ?? '', /MB of memory[^]*word 39/);
  const said = await until('the worker says it', async () => {
    const logs = await logsOf(id);
    return logs.find(({ name, message: text }) => name === 'ostinato.worker' && text.includes('SIGKILL'))?.message;
  });
  assert.match(said, /MB of memory/);
  assert.match(said, /word 39/);
  assert.doesNotMatch(said, /word 3\n/);
  assert.equal((await news(id)).at(-1)?.payload['signal'], 'SIGKILL');
});

test(
  'cancelled: nothing is left, not even what left its group twice; each stage has its time',
  { timeout: 180_000 },
  async () => {
    const id = await begun('stays');
    await becomes(id, 'RUNNING');
    const path = join(place.project, 'stayed');
    const pids = await until('both are there', () => {
      const found = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
      return found.length === 2 && found;
    });
    await done('flow-run', 'cancel', id);
    await becomes(id, 'CANCELLED');
    const told = await news(id);
    for (const pid of pids) await until(`${pid} is gone`, () => !existsSync(`/proc/${pid}`));
    const stages = told.map(({ event }) => event.replace('ostinato.flow-run.', ''));
    assert.equal(stages[0], 'cancel-seen');
    assert.deepEqual(stages.slice(-2), ['confirmed', 'process-ended']);
    const times = told.map(({ occurred }) => Date.parse(occurred));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  },
);

test(
  'its environment, folder and command are what the pool, the deployment and the run say, the later one wins',
  { timeout: 180_000 },
  async () => {
    const folder = join(place.project, 'elsewhere');
    mkdirSync(folder);
    writeFileSync(join(folder, 'told.ts'), TOLD);
    await done('variable', 'set', 'fourth', 'of a variable');
    const env_ = { A: 'pool', B: 'pool', C: 'pool', D: '{{ prefect.variables.fourth }}' };
    const template = {
      job_configuration: Object.fromEntries(
        ['env', 'working_dir', 'command', 'stream_output'].map((name) => [name, `{{ ${name} }}`]),
      ),
      variables: {
        type: 'object',
        properties: { env: { type: 'object', default: env_ }, working_dir: {}, command: {}, stream_output: {} },
      },
    };
    await place.ask('POST', '/work_pools/', { name: 'told', type: 'process', base_job_template: template });
    const flow = await place.ask<{ id: string }>('POST', '/flows/', { name: 'told' });
    await place.ask('POST', '/deployments/', {
      name: 'told',
      flow_id: flow.id,
      work_pool_name: 'told',
      path: place.project,
      entrypoint: 'told.ts:told',
      job_variables: { env: { B: 'deployment', C: 'deployment' } },
    });
    const ours = startOstinato(place, ['worker', 'start', '-p', 'told'], env);
    programs.push(ours);
    const asked = async (...more: string[]): Promise<string> =>
      (JSON.parse(await done('deployment', 'run', 'told/told', '-o', 'json', ...more)) as Run).id;
    const inFolder = ['--job-variable', `working_dir=${folder}`];
    const first = await asked(...inFolder, '--job-variable', 'env={"C": "run"}');
    await becomes(first, 'COMPLETED');
    const expected = 'pool deployment run of a variable elsewhere';
    await until('its words are there', async () => (await logsOf(first)).some(({ message }) => message === expected));

    const words = 'sh -c \'echo "said $A $OSTINATO_API_URL"; exit 3\'';
    const second = await asked(
      ...inFolder,
      '--job-variable',
      `command=${words}`,
      '--job-variable',
      'stream_output=false',
    );
    const { message } = await becomes(second, 'CRASHED');
    assert.match(message ?? '', /exit code 3/);
    const said = `said pool ${env['OSTINATO_API_URL']}`;
    assert.ok((await logsOf(second)).some((log) => log.message.includes(said)));
    assert.ok(!ours.text().stdout.includes(said), 'its output is in the logs, and not shown by the worker');

    // A pool whose configuration has no command lets nobody say one.
    const { command: _, ...less } = template.job_configuration;
    const changed = { base_job_template: { ...template, job_configuration: less } };
    await place.ask('PATCH', '/work_pools/told', changed);
    await becomes(await asked(...inFolder, '--job-variable', `command=${words}`), 'COMPLETED');
    await place.ask('PATCH', '/work_pools/told', { base_job_template: template });

    const third = await asked('--job-variable', 'command=one\ntwo');
    assert.match((await becomes(third, 'CRASHED')).message ?? '', /command is not one command/);
  },
);
