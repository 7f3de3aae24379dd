/**
 * Every option of deployments, of runs that are asked for and of serving changes something that can be seen, on a real
 * server. They are read from the modules: one without a case here fails this test. (Other options:
 * `tests/engine/every-option.test.ts`.)
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  backfillDeployment,
  flow,
  runDeployment,
  type BackfillOptions,
  type DeployOptions,
  type DeploymentOptions,
  type FromOptions,
} from '../../src/index.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import type { FlowRunId } from '../../src/core/ids.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import { ServedRuns, type ServedRunsOptions } from '../../src/sdk/served-runs.ts';
import { VirtualClock } from '../../src/testing.ts';
import { DEPLOYMENT_OPTION_TYPES, membersOf } from '../engine/fixtures/option-types.ts';
import { makeRepository } from './pulled-world.ts';
import type { Observe } from '../engine/fixtures/option-world.ts';
import { startProgram, until } from './background.ts';
import { makePlace } from './launch.ts';

after(async () => {
  await place.ostinato(['server', 'stop']);
});
const place = makePlace();
let api = '';

before(
  async () => {
    await place.ostinato(['server', 'start', '--port', '0', '--background']);
    const { stdout } = await place.ostinato(['server', 'status', '--wait', '-o', 'json']);
    api = `${(JSON.parse(stdout) as { url: string }).url}/api`;
    Object.assign(process.env, { OSTINATO_API_URL: api, OSTINATO_HOME: place.home });
    await ask('POST', '/work_pools/', { name: 'reports', type: 'process' });
    await ask('POST', '/work_pools/reports/queues', { name: 'night' });
    await asked.deploy({ name: 'asked', parameters: { day: 'monday' } });
  },
  { timeout: 120_000 },
);

type Fields = Readonly<Record<string, unknown>>;

async function ask(method: string, path: string, body?: unknown): Promise<Fields> {
  const answer = await fetch(api + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? {} : ((await answer.json()) as Fields);
}

const asked = flow(({ day }: { day: string }) => day, { name: 'asked' });

/** Without what is another one each time. */
function seen(value: unknown): unknown {
  const text = JSON.stringify(value, (key, each: unknown) =>
    /^(?:id|created|updated|.*_id|.*_at|name|.*_time|timestamp|history|estimated.*|events?)$/.test(key) &&
    key !== 'work_pool_name'
      ? undefined
      : each,
  );
  return JSON.parse(text) as unknown;
}

let made = 0;

/** A deployment with them and one without. */
const deployed =
  (options: DeploymentOptions & DeployOptions, base: DeploymentOptions = {}, look = seen): Observe =>
  async (isGiven) => {
    const { id } = await asked.deploy({ name: `d${(made += 1)}`, ...base, ...(isGiven ? options : {}) });
    return look(await ask('GET', `/deployments/${id}`));
  };

const scheduled =
  (option: object, base: object = { cron: '0 3 1 * 1', timezone: 'UTC' }): Observe =>
  async (isGiven) =>
    await deployed({ schedule: { ...base, ...(isGiven ? option : {}) } as DeploymentOptions['schedule'] & object })(
      true,
    );

const DEPLOYMENT_CASES: Readonly<Record<string, Observe>> = {
  name: deployed({ name: 'own name' }, {}, (row) => (row as Fields)['name'] === 'own name'),
  schedule: deployed({ schedule: { cron: '@daily' } }),
  parameters: deployed({ parameters: { day: 'friday' } }),
  tags: deployed({ tags: ['nightly'] }),
  description: deployed({ description: 'about' }),
  version: deployed({ version: '7' }),
  paused: deployed({ paused: true }),
  concurrencyLimit: deployed({ concurrencyLimit: 3 }),
  onCollision: deployed({ onCollision: 'cancelOld' }, { concurrencyLimit: 1 }),
  concurrencyKey: deployed({ concurrencyKey: 'parameters.day' }, { concurrencyLimit: 1 }),
  onCrash: deployed({ onCrash: 'resume' }),
  enforceParameterSchema: deployed({ enforceParameterSchema: false }, { enforceParameterSchema: true }),
  force: async (isGiven) => {
    const name = `d${(made += 1)}`;
    const { id } = await asked.deploy({ name, tags: ['said'] });
    await ask('PATCH', `/deployments/${id}`, { tags: ['hand'] });
    await asked.deploy({ name, tags: ['said'], ...(isGiven ? { force: true } : {}) });
    return (await ask('GET', `/deployments/${id}`))['tags'];
  },
};

