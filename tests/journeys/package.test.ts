/**
 * The published form, as somebody gets it: what `npm pack` makes, in a project that `npm create ostinato` makes, with an empty home, on the
 * machine's Node (an old one gets a newer one brought along) and on the repository's.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT, runProgram, type Ended } from './launch.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-package-'));
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const home = join(folder, 'home');
const project = join(folder, 'my-flows');
/** What the machine has, without what packages have brought along. */
const MACHINE_PATH = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !/[/\\]node_modules[/\\]/.test(entry)).join(delimiter);
const OUR_PATH = [join(ROOT, 'node_modules', '.bin'), MACHINE_PATH].join(delimiter);
/** npm needs what this machine tells it about registries, wherever it keeps that; the rest of the home is empty. */
const NPM = {
  ...Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('NODE_'))),
  HOME: home, OSTINATO_HOME: join(home, '.ostinato'), PATH: MACHINE_PATH, npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
  npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'), npm_config_prefer_offline: 'true', npm_config_fetch_retries: '1',
};
const npm = (words: readonly string[], cwd = project): Promise<Ended> => runProgram('npm', words, { cwd, env: NPM });
const run = (program: string, words: readonly string[], { cwd = project, PATH = OUR_PATH } = {}): Promise<Ended> => runProgram(program, words, { cwd, env: { OSTINATO_HOME: home, PATH } });
const ostinato = (words: readonly string[], cwd = project): Promise<Ended> => run(process.execPath, [join(project, 'node_modules', 'ostinato', 'bin', 'ostinato.js'), ...words], { cwd });
const tsc = (config: string): Promise<Ended> => run(process.execPath, [join(project, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config]);

/** @returns the tarball's name, the one line on stdout. `npm pack` calls the build */
async function pack(source: string): Promise<string> {
  const packed = await npm(['pack', '--silent', source], folder);
  assert.equal(packed.exitCode, 0, packed.stderr);
  assert.match(packed.stdout, /^[a-z-]+-\d+\.\d+\.\d+\.tgz\n$/);
  return join(folder, packed.stdout.trim());
}

let created: Ended;
let tarball: string;
before(async () => {
  mkdirSync(home);
  tarball = await pack(ROOT);
  const creator = await pack(join(ROOT, 'packages', 'create-ostinato'));
  mkdirSync(join(folder, 'creator'));
  const unpacked = await run('tar', ['xzf', creator, '-C', 'creator'], { cwd: folder });
  assert.equal(unpacked.exitCode, 0, unpacked.stderr);
  created = await runProgram('node', [join(folder, 'creator', 'package', 'bin', 'create-ostinato.js'), 'my-flows', '--yes', '--ostinato', tarball], { cwd: folder, env: NPM });
  assert.equal(created.exitCode, 0, created.stderr);
  const more = await npm(['install', '--no-save', '--no-audit', '--no-fund', 'vitest', 'publint']);
  assert.equal(more.exitCode, 0, more.stderr);
});

test('npm create makes a project that runs, is tested and type-checked, on the machine\'s Node', async () => {
  assert.match(created.stderr, /Next:\n {2}\$ cd my-flows\n {2}\$ npm start/);
  const started = await npm(['start', '--silent']);
  assert.deepEqual([started.exitCode, started.stdout], [0, '13\n'], started.stderr);
  const tested = await npm(['test', '--silent']);
  assert.equal(tested.exitCode, 0, tested.stdout);
  assert.match(tested.stdout, /\bpass 2\n/);
  const typed = await npm(['run', '--silent', 'typecheck']);
  assert.equal(typed.exitCode, 0, typed.stdout);
  // The runs are there, in the home.
  const listed = await npm(['exec', '--silent', '--', 'ostinato', 'flow-run', 'ls', '-o', 'json']);
  assert.match(listed.stdout, /"Measure Cities"/);
});

test('the package has what its manifest promises, and nothing of the checkout', async () => {
  const { stdout } = await run('tar', ['tzf', tarball]);
  const files = stdout.trim().split('\n');
  const doors = ['compile-cache.d.ts', 'compile-cache.js', 'copy.js', 'ostinato.js', 'testing.js'].map((name) => `package/src/doors/${name}`);
  assert.deepEqual(files.filter((path) => path.startsWith('package/src/')).sort(), doors);
  assert.deepEqual(files.filter((path) => !doors.includes(path) && /\/(?:src\/|tests\/|node_modules\/|scripts\/(?!prepare\.js$))|\.test\.|(?<!\.d)\.ts$|\.built-from/.test(path)), []);
  for (const wanted of ['README.md', 'LICENSE', 'dist/ui/index.html', 'dist/index.d.ts', 'bin/ostinato.js']) assert.ok(files.includes(`package/${wanted}`), wanted);
  // Some 0.9 MB when this was written.
  assert.ok(readFileSync(tarball).length < 3_000_000);
  const manifest = JSON.parse(readFileSync(join(project, 'node_modules', 'ostinato', 'package.json'), 'utf8')) as Record<string, unknown>;
  for (const field of ['repository', 'keywords', 'types', 'homepage', 'bugs', 'license', 'description', 'engines']) assert.ok(manifest[field], field);
  const linted = await run(process.execPath, [join('node_modules', 'publint', 'src', 'cli.js'), '--strict', join('node_modules', 'ostinato')]);
  assert.equal(linted.exitCode, 0, linted.stdout + linted.stderr);
});

test('its declarations compile strictly, without skipLibCheck, for Node and for bundlers', async () => {
  writeFileSync(join(project, 'use.ts'), `
import { flow, task } from 'ostinato';
import { createTestWorld, type TestWorld } from 'ostinato/testing';
const size = task(async (text: string) => text.length);
export const f = flow(async ({ text }: { text: string }) => size(text));
const n: number = await f({ text: 'x' });
const world: TestWorld = await createTestWorld();
console.log(n, world);
`);
  for (const [module, moduleResolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
    for (const more of [{ types: ['node'], lib: ['es2024', 'esnext.disposable'] }, { types: [], lib: ['es2024', 'esnext.disposable', 'dom'] }]) {
      const options = { module, moduleResolution, target: 'es2024', strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, ...more };
      writeFileSync(join(project, 'tsconfig.use.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
      const ended = await tsc('tsconfig.use.json');
      assert.equal(ended.exitCode, 0, ended.stdout);
    }
  }
});

test('the command runs a TypeScript flow file of a CommonJS project, worker threads included, and finds the run again', async () => {
  const theirs = join(project, 'theirs');
  mkdirSync(theirs);
  // What `npm init -y` writes today, which must not keep a TypeScript flow file with imports from running.
  writeFileSync(join(theirs, 'package.json'), JSON.stringify({ name: 'their-project', version: '1.0.0', type: 'commonjs' }));
  writeFileSync(join(theirs, 'double.ts'), `
import { flow, task } from 'ostinato';
const double = task(async (n: number): Promise<number> => n * 2);
const spin = task((n: number): number => n + 1, { isolation: 'thread' });
export const doubles = flow(async ({ n }: { n: number }) => spin(double(n)), { name: 'Doubles' });
`);
  const ran = await ostinato(['run', 'double.ts', '-p', 'n=20'], theirs);
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.match(ran.stdout, /41/);
  const [found] = JSON.parse((await ostinato(['flow-run', 'ls', '-o', 'json'])).stdout) as { flow_name?: string; state_type: string }[];
  assert.equal(found?.state_type, 'COMPLETED');
  // And what is CommonJS through and through.
  writeFileSync(join(theirs, 'required.cjs'), `
const { flow, task } = require('ostinato');
const { createTestWorld } = require('ostinato/testing');
const half = task(async (n) => n / 2);
flow(async ({ n }) => half(n), { name: 'Halves' })({ n: 10 }).then((value) => console.log(value, typeof createTestWorld));
`);
  const required = await run(process.execPath, ['required.cjs'], { cwd: theirs });
  assert.deepEqual([required.exitCode, required.stdout], [0, '5 function\n'], required.stderr);
  assert.doesNotMatch(required.stderr, /Warning/);
  // In place: nothing of theirs is changed.
  const before = readFileSync(join(theirs, 'package.json'), 'utf8');
  const initialised = await ostinato(['init', '--no-install', '-o', 'json'], theirs);
  assert.equal(initialised.exitCode, 0, initialised.stderr);
  assert.equal(readFileSync(join(theirs, 'package.json'), 'utf8'), before);
  const inPlace = await run(process.execPath, ['flow.mts'], { cwd: theirs });
  assert.deepEqual([inPlace.exitCode, inPlace.stdout], [0, '13\n'], inPlace.stderr);
});

test('a test of theirs uses ostinato/testing under node:test and under vitest', async () => {
  for (const [name, imports] of [['own.test.mts', "import test from 'node:test';"], ['own.spec.ts', "import { test } from 'vitest';"]] as const) {
    writeFileSync(join(project, name), `
${imports}
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
  }
  const own = await run(process.execPath, ['--test', 'own.test.mts']);
  assert.equal(own.exitCode, 0, own.stdout + own.stderr);
  const vitest = await run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'own.spec.ts']);
  assert.equal(vitest.exitCode, 0, vitest.stdout + vitest.stderr);
});

test('on an old Node both doors and the command say in one line what to type', async () => {
  const preload = join(folder, 'old-node.cjs');
  writeFileSync(preload, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });");
  for (const door of ['ostinato', 'ostinato/testing']) {
    const { exitCode, stderr } = await run(process.execPath, ['--require', preload, '--input-type=module', '-e', `await import('${door}')`]);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /^\[?Ostinato needs Node 24 or newer; this is .*npm install --save-dev node/m);
    assert.doesNotMatch(stderr, /^ +at /m);
  }
});

test('the server of the package has its pages, packed for the wire', async () => {
  const program = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, [process.argv[1], 'server', 'start', '--port', '0']);
    let said = '';
    child.stderr.on('data', async (text) => {
      said += text;
      const url = /serves at (http:\\S+)/.exec(said)?.[1];
      if (!url || child.asked) return;
      child.asked = true;
      const page = await fetch(url + '/runs', { headers: { accept: 'text/html' } });
      const [script] = /\\/assets\\/[\\w-]+\\.js/.exec(await page.text());
      console.log(page.status, (await fetch(url + script, { headers: { 'accept-encoding': 'br' } })).headers.get('content-encoding'));
      child.kill();
    });
    child.on('close', () => console.log(/being built/.test(said)));`;
  const { stdout } = await run(process.execPath, ['-e', program, join(project, 'node_modules', 'ostinato', 'bin', 'ostinato.js')]);
  assert.equal(stdout, '200 br\nfalse\n');
});
