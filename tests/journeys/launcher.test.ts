/** `ostinato` starts from everywhere, quickly, on the right Node, and says what is wrong with a command. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { LAUNCHER, makePlace, ROOT, runProgram } from './launch.ts';

const { ostinato, home, project } = makePlace();
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

test('version tells versions, database and home, for people and for programs', async () => {
  const human = await ostinato(['version']);
  assert.equal(human.exitCode, 0, human.stderr);
  assert.match(
    human.stdout,
    new RegExp(`^version +${version}\nnode +${process.version}\nplatform +${process.platform} `),
  );
  const { stdout } = await ostinato(['version', '-o', 'json']);
  assert.deepEqual(JSON.parse(stdout), {
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    database: `sqlite:${join(home, 'ostinato.db')}`,
    api: null,
    home,
    profile: 'default',
  });
});

test('its modules are cached compiled beside the packages, so that a new home or user is no slow one', async () => {
  await ostinato(['version']);
  assert.ok(existsSync(join(ROOT, 'node_modules', '.cache', 'ostinato', 'compile')));
  assert.ok(!existsSync(join(home, '.cache')));
});

test('where nothing can be written beside the packages, they are cached for the user', async () => {
  const copy = mkdtempSync(join(project, 'copy-'));
  for (const name of ['bin', 'src', 'package.json']) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((found) => !found.startsWith('.')))
    symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
  writeFileSync(join(copy, 'node_modules', '.cache'), 'a file is in the way');
  const { exitCode, stderr } = await runProgram(process.execPath, [join(copy, 'bin', 'ostinato.js'), 'version'], {
    cwd: project,
    env: { HOME: home, OSTINATO_HOME: join(home, 'o') },
  });
  assert.equal(exitCode, 0, stderr);
  assert.ok(existsSync(join(home, '.cache', 'ostinato', 'compile')));
});

test('with everything in the cache, what strips types is not loaded', async () => {
  const watch = join(project, 'watch.mjs');
  writeFileSync(
    watch,
    "process.on('exit', () => console.error(JSON.stringify(process.moduleLoadList.filter((name) => name.includes('amaro')))))",
  );
  const loaded = async () =>
    (await ostinato(['version'], { env: { NODE_OPTIONS: `--import ${watch}`, HOME: home } })).stderr.trim();
  await loaded();
  assert.equal(await loaded(), '[]');
});

test('a home that cannot be written does not stop it', async () => {
  const file = join(project, 'a-file');
  writeFileSync(file, '');
  const ended = await ostinato(['version'], { env: { OSTINATO_HOME: join(file, 'home') } });
  assert.equal(ended.exitCode, 0, ended.stderr);
});

test('npx finds the command from a folder below the checkout', async () => {
  const ended = await runProgram('npx', ['--no-install', 'ostinato', 'version'], {
    cwd: join(ROOT, 'tests', 'journeys'),
    env: { OSTINATO_HOME: home },
  });
  assert.equal(ended.exitCode, 0, ended.stderr);
  assert.match(ended.stdout, new RegExp(`^version +${version}\n`));
});

test('a mistyped command or option is a usage error with a suggestion', async () => {
  const command = await ostinato(['verison']);
  assert.equal(command.exitCode, 2);
  assert.match(command.stderr, /unknown command 'verison' Did you mean "version"\?/);
  const option = await ostinato(['config', 'view', '--sorces']);
  assert.equal(option.exitCode, 2);
  assert.match(option.stderr, /unknown option '--sorces' Did you mean "--sources"\?/);
});

test('help lists the commands with their summaries; a command shows examples', async () => {
  const { stdout, exitCode } = await ostinato(['--help']);
  assert.equal(exitCode, 0);
  assert.match(stdout, /config +show and change settings/);
  assert.match((await ostinato(['config', 'view', '--help'])).stdout, /Examples:\n +\$ ostinato config view/);
  assert.match((await ostinato(['help', 'profile'])).stdout, /rename <name> <new-name>/);
});

test('colour only on a terminal, and never with NO_COLOR', async () => {
  const escape = '\u001B[';
  assert.ok(!(await ostinato(['version'])).stdout.includes(escape));
  assert.ok((await ostinato(['version'], { env: { FORCE_COLOR: '1' } })).stdout.includes(escape));
});

test('an error is printed as JSON when JSON was asked for', async () => {
  const ended = await ostinato(['profile', 'inspect', 'nobody', '-o', 'json']);
  assert.equal(ended.exitCode, 3);
  assert.equal(ended.stdout, '');
  const { error } = JSON.parse(ended.stderr) as {
    error: { code: string; message: string; remedy: string; exit_code: number };
  };
  assert.deepEqual([error.code, error.exit_code], ['not-found', 3]);
  assert.match(error.message, /no profile "nobody"/);
});

test('the completion script of bash completes the real commands', async () => {
  const { stdout } = await ostinato(['completion', 'bash']);
  const script = `${stdout}\nCOMP_WORDS=(ostinato config v); COMP_CWORD=2; _ostinato; echo "\${COMPREPLY[@]}"`;
  assert.equal(execFileSync('bash', ['-c', script], { encoding: 'utf8' }), 'view\n');
});

/**
 * A program that says it is Node 18: the launcher runs under the real one with `process.versions` bent by a preload.
 */
function withOldNode(folder: string): string[] {
  const preload = join(folder, 'old-node.cjs');
  writeFileSync(
    preload,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } });",
  );
  return ['--require', preload];
}

test('an old Node without a newer one beside it is a clear error', async () => {
  const folder = join(project, 'old');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  cpSync(LAUNCHER, join(folder, 'bin', 'ostinato.js'));
  cpSync(join(ROOT, 'src', 'doors'), join(folder, 'src', 'doors'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const ended = await runProgram(process.execPath, [...withOldNode(folder), join(folder, 'bin', 'ostinato.js')], {
    cwd: folder,
    env: {},
  });
  assert.equal(ended.exitCode, 2);
  assert.match(
    ended.stderr,
    /^Ostinato needs Node 24 or newer; this is .*\. Bring one along with the project: npm install --save-dev node\n$/,
  );
});

test('an old Node hands over to the newer one that the package brings, and passes its exit code on', async () => {
  const folder = join(project, 'brought');
  const newer = join(folder, 'node_modules', 'node', 'bin', 'node');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'node_modules', 'node', 'bin'), { recursive: true });
  cpSync(LAUNCHER, join(folder, 'bin', 'ostinato.js'));
  cpSync(join(ROOT, 'src', 'doors'), join(folder, 'src', 'doors'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(newer, '#!/bin/sh\necho "newer: $2"\nexit 7\n');
  chmodSync(newer, 0o755);
  const ended = await runProgram(
    process.execPath,
    [...withOldNode(folder), join(folder, 'bin', 'ostinato.js'), 'version'],
    { cwd: folder, env: {} },
  );
  assert.deepEqual([ended.exitCode, ended.stdout], [7, 'newer: version\n'], ended.stderr);
});