const DEPLOY_CASES: Readonly<Record<string, Observe>> = {
  pool: deployed({ pool: 'reports' }),
  queue: deployed({ pool: 'reports', queue: 'night' }, {}, (row) => (row as Fields)['work_queue_name']),
  jobVariables: deployed({ jobVariables: { env: { A: 'b' } } }),
};

const SCHEDULE_CASES: Readonly<Record<string, Observe>> = {
  dayOr: scheduled({ dayOr: false }),
  anchor: scheduled({ anchor: new Date(0) }, { intervalSeconds: 3600 }),
  timezone: scheduled({ timezone: 'Europe/Berlin' }),
  active: scheduled({ active: false }),
  parameters: scheduled({ parameters: { day: 'sunday' } }),
  slug: scheduled({ slug: 'first' }),
  catchUp: scheduled({ catchUp: 'none' }),
  maxLatenessSeconds: scheduled({ maxLatenessSeconds: 90 }),
  overlap: scheduled({ overlap: 'skip' }),
  jitterSeconds: scheduled({ jitterSeconds: 60 }),
  start: scheduled({ start: new Date(0) }),
  end: scheduled({ end: '2040-12-31' }),
  exclude: scheduled({ exclude: ['2030-12-24', { from: '2030-12-31', name: 'closed' }] }),
};

type RunOptions = Parameters<typeof runDeployment>[1];

const askedWith =
  (options: RunOptions, look: (run: Fields) => unknown): Observe =>
  async (isGiven) => {
    const { id } = await runDeployment('asked/asked', { timeoutSeconds: 0, ...(isGiven ? options : {}) });
    return look(await ask('GET', `/flow_runs/${id}`));
  };

const RUN_CASES: Readonly<Record<string, Observe>> = {
  parameters: askedWith({ parameters: { day: 'tuesday' } }, (run) => run['parameters']),
  // With it, nobody waits until the run is over.
  timeoutSeconds: async (isGiven) => {
    const key = `wait-${isGiven}`;
    const over = runDeployment('asked/asked', { idempotencyKey: key, ...(isGiven ? { timeoutSeconds: 0 } : {}) });
    // Under the key it is the same run.
    const { id } = await runDeployment('asked/asked', { idempotencyKey: key, timeoutSeconds: 0 });
    if (!isGiven) await ask('POST', `/flow_runs/${id}/set_state`, { state: { type: 'CANCELLED' }, force: true });
    return (await over).state.type;
  },
  idempotencyKey: async (isGiven) => {
    const options = { timeoutSeconds: 0, ...(isGiven ? { idempotencyKey: 'one' } : {}) };
    const [first, second] = [await runDeployment('asked/asked', options), await runDeployment('asked/asked', options)];
    return first.id === second.id;
  },
  asSubflow: async (isGiven) => {
    const caller = flow(
      async () =>
        (await runDeployment('asked/asked', { timeoutSeconds: 0, ...(isGiven ? { asSubflow: false } : {}) })).id,
      { name: 'caller' },
    );
    const run = await ask('GET', `/flow_runs/${await caller()}`);
    return run['parent_task_run_id'] === null;
  },
  scheduledTime: askedWith({ scheduledTime: new Date('2040-01-01T00:00:00Z') }, (run) =>
    String(run['expected_start_time']).startsWith('2040'),
  ),
  tags: askedWith({ tags: ['special'] }, (run) => run['tags']),
  name: askedWith({ name: 'monday report' }, (run) => run['name'] === 'monday report'),
  jobVariables: askedWith({ jobVariables: { env: { A: 'b' } } }, (run) => run['job_variables']),
  priority: askedWith({ priority: -3 }, (run) => run['priority']),
  version: askedWith({ version: 1 }, (run) => (run['labels'] as Fields)['ostinato.deployment.pinned']),
};

