/**
 * A run is cancelled in every state that it can be in, with real processes: what it has started is gone, its hooks have
 * run where its own process was there to run them, and each stage has its time.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startOstinato, until, type Background } from './background.ts';
import { makeServedPlace } from './served-place.ts';

/** What is left behind leaves its group and its session by two forks, and heeds no signal that can be heeded. */
const LEFT = `
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { flow } from 'ostinato';
const shell = (file) => 'trap "" TERM HUP; echo $$ >> ' + file + '; while :; do sleep 0.1; done';
export const leave = (file) => {
  const twice = '(setsid sh -c \\'' + shell(file) + '\\' &) ; ' + shell(file);
  spawn('setsid', ['sh', '-c', twice], { stdio: 'ignore', detached: true }).unref();
};
export const note = (file) => (run, state) => appendFileSync(file, run.name + ' ' + state.type + '\\n');
`;
const FLOWS = `
import { flow } from 'ostinato';
import { leave, note } from './left.ts';
const onCancellation = note('hooks');
export const waits = flow(async () => {
  leave('waits-left');
  for (;;) await new Promise((resolve) => setTimeout(resolve, 20));
}, { name: 'waits', onCancellation });
export const burns = flow(async () => {
  leave('burns-left');
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (;;);
}, { name: 'burns', onCancellation });
export const backsOff = flow(async () => {
  leave('backsOff-left');
  throw new Error('not yet');
}, { name: 'backsOff', retries: 3, retryDelaySeconds: 3600, onCancellation });
`;
const STARTS = `
import { flow } from 'ostinato';
import { leave } from './left.ts';
leave('starts-left');
await new Promise((resolve) => setTimeout(resolve, 3_600_000));
export const starts = flow(async () => {}, { name: 'starts' });
`;

let worker: Background;
const place = makeServedPlace();
const { env, programs, done, ask } = place;

before(
  async () => {
    await place.started;
    for (const [name, text] of [
      ['left.ts', LEFT],
      ['flows.ts', FLOWS],
      [
        'starts.ts',
        'import { flow } from "ostinato";\nexport const starts = flow(async () => {}, { name: "starts" });\n',
      ],
    ] as const)
      writeFileSync(join(place.project, name), text);
    for (const name of ['waits', 'burns', 'backsOff', 'starts']) {
      const file = name === 'starts' ? 'starts.ts' : 'flows.ts';
      await done('deployment', 'build', '--name', name, `${file}:${name}`, '--file', `${name}.yaml`);
      await done('deployment', 'apply', `${name}.yaml`);
    }
    // From now on its program never comes to an end of its loading.
    writeFileSync(join(place.project, 'starts.ts'), STARTS);
    worker = startWorker();
  },
  { timeout: 600_000 },
);

function startWorker(): Background {
  const started = startOstinato(place, ['worker', 'start', '-p', 'default-agent-pool'], env);
  programs.push(started);
  return started;
}

interface Run {
  readonly id: string;
  readonly name: string;
  readonly state: { readonly type: string; readonly name: string; readonly message: string | null };
}

async function begun(name: string, ...words: string[]): Promise<Run> {
  return JSON.parse(await done('deployment', 'run', name, '-o', 'json', ...words)) as Run;
}

async function becomes({ id }: Run, name: string): Promise<Run['state']> {
  let seen = '';
  return await until(`run ${id} is ${name}`, async () => {
    const { state } = await ask<Run>('GET', `/flow_runs/${id}`);
    seen = `${state.name}: ${state.message}`;
    return state.name === name && state;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)} It is ${seen}\n${worker.text().stderr}`);
  });
}

function linesOf(file: string): readonly string[] {
  const path = join(place.project, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

/** Both of those that the flow leaves behind. */
async function leftOf(name: string, before = 0): Promise<readonly string[]> {
  return await until('both are there', () => {
    const found = linesOf(`${name}-left`).slice(before);
    return found.length >= 2 && found.slice(0, 2);
  });
}

async function areGone(pids: readonly string[]): Promise<void> {
  for (const pid of pids) await until(`${pid} is gone`, () => !existsSync(`/proc/${pid}`));
}

/** The stages that are told of a run, in their order, when the last one is there. */
async function stagesOf({ id }: Run, last: string): Promise<readonly string[]> {
  return await until(`${last} is told`, async () => {
    const { events } = await ask<{ events: readonly { event: string; occurred: string }[] }>('POST', '/events/filter', {
      filter: { event: { prefix: ['ostinato.flow-run.'] }, resource: { id: [`prefect.flow-run.${id}`] }, order: 'ASC' },
    });
    const times = events.map(({ occurred }) => Date.parse(occurred));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    const stages = events.map(({ event }) => event.replace('ostinato.flow-run.', ''));
    return stages.includes(last) && stages.filter((stage) => stage !== 'updated');
  });
}

function hooksOf({ name }: Run): readonly string[] {
  return linesOf('hooks').filter((line) => line.startsWith(`${name} `));
}

/** They follow the state. */
async function hooksHaveRun(run: Run): Promise<void> {
  await until('its hooks have run', () => hooksOf(run).length > 0).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(worker.text())}`);
  });
  assert.deepEqual(hooksOf(run), [`${run.name} CANCELLED`]);
}

