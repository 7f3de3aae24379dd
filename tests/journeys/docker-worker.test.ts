/** The Docker worker on a real engine: runs in containers, however they end, and nothing of them is left. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { askApi } from './ask-api.ts';
import { startOstinato, until, type Background } from './background.ts';
import { IMAGE_ENV, startEngine, type TestEngine } from './container-engine.ts';
import { startRegistry, type ImageRegistry } from './image-registry.ts';
import { makePlace, type Ended } from './launch.ts';

const FLOWS = `
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  process.stdout.write(JSON.stringify([process.env.WORD, process.cwd()]) + '\\n');
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
`;

/** Heeds no request, and does not take its run over. */
const DEAF = `sh -c "trap '' TERM; echo deaf; touch /meet/deaf.here; while :; do sleep 0.1; done"`;
const TEST_MS = 120_000;

let engine: TestEngine;
let registry: ImageRegistry;
let worker: Background;
let env: Record<string, string> = {};
after(async () => {
  worker?.child.kill('SIGKILL');
  await place.ostinato(['server', 'stop']);
  await engine?.stop();
  await registry?.close();
});
const place = makePlace();

before(
  async () => {
    registry = await startRegistry();
    engine = await startEngine(registry.host);
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    await place.ostinato(['server', 'start', '--port', '0', '--background']);
    const { stdout } = await place.ostinato(['server', 'status', '--wait', '-o', 'json']);
    env = { OSTINATO_API_URL: `${(JSON.parse(stdout) as { url: string }).url}/api`, DOCKER_HOST: engine.address };
    await done('work-pool', 'create', 'harbour', '--type', 'docker');
    for (const name of ['talks', 'fails', 'leaves', 'eats', 'stays']) await deploys(name, name);
    await deploys('talks', 'deaf', { command: DEAF });
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

const ask = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  askApi<T>(env['OSTINATO_API_URL'], method, path, body);
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
  const body = { state: { type: 'SCHEDULED' }, ...(jobVariables === undefined ? {} : { job_variables: jobVariables }) };
  // A machine that is busy may not come to check the variables in the time that there is for it.
  return await until(
    'the run is made',
    async () =>
      await post<Run>(`/deployments/${id}/create_flow_run`, body).catch((error: unknown) => {
        if (!/cannot be checked: it took longer/.test(String(error))) throw error;
        return false as const;
      }),
  );
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
      ['logged once', 'raw one', 'raw two', '["of the run","/code"]'].map(
        (text) => logs.filter(({ message }) => message === text).length,
      ),
      [1, 1, 1, 1],
      JSON.stringify(logs),
    );
    await nothingIsLeft();
  },
);

test(
  'its end is told: exit code, no memory, a flow that fails, each with what is known',
  { timeout: TEST_MS },
  async () => {
    const failed = await begun('fails');
    const left = await begun('leaves');
    const silent = await begun('leaves', 'leaves', { stream_output: false });
    const ate = await begun('eats', 'eats', { mem_limit: '200m', memswap_limit: '200m', cpus: 1 });
    assert.match((await becomes(failed, 'FAILED')).state.message ?? '', /not today/);
    for (const run of [left, silent]) {
      const { message } = (await becomes(run, 'CRASHED')).state;
      assert.match(message ?? '', /^Its container ended with exit code 3\.[^]*last words/);
    }
    const { message } = (await becomes(ate, 'CRASHED')).state;
    assert.match(
      message ?? '',
      /exit code 137\. .*needs more memory than it may use \(job variable mem_limit: 210 MB\)|needed more memory/,
    );
    const told = (await news(ate)).at(-1)?.payload;
    assert.equal(told?.['exit_code'], 137);
    assert.ok(
      Number(told?.['peak_memory_bytes']) > 50e6 && Number(told?.['peak_memory_bytes']) <= 210e6,
      JSON.stringify(told),
    );
    assert.ok(Number(told?.['cpu_seconds']) > 0);
    await nothingIsLeft();
  },
);