/** Two runs that are due at once and never end by themselves; the program is told to end after 20 s. */
const served =
  (option: Partial<ServedRunsOptions>): Observe =>
  async (isGiven) => {
    const clock = new VirtualClock(1_900_000_000_000_000 as Instant);
    const start = clock.now();
    const waiting = new Set(['a', 'b']);
    const log = { begun: 0, asked: 0, stoppedAfter: 0 };
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const runs = new ServedRuns(
      { limit: 10, pollSeconds: 5, drainSeconds: 30, ...(isGiven ? option : {}) },
      {
        deployments: {
          takeDue: async () => {
            log.asked += 1;
            return [...waiting].map((id) => ({ id: id as FlowRunId, name: id, deploymentId: 'd', dueAt: start }));
          },
        },
        deploymentIds: ['d'],
        claim: async ({ id }) =>
          waiting.delete(id) ? { run: { id } as FlowRun, hasPast: false } : { refused: 'somebody else has it' },
        run: async () => {
          log.begun += 1;
          await over;
        },
        listen: () => ({ close: () => {} }),
        stopRuns: () => {
          log.stoppedAfter = (clock.now() - addSeconds(start, 20)) / 1_000_000;
          end();
        },
        clock,
        say: () => {},
      },
    );
    clock.setTimer(20_000, () => runs.stop());
    await runs.serve();
    await runs.drain();
    return log;
  };

const SERVE_CASES: Readonly<Record<string, Observe>> = {
  limit: served({ limit: 1 }),
  drainSeconds: served({ drainSeconds: 3 }),
  pollSeconds: served({ pollSeconds: 1 }),
  pauseOnShutdown: async (isGiven) => {
    const name = `served-${isGiven}`;
    const path = join(place.project, `${name}.ts`);
    writeFileSync(
      path,
      `import { flow } from ${JSON.stringify(import.meta.resolve('ostinato'))};
await flow(() => 1, { name: 'served' }).serve({ name: '${name}'${isGiven ? ', pauseOnShutdown: false' : ''} });\n`,
    );
    const program = startProgram(place, path, { OSTINATO_API_URL: api });
    await until('it serves', () => program.text().stderr.includes('Ctrl-C ends') || program.child.exitCode !== null);
    program.child.kill('SIGINT');
    assert.equal((await program.ended).exitCode, 0, program.text().stderr);
    return (await ask('GET', `/deployments/name/served/${name}`))['paused'];
  },
};

/** What workers are told of a flow that lies in a repository. */
const from =
  (options: (commit: string) => Partial<FromOptions>): Observe =>
  async (isGiven) => {
    const folder = join(place.project, `from-${(made += 1)}`);
    const text = (name: string): string =>
      `import { flow } from 'ostinato';\nexport const one = flow(() => 1, { name: '${name}' });\n` +
      `export const other = flow(() => 2, { name: '${name}-other' });\n`;
    const git = makeRepository(folder, { 'flows.ts': text(`far-${made}`) });
    git('branch', 'side');
    const more = isGiven ? options(git('rev-parse', 'HEAD')) : {};
    const found = await flow.from(`file://${folder}`, { entrypoint: 'flows.ts:one', ...more });
    const { id } = await found.deploy({ name: 'far' });
    const row = (await ask('GET', `/deployments/${id}`)) as Fields;
    return JSON.stringify([row['entrypoint'], row['pull_steps']]).replaceAll(/(from|far)-\d+/g, '$1');
  };

const FROM_CASES: Readonly<Record<string, Observe>> = {
  entrypoint: from(() => ({ entrypoint: 'flows.ts:other' })),
  branch: from(() => ({ branch: 'side' })),
  commit: from((commit) => ({ commit })),
  submodules: from(() => ({ submodules: true })),
};

/** Of a deployment with two schedules, for three days that are past. */
const filled =
  (option: Partial<BackfillOptions>, base: Partial<BackfillOptions> = { schedule: 'nights' }): Observe =>
  async (isGiven) => {
    const schedule = [
      { cron: '0 3 * * *', timezone: 'Europe/Berlin', slug: 'nights' },
      { cron: '0 15 * * *', timezone: 'UTC', slug: 'days' },
    ];
    const { id } = await asked.deploy({ name: `d${(made += 1)}`, schedule });
    const range = { from: '2026-03-01', to: '2026-03-04' };
    const backfill = await backfillDeployment(id, { ...range, ...base, ...(isGiven ? option : {}) });
    const told = await ask('GET', `/ostinato/backfills/${backfill.id}`);
    await backfill.abort();
    const { from, to, order, concurrency, rerun, parameters, timezone, schedule: times, name } = told;
    return [from, to, order, concurrency, rerun, parameters, timezone, times, name === option.name];
  };