test('scheduled: Cancelled at once, and no worker takes it', { timeout: 600_000 }, async () => {
  const run = await begun('waits', '--in', '2h');
  await done('flow-run', 'cancel', run.id);
  assert.match((await becomes(run, 'Cancelled')).message ?? '', /Nothing runs it/);
  assert.deepEqual(hooksOf(run), []);
});

test('its process is loading the program: it is ended with all that it has started', { timeout: 600_000 }, async () => {
  const run = await begun('starts');
  const left = await leftOf('starts');
  await becomes(run, 'Pending');
  await done('flow-run', 'cancel', run.id);
  await becomes(run, 'Cancelled');
  await areGone(left);
  const stages = await stagesOf(run, 'process-ended');
  assert.deepEqual([stages[0], ...stages.slice(-2)], ['cancel-seen', 'confirmed', 'process-ended']);
});

test('running: its hooks run, and nothing is left of it', { timeout: 600_000 }, async () => {
  const run = await begun('waits');
  const left = await leftOf('waits');
  await done('flow-run', 'cancel', run.id);
  await becomes(run, 'Cancelled');
  await areGone(left);
  await hooksHaveRun(run);
  await stagesOf(run, 'confirmed');
});

test('running, and it hears nothing: it is ended by force when its grace is over', { timeout: 600_000 }, async () => {
  const run = await begun('burns');
  const left = await leftOf('burns');
  await becomes(run, 'Running');
  await done('flow-run', 'cancel', run.id);
  // By itself each of its graces takes seconds.
  await stagesOf(run, 'signalled');
  await becomes(run, 'Cancelled');
  await areGone(left);
  const stages = await stagesOf(run, 'process-ended');
  assert.deepEqual([stages[0], stages[1]], ['cancel-seen', 'signalled']);
});

test('backing off: it waits for no further attempt, and its hooks run', { timeout: 600_000 }, async () => {
  const run = await begun('backsOff');
  const left = await leftOf('backsOff');
  await becomes(run, 'AwaitingRetry');
  await done('flow-run', 'cancel', run.id);
  await becomes(run, 'Cancelled');
  await areGone(left);
  await hooksHaveRun(run);
  await stagesOf(run, 'process-ended');
});

for (const [what, reschedules] of [
  ['paused', false],
  ['suspended', true],
] as const)
  test(`${what}: nothing is left of it`, { timeout: 600_000 }, async () => {
    const before = linesOf('waits-left').length;
    const run = await begun('waits');
    const left = await leftOf('waits', before);
    await becomes(run, 'Running');
    const details = { pause_timeout: new Date(Date.now() + 3_600_000).toISOString(), pause_reschedule: reschedules };
    await ask('POST', `/flow_runs/${run.id}/set_state`, {
      state: { type: 'PAUSED', name: reschedules ? 'Suspended' : 'Paused', state_details: details },
    });
    await done('flow-run', 'cancel', run.id);
    await becomes(run, 'Cancelled');
    await areGone(left);
  });

test('its worker is gone: its process ends it, and nothing is left', { timeout: 600_000 }, async () => {
  const before = linesOf('waits-left').length;
  const run = await begun('waits');
  const left = await leftOf('waits', before);
  worker.child.kill('SIGKILL');
  await worker.ended;
  await done('flow-run', 'cancel', run.id);
  await becomes(run, 'Cancelled');
  await hooksHaveRun(run);
  await areGone(left);
  worker = startWorker();
});

test(
  'its worker is gone, and it hears nothing: another worker of the machine ends it',
  { timeout: 600_000 },
  async () => {
    const before = linesOf('burns-left').length;
    const run = await begun('burns');
    const left = await leftOf('burns', before);
    await becomes(run, 'Running');
    worker.child.kill('SIGKILL');
    await worker.ended;
    worker = startWorker();
    await done('flow-run', 'cancel', run.id);
    await stagesOf(run, 'signalled');
    await becomes(run, 'Cancelled');
    await areGone(left);
    const stages = await stagesOf(run, 'confirmed');
    assert.deepEqual([stages[0], stages[1]], ['cancel-seen', 'signalled']);
  },
);
