/** Completion of values, by the real script in a real bash: what is there, quoted, without noise. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { before, test } from 'node:test';

import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeAlert, makeAutomation } from '../conformance/samples.ts';
import { until } from './background.ts';
import { LAUNCHER, makePlace, runProgram } from './launch.ts';

const { ostinato, home, project } = makePlace();
const bin = join(project, 'bin');

const FLOWS = `
import { flow, task, variables } from 'ostinato';
const load = task(async () => 1, { name: 'load it' });
export const main = flow(async ({ name }: { name: string }) => { await variables.set('sales_target', 1, { overwrite: true }); await load(); }, { name: "Nightly's sales", runName: '{name}' });
`;

before(async () => {
  mkdirSync(bin);
  writeFileSync(join(bin, 'ostinato'), `#!/bin/sh\nexec '${process.execPath}' '${LAUNCHER}' "$@"\n`);
  chmodSync(join(bin, 'ostinato'), 0o755);
});

async function complete(words: readonly string[], env: Record<string, string> = {}): Promise<readonly string[]> {
  const quoted = ['ostinato', ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const script = `source <(ostinato completion bash); COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _ostinato; [ \${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const path = [bin, process.env['PATH']].join(delimiter);
  const ended = await runProgram('bash', ['-c', script], {
    cwd: project,
    env: { OSTINATO_HOME: home, PATH: path, ...env },
  });
  assert.equal(ended.stderr, '');
  return ended.stdout.split('\n').filter(Boolean);
}

test('where nothing was recorded, nothing is offered, and no database is made', async () => {
  assert.deepEqual(await complete(['flow-run', 'inspect', '']), []);
  assert.equal(existsSync(join(home, 'ostinato.db')), false);
});

test('runs, flows, tasks and variables are offered as they can be typed', async () => {
  writeFileSync(join(project, 'flows.ts'), FLOWS);
  for (const name of ['plain-run', "it's a run", 'evil \u001b[31m\u0007 run'])
    await ostinato(['run', 'flows.ts', '-p', `name=${name}`]);
  const runs = await complete(['flow-run', 'inspect', '']);
  assert.equal(runs.length, 3);
  assert.ok(runs.includes('plain-run') && runs.includes(`'it'\\''s a run'`), runs.join());
  assert.match(
    runs.find((run) => !run.includes('run')) ?? '',
    /^[0-9a-f-]{36}$/,
    'a name that cannot be typed is an id',
  );
  assert.deepEqual(await complete(['flow-run', 'retry', 'pl']), ['plain-run']);
  assert.deepEqual(await complete(['why', "'it"]), [`'it'\\''s a run'`]);
  assert.deepEqual(await complete(['open', '--print', 'plain']), ['plain-run']);
  assert.deepEqual(await complete(['flow-run', 'ls', '--flow', '']), [`'Nightly'\\''s sales'`]);
  assert.deepEqual(await complete(['flow', 'inspect', 'Nig']), [`'Nightly'\\''s sales'`]);
  assert.deepEqual(await complete(['task-run', 'inspect', 'lo']), [`'load it-0'`]);
  assert.deepEqual(await complete(['variable', 'get', 'sal']), ['sales_target']);
});

test('deployments, pools and queues are offered', { timeout: 300_000 }, async () => {
  await ostinato(['deployment', 'build', '-n', 'nightly', 'flows.ts', '--file', 'd.yaml']);
  await ostinato(['deployment', 'apply', 'd.yaml']);
  await ostinato(['work-pool', 'create', 'reports']);
  const range = ['--from', '2026-01-01', '--to', '2026-01-03', '--interval', '1d'];
  await ostinato(['deployment', 'backfill', 'nightly', ...range, '--name', 'january']);
  const storage = openSqliteStorage({ path: join(home, 'ostinato.db') });
  const automation = makeAutomation('late reports');
  await storage.changeAutomation(automation.id, () => ({ automation, answer: null }));
  const alert = makeAlert();
  await storage.changeAlert({ id: alert.id }, () => ({ alert, dueAt: null, answer: null }));
  storage.close();
  const offered: readonly (readonly [words: readonly string[], word: string])[] = [
    [['deployment', 'schedule', 'ls', ''], `'Nightly'\\''s sales/nightly'`],
    [['work-pool', 'inspect', 'rep'], 'reports'],
    [['backfill', 'watch', 'jan'], 'january'],
    [['alert', 'ack', alert.id.slice(0, 9)], alert.id],
    [['automation', 'inspect', 'lat'], `'late reports'`],
    [['work-queue', 'pause', 'def'], 'default'],
    [['worker', 'start', '--pool', 'rep'], 'reports'],
  ];
  // What takes longer than a moment on a busy machine offers nothing.
  for (const [words, word] of offered)
    await until(`${words.join(' ')} offers ${word}`, async () => (await complete(words)).join() === word);
});

test('states, settings, profiles and levels, too', async () => {
  assert.deepEqual(await complete(['flow-run', 'ls', '--state', 'cra']), ['crashed']);
  assert.ok((await complete(['flow-run', 'ls', '--state', 'T'])).includes('TimedOut'));
  assert.ok((await complete(['config', 'set', 'log.'])).includes('log.level'));
  await ostinato(['profile', 'create', 'staging']);
  assert.deepEqual(await complete(['profile', 'use', 's']), ['staging']);
  assert.deepEqual(await complete(['flow-run', 'ls', '--profile', 's']), ['staging']);
  assert.deepEqual(await complete(['flow-run', 'logs', 'plain-run', '--level', 'warn']), ['warning']);
});

test('whatever fails offers nothing, says nothing and is no failure', async () => {
  for (const [words, env] of [
    [['bash', 'runs', ''], { OSTINATO_API_URL: 'http://127.0.0.1:9/api' }],
    [['bash', 'runs', ''], { OSTINATO_DATABASE_URL: 'sqlite:/proc/nowhere/x.db' }],
    [['bash', 'runs', ''], { OSTINATO_LOG_LEVEL: 'nonsense' }],
    [['nonsense'], {}],
    [[], {}],
  ] as const) {
    const ended = await ostinato(['__complete', ...words], { env });
    assert.deepEqual([ended.exitCode, ended.stdout, ended.stderr], [0, '', ''], words.join(' '));
  }
});

test('zsh and fish get the names as they are, and quote them themselves', async () => {
  for (const shell of ['zsh', 'fish']) {
    const { stdout } = await ostinato(['__complete', shell, 'runs']);
    assert.ok(stdout.split('\n').includes("it's a run"), stdout);
    assert.match((await ostinato(['completion', shell])).stdout, new RegExp(`__complete ${shell} `));
  }
});