test('what cannot begin says why, and what to type', { timeout: TEST_MS }, async () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ image: 'localhost/none:1', image_pull_policy: 'Never' }, /no image localhost\/none:1[^]*docker pull/],
    [{ image: '127.0.0.1:1/none:1' }, /127\.0\.0\.1:1\/none:1 could not be fetched: [^]*docker pull/],
    [{ image: null }, /job variable image cannot be used: it is missing/],
    [{ command: 'no-such-program' }, /could not be started: [^]*no-such-program[^]*job variable command/],
    [{ networks: ['nowhere'] }, /nowhere/],
    [{ volumes: ['/only-one'] }, /job variable volumes cannot be used: "\/only-one" is no volume/],
    [{ container_create_kwargs: { binds: [] } }, /"binds" is not one of its settings\. It takes cap_add/],
    [{ name: '../up' }, /job variable name cannot be used/],
  ];
  for (const [said, why] of cases) {
    const { message } = (await becomes(await begun('talks', 'talks', said), 'CRASHED')).state;
    assert.match(message ?? '', why);
  }
  await nothingIsLeft();
});

test('cancelled: asked, then ended by force, and confirmed', { timeout: TEST_MS }, async () => {
  const run = await begun('talks', 'deaf');
  await until('it runs', () => existsSync(join(engine.folder, 'deaf.here')));
  await post(`/flow_runs/${run.id}/set_state`, { state: { type: 'CANCELLING' } });
  await becomes(run, 'CANCELLED');
  const stages = (await news(run)).map(({ event }) => event.slice('ostinato.flow-run.'.length));
  for (const stage of ['cancel-seen', 'signalled', 'killed', 'confirmed', 'process-ended'])
    assert.ok(stages.includes(stage), `${stage}: ${stages.join(', ')}`);
  await nothingIsLeft();
});

test(
  'a worker that is killed: the next one takes its container over; none runs twice',
  { timeout: TEST_MS },
  async () => {
    const run = await begun('stays');
    await until('it runs', () => existsSync(join(engine.folder, 'stays.here')));
    worker.child.kill('SIGKILL');
    await worker.ended;
    startWorker();
    await until('it is taken over', () => /is gone; container .* is taken over/.test(worker.text().stderr));
    // The engine may be away meanwhile, too.
    await engine.stopService();
    await engine.startService();
    writeFileSync(join(engine.folder, 'stays.go'), '');
    assert.equal((await becomes(run, 'COMPLETED')).run_count, 1);
    await nothingIsLeft();
  },
);

test('while its engine is away nothing is taken, and nothing lost', { timeout: TEST_MS }, async () => {
  await engine.stopService();
  const run = await begun('talks');
  await until('the worker says so', () =>
    /container engine at \S+ does not answer[^]*DOCKER_HOST/.test(worker.text().stderr),
  );
  assert.equal((await ask<Run>('GET', `/flow_runs/${run.id}`)).state.type, 'SCHEDULED');
  await engine.startService();
  await becomes(run, 'COMPLETED');
  await nothingIsLeft();
});

test('without an engine it does not begin; nor in a pool of another type', { timeout: TEST_MS }, async () => {
  const words = ['worker', 'start', '-p', 'harbour', '--run-once'];
  const away = await place.ostinato(words, { env: { ...env, DOCKER_HOST: 'unix:///nowhere.sock' } });
  assert.notEqual(away.exitCode, 0);
  assert.match(away.stderr, /container engine at unix:\/\/\/nowhere\.sock does not answer[^]*export DOCKER_HOST=/);
  const other = await place.ostinato([...words, '--type', 'process'], { env });
  assert.equal(other.exitCode, 2);
  assert.match(other.stderr, /pool harbour is of the type docker/);
});

test(
  'the pool has its template, for other clients too; and a variable that does not fit is refused',
  { timeout: TEST_MS },
  async () => {
    type Pool = { readonly base_job_template: { readonly variables: { readonly properties: object } } };
    const { base_job_template: template } = await ask<Pool>('GET', '/work_pools/harbour');
    assert.ok('image_pull_policy' in template.variables.properties);
    type Workers = {
      readonly 'prefect-docker': { readonly docker: { readonly default_base_job_configuration: object } };
    };
    const known = await ask<Workers>('GET', '/collections/views/aggregate-worker-metadata');
    assert.deepEqual(known['prefect-docker'].docker.default_base_job_configuration, template);
    const { id } = await ask<{ id: string }>('GET', '/deployments/name/talks/talks');
    await assert.rejects(
      post(`/deployments/${id}/create_flow_run`, { job_variables: { image_pull_policy: 'Sometimes' } }),
      /image_pull_policy|Sometimes/,
    );
  },
);