const BACKFILL_CASES: Readonly<Record<string, Observe>> = {
  from: filled({ from: new Date('2026-03-02') }),
  to: filled({ to: '2026-03-03T12:00' }),
  schedule: filled({ schedule: 'days' }),
  cron: filled({ cron: '@weekly' }, { cron: '@daily' }),
  intervalSeconds: filled({ intervalSeconds: 7200 }, { intervalSeconds: 86_400 }),
  timezone: filled({ timezone: 'Asia/Tokyo' }, { cron: '@daily' }),
  order: filled({ order: 'newest' }),
  concurrency: filled({ concurrency: 2 }),
  rerun: filled({ rerun: 'all' }),
  parameters: filled({ parameters: { day: '{{ slot.date }}' } }),
  name: filled({ name: 'own-name' }),
};

const CASES: Readonly<Record<keyof typeof DEPLOYMENT_OPTION_TYPES, Readonly<Record<string, Observe>>>> = {
  BackfillOptions: BACKFILL_CASES,
  DeploymentOptions: DEPLOYMENT_CASES,
  DeployOptions: DEPLOY_CASES,
  FromOptions: FROM_CASES,
  RunDeploymentOptions: RUN_CASES,
  ServeOptions: SERVE_CASES,
};

for (const [type, cases] of [...Object.entries(CASES), ['ScheduleOption', SCHEDULE_CASES] as const]) {
  test(`${type}: every option has a case, and changes something`, { timeout: 180_000 }, async (t) => {
    const file = (DEPLOYMENT_OPTION_TYPES as Readonly<Record<string, string>>)[type];
    if (file !== undefined) assert.deepEqual(Object.keys(cases).toSorted(), membersOf(type, file).toSorted());
    for (const [member, observe] of Object.entries(cases))
      await t.test(member, async () => {
        const [without, given] = [await observe(false), await observe(true)];
        assert.notDeepEqual(given, without, `${type}.${member}: ${JSON.stringify(given)}`);
      });
  });
}

test('what a flow says of its deployments is theirs, and they may say otherwise', { timeout: 120_000 }, async () => {
  const said = flow(({ day }: { day: string }) => day, {
    name: 'said',
    onCrash: 'resume',
    concurrencyKey: (parameters) => parameters['day'],
  });
  const look = async (id: unknown) => {
    const found = await ask('GET', `/deployments/${String(id)}`);
    return [found['on_crash'], (found['concurrency_options'] as Fields | null)?.['key']];
  };
  const own = { onCrash: 'retry', concurrencyKey: 'parameters.month', concurrencyLimit: 1 } as const;
  assert.deepEqual(await look((await said.deploy({ name: 'as-said', concurrencyLimit: 1 })).id), [
    'resume',
    'parameters.day',
  ]);
  assert.deepEqual(await look((await said.deploy({ name: 'otherwise', ...own })).id), ['retry', 'parameters.month']);

  const options = `{ name: 'written', onCrash: 'resume', concurrencyKey: 'parameters.day' }`;
  const text = `import { flow } from 'ostinato';\nexport const written = flow(({ day }: { day: string }) => day, ${options});\n`;
  writeFileSync(join(place.project, 'written.ts'), text);
  const done = async (...words: string[]): Promise<void> => {
    const { exitCode, stderr } = await place.ostinato(words);
    assert.equal(exitCode, 0, stderr);
  };
  const build = ['deployment', 'build', 'written.ts', '--file', 'written.yaml', '--concurrency-limit', '1'];
  await done(...build, '--name', 'built');
  const file = readFileSync(join(place.project, 'written.yaml'), 'utf8');
  assert.match(file, /^on_crash: resume$/m);
  assert.match(file, /^concurrency_key: parameters\.day$/m);
  await done('deployment', 'apply', 'written.yaml');
  const named = (name: string) => ask('GET', `/deployments/name/written/${name}`);
  assert.deepEqual(await look((await named('built'))['id']), ['resume', 'parameters.day']);
  await done(
    ...build,
    '--overwrite',
    '--name',
    'flagged',
    '--on-crash',
    'leave',
    '--concurrency-key',
    'x-{{ parameters.day }}',
  );
  await done('deployment', 'apply', 'written.yaml');
  assert.deepEqual(await look((await named('flagged'))['id']), ['leave', 'x-{{ parameters.day }}']);

  const project = [
    'name: p',
    'deployments:',
    '  - { name: listed, flow_name: written, entrypoint: "written.ts:written" }',
    '',
  ];
  writeFileSync(join(place.project, 'listed.yaml'), project.join('\n'));
  await done('deploy', '--file', 'listed.yaml', '--all');
  assert.deepEqual(await look((await named('listed'))['id']), ['resume', 'parameters.day']);
});
