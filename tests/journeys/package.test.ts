/** The published form: packed, installed into a project of somebody else's, and used there. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, runProgram, type Ended } from './launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-package-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const home = join(folder, 'home');
const run = (program: string, ...words: string[]): Promise<Ended> => runProgram(program, words, { cwd: folder, env: { OSTINATO_HOME: home } });
/** npm needs what this machine tells it about registries, wherever it keeps that. */
const npm = (...words: string[]): Promise<Ended> =>
  runProgram('npm', words, { cwd: folder, env: Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined)) as Record<string, string> });

before(async () => {
  const packed = await npm('pack', ROOT, '--pack-destination', folder);
  assert.equal(packed.exitCode, 0, packed.stderr);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  assert.ok(tarball);
  // What `npm init -y` writes today: CommonJS, which must not keep a TypeScript flow file with imports from running.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'their-project', version: '1.0.0', type: 'commonjs' }));
  const installed = await npm('install', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-timeout=60000', '--fetch-retries=1', join(folder, tarball));
  assert.equal(installed.exitCode, 0, installed.stderr);
  writeFileSync(join(folder, 'double.ts'), `
import { flow, task } from 'ostinato';
const double = task(async (n: number): Promise<number> => n * 2);
const spin = task((n: number): number => n + 1, { isolation: 'thread' });
export const doubles = flow(async ({ n }: { n: number }) => spin(double(n)), { name: 'Doubles' });
`);
});

const ostinato = (...words: string[]): Promise<Ended> => run(process.execPath, join(folder, 'node_modules', 'ostinato', 'bin', 'ostinato.js'), ...words);

test('the command runs a TypeScript flow file of a CommonJS project, worker threads included, and finds the run again', async () => {
  const ran = await ostinato('run', 'double.ts', '-p', 'n=20');
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.match(ran.stdout, /41/);
  const listed = await ostinato('flow-run', 'ls', '-o', 'json');
  const [found] = JSON.parse(listed.stdout) as { flow_name?: string; state_type: string }[];
  assert.equal(found?.state_type, 'COMPLETED');
});

test('a test of theirs uses ostinato/testing', async () => {
  writeFileSync(join(folder, 'own.test.mts'), `
import test from 'node:test';
import assert from 'node:assert/strict';
import { flow, task } from 'ostinato';
import { createTestWorld } from 'ostinato/testing';
const load = task(async () => 7, { name: 'load', retries: 1, retryDelaySeconds: 3600 });
const job = flow(async () => load(), { name: 'Job' });
test('an hour takes no time', async () => {
  await using world = await createTestWorld({ faults: [{ task: 'load', attempt: 1, throw: new Error('x') }] });
  assert.equal(await world.run(() => job()), 7);
});
`);
  const ended = await run(process.execPath, '--test', 'own.test.mts');
  assert.equal(ended.exitCode, 0, ended.stdout + ended.stderr);
});

test('the declarations that come along compile in their project', async () => {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: [], skipLibCheck: false, lib: ['es2024', 'esnext.disposable', 'dom'] }, files: ['use.mts'] }));
  writeFileSync(join(folder, 'use.mts'), `
import { flow, task } from 'ostinato';
const size = task(async (text: string) => text.length);
export const f = flow(async ({ text }: { text: string }) => size(text));
const n: number = await f({ text: 'x' });
console.log(n);
`);
  const ended = await run(process.execPath, join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder);
  assert.equal(ended.exitCode, 0, ended.stdout);
});
