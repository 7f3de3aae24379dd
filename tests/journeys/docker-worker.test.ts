/** The Docker worker on a real engine: runs in containers, however they end, and nothing of them is left. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { startEngine, type TestEngine } from './container-engine.ts';
import { makePlace, type Ended } from './launch.ts';

const FLOWS = `
import { existsSync, writeFileSync } from 'node:fs';
import { flow } from 'ostinato';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Says that it has begun, and goes on when it is told. */
async function meets(name: string): Promise<void> {
  writeFileSync('/meet/' + name + '.here', String(process.pid));
  while (!existsSync('/meet/' + name + '.go')) await pause(20);
}
export const talks = flow(async () => {
  console.log('logged once');
  process.stdout.write('raw one\\n');
  process.stderr.write('raw two\\n');
  return [process.pid, process.env.WORD, process.env.POOL_WORD, process.cwd()];
}, { name: 'talks' });
export const fails = flow(async () => { throw new Error('not today'); }, { name: 'fails' });
export const leaves = flow(async () => {
  process.stdout.write('last words\\n');
  await pause(200);
  process.reallyExit(3);
}, { name: 'leaves' });
export const eats = flow(async () => {
  const kept: Buffer[] = [];
  for (;;) { kept.push(Buffer.alloc(16e6, 1)); await pause(5); }
}, { name: 'eats' });
export const stays = flow(async () => { await meets('stays'); return 'stayed'; }, { name: 'stays' });
export const refuses = flow(async () => {
  process.on('SIGTERM', () => {});
  writeFileSync('/meet/refuses.here', '');
  for (;;) { const until = Date.now() + 100; while (Date.now() < until); await pause(1); }
}, { name: 'refuses' });
`;

const TEST_MS = 120_000;

let engine: TestEngine;
let worker: Background;
let env: Record<string, string> = {};
after(async () => {
  worker?.child.kill('SIGKILL');
  await place.ostinato(['server', 'stop']);
  await engine?.stop();
});
const place = makePlace();

before(
  async () => {
    engine = await startEngine();
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    await place.ostinato(['server', 'start', '--port', '0', '--background']);
    const { stdout } = await place.ostinato(['server', 'status', '--wait', '-o', 'json']);
    env = { OSTINATO_API_URL: `${(JSON.parse(stdout) as { url: string }).url}/api`, DOCKER_HOST: engine.address };
    await done('work-pool', 'create', 'harbour', '--type', 'docker');
    for (const name of ['talks', 'fails', 'leaves', 'eats', 'stays', 'refuses']) await deploys(name, name);
    startWorker();
  },
  { timeout: 300_000 },
);

function startWorker(): void {
  worker = startOstinato(place, ['worker', 'start', '-p', 'harbour', '--name', 'docker hand', '--drain', '20s'], env);
}

const variables = (more: object = {}): object => ({
  image: engine.image,
  working_dir: '/code',
  volumes: [...engine.volumes, `${place.project}:/code:ro`, `${engine.folder}:/meet`],
  ...more,
});

async function deploys(flow: string, name: string, more: object = {}): Promise<void> {
  const { id: flowId } = await post<{ id: string }>('/flows/', { name: flow });
  await post('/deployments/', {
    name,
    flow_id: flowId,
    entrypoint: `flows.ts:${flow}`,
    work_pool_name: 'harbour',
    job_variables: variables(more),
  });
}

async function done(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr }: Ended = await place.ostinato(words, { env });
  assert.equal(exitCode, 0, `${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${env['OSTINATO_API_URL']}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as T;
}

const post = <T>(path: string, body: unknown): Promise<T> => ask<T>('POST', path, body);

interface Run {
  readonly id: string;
  readonly name: string;
  readonly infrastructure_pid: string | null;
  readonly run_count: number;
  readonly state: { readonly type: string; readonly message: string | null };
}

async function begun(flow: string, name = flow, jobVariables?: object): Promise<Run> {
  const { id } = await ask<{ id: string }>('GET', `/deployments/name/${flow}/${name}`);
  return await post(`/deployments/${id}/create_flow_run`, {
    state: { type: 'SCHEDULED' },
    ...(jobVariables === undefined ? {} : { job_variables: jobVariables }),
  });
}

const ENDS = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'];

async function becomes({ id }: Run, type: string): Promise<Run> {
  return await until(`run ${id} is ${type}`, async () => {
    const run = await ask<Run>('GET', `/flow_runs/${id}`);
    const isOver = ENDS.includes(run.state.type) && run.state.type !== type;
    assert.ok(!isOver, `${run.state.type}: ${run.state.message}\n${worker.text().stderr}`);
    return run.state.type === type && run;
  });
}

async function logsOf({ id }: Run): Promise<readonly { readonly message: string; readonly name: string }[]> {
  return await post('/logs/filter', { logs: { flow_run_id: { any_: [id] } }, sort: 'TIMESTAMP_ASC', limit: 200 });
}

interface Told {
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What the worker told of the run, the oldest first, when it has told of its end. */
async function news({ id }: Run): Promise<readonly Told[]> {
  return await until('its end is told', async () => {
    const { events } = await post<{ events: readonly Told[] }>('/events/filter', {
      filter: { event: { prefix: ['ostinato.flow-run.'] }, resource: { id: [`prefect.flow-run.${id}`] }, order: 'ASC' },
    });
    return events.some(({ event }) => event.endsWith('process-ended')) && events;
  });
}

async function nothingIsLeft(): Promise<void> {
  await until('no container is left', () => engine.containers().length === 0);
}

test(
  'a run in a container: its output, its environment, its place; and the container is gone',
  { timeout: TEST_MS },
  async () => {
    const run = await begun('talks', 'talks', { env: { WORD: 'of the run' } });
    const { infrastructure_pid: at } = await becomes(run, 'COMPLETED');
    assert.match(at ?? '', /^unix:\/\/.*engine\.sock:[0-9a-f]{64}$/);
    const end = (await news(run)).at(-1)?.payload;
    assert.equal(end?.['exit_code'], 0);
    const logs = await logsOf(run);
    assert.deepEqual(
      ['logged once', 'raw one', 'raw two'].map((text) => logs.filter(({ message }) => message === text).length),
      [1, 1, 1],
      JSON.stringify(logs),
    );
    await nothingIsLeft();
  },
);