test(
  'an image is fetched as the policy says it, and the logs of the run tell of it',
  { timeout: TEST_MS },
  async () => {
    const image = `${registry.host}/flows:2`;
    registry.put('flows', '2', readFileSync(engine.layer), { Env: IMAGE_ENV });
    const fetched = (): number => registry.asked.filter((path) => path === '/v2/flows/manifests/2').length;
    const runs = async (policy: string): Promise<readonly string[]> => {
      const run = await begun('talks', 'talks', { image, image_pull_policy: policy, command: 'true' });
      await becomes(run, 'CRASHED');
      return (await logsOf(run)).map(({ message }) => message);
    };
    const logs = await runs('IfNotPresent');
    assert.ok(logs.includes(`The image ${image} is fetched (image_pull_policy: IfNotPresent).`), logs.join('\n'));
    assert.ok(logs.some((line) => /flows:2 is there after [\d.]+ s\./.test(line)));
    const before_ = fetched();
    assert.ok(before_ > 0);
    assert.doesNotMatch((await runs('IfNotPresent')).join('\n'), /is fetched/);
    assert.doesNotMatch((await runs('Never')).join('\n'), /is fetched/);
    assert.equal(fetched(), before_, 'it was there');
    await runs('Always');
    assert.ok(fetched() > before_);
    await nothingIsLeft();
  },
);

test(
  'also one that has not taken its run over; and a container that is to stay stays, but ends',
  { timeout: TEST_MS },
  async () => {
    const file = join(engine.folder, 'deaf.here');
    rmSync(file, { force: true });
    const run = await begun('talks', 'deaf', { auto_remove: false });
    await until('it runs', () => existsSync(file));
    worker.child.kill('SIGKILL');
    await worker.ended;
    startWorker();
    await until('it is taken over', () => /container .* is taken over/.test(worker.text().stderr));
    const [name = '', ...others] = engine.containers();
    assert.deepEqual(others, []);
    await post(`/flow_runs/${run.id}/set_state`, { state: { type: 'CANCELLING' } });
    await becomes(run, 'CANCELLED');
    const status = (): string => engine.podman('inspect', name, '--format', '{{.State.Status}}').trim();
    await until('it has ended', () => status() === 'exited');
    engine.podman('rm', name);
    await nothingIsLeft();
  },
);

test(
  'a container whose run was deleted while no worker was there is removed by the next one',
  { timeout: TEST_MS },
  async () => {
    const file = join(engine.folder, 'deaf.here');
    rmSync(file, { force: true });
    const run = await begun('talks', 'deaf');
    await until('it runs', () => existsSync(file));
    worker.child.kill('SIGKILL');
    await worker.ended;
    await ask('DELETE', `/flow_runs/${run.id}`);
    startWorker();
    await nothingIsLeft();
    await until('it says so', () =>
      /was deleted, and its worker, docker hand, is gone: container .* is removed/.test(worker.text().stderr),
    );
  },
);

test('a worker that is asked to end lets its runs finish, and begins no more', { timeout: TEST_MS }, async () => {
  const [here, go] = ['stays.here', 'stays.go'].map((name) => join(engine.folder, name)) as [string, string];
  for (const file of [here, go]) rmSync(file, { force: true });
  const run = await begun('stays');
  await until('it runs', () => existsSync(here));
  worker.child.kill('SIGTERM');
  await until('it waits', () => worker.text().stderr.includes('run(s) to finish'));
  const later = await begun('talks');
  writeFileSync(go, '');
  assert.equal((await worker.ended).exitCode, 0);
  await becomes(run, 'COMPLETED');
  assert.equal((await ask<Run>('GET', `/flow_runs/${later.id}`)).state.type, 'SCHEDULED');
  await nothingIsLeft();
});
