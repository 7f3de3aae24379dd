/**
 * The published form, as somebody gets it: what `npm pack` makes, in a project that `npm create ostinato` makes, with
 * an empty home, on the machine's Node (an old one gets a newer one brought along) and on the repository's.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { valueNames } from '../door-names.ts';
import { until } from './background.ts';
import { ROOT, runProgram, type Ended } from './launch.ts';
import { launchBrowser, openPage } from './ui-browser.ts';
import { folder, home, NPM, npm, ostinato, OUR_PATH, pack, project, run, tsc } from './package-project.ts';

after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

let created: Ended;
let tarball: string;
before(async () => {
  mkdirSync(home);
  tarball = await pack(ROOT);
  const creator = await pack(join(ROOT, 'packages', 'create-ostinato'));
  mkdirSync(join(folder, 'creator'));
  const unpacked = await run('tar', ['xzf', creator, '-C', 'creator'], { cwd: folder });
  assert.equal(unpacked.exitCode, 0, unpacked.stderr);
  created = await runProgram(
    'node',
    [join(folder, 'creator', 'package', 'bin', 'create-ostinato.js'), 'my-flows', '--yes', '--ostinato', tarball],
    { cwd: folder, env: NPM },
  );
  assert.equal(created.exitCode, 0, created.stderr);
  const more = await npm(['install', '--no-save', '--no-audit', '--no-fund', 'vitest', 'publint']);
  assert.equal(more.exitCode, 0, more.stderr);
});

test("npm create makes a project that runs, is tested and type-checked, on the machine's Node", async () => {
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
  const doors = ['compile-cache.d.ts', 'compile-cache.js', 'copy.js', 'ostinato.js', 'testing.js'].map(
    (name) => `package/src/doors/${name}`,
  );
  assert.deepEqual(files.filter((path) => path.startsWith('package/src/')).sort(), doors);
  assert.deepEqual(
    files.filter(
      (path) =>
        !doors.includes(path) &&
        /\/(?:src\/|tests\/|node_modules\/|scripts\/(?!prepare\.js$))|\.test\.|(?<!\.d)\.ts$|\.built-from/.test(path),
    ),
    [],
  );
  for (const wanted of [
    'README.md',
    'LICENSE',
    'dist/ui/index.html',
    'dist/ui/licenses.txt',
    'dist/index.d.ts',
    'bin/ostinato.js',
  ])
    assert.ok(files.includes(`package/${wanted}`), wanted);
  // Bundled: what is loaded only when it is needed is a file of its own; there are some 1,100 modules.
  const code = files.filter((path) => /^package\/dist\/(?!ui\/).*\.js$/.test(path));
  assert.ok(code.length > 10 && code.length < 450, `${code.length} files of code`);
  // Some 0.9 MB when this was written.
  assert.ok(readFileSync(tarball).length < 3_000_000);
  const manifest = JSON.parse(
    readFileSync(join(project, 'node_modules', 'ostinato', 'package.json'), 'utf8'),
  ) as Record<string, unknown>;
  for (const field of ['repository', 'keywords', 'types', 'homepage', 'bugs', 'license', 'description', 'engines'])
    assert.ok(manifest[field], field);
  const linted = await run(process.execPath, [
    join('node_modules', 'publint', 'src', 'cli.js'),
    '--strict',
    join('node_modules', 'ostinato'),
  ]);
  assert.equal(linted.exitCode, 0, linted.stdout + linted.stderr);
});

test('its declarations compile strictly, without skipLibCheck, for Node and for bundlers', async () => {
  writeFileSync(
    join(project, 'use.ts'),
    `
import { flow, task } from 'ostinato';
import { createTestWorld, type TestWorld } from 'ostinato/testing';
const size = task(async (text: string) => text.length);
export const f = flow(async ({ text }: { text: string }) => size(text));
const n: number = await f({ text: 'x' });
const world: TestWorld = await createTestWorld();
console.log(n, world);
`,
  );
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    for (const more of [
      { types: ['node'], lib: ['es2024', 'esnext.disposable'] },
      { types: [], lib: ['es2024', 'esnext.disposable', 'dom'] },
    ]) {
      const options = {
        module,
        moduleResolution,
        target: 'es2024',
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        skipLibCheck: false,
        ...more,
      };
      writeFileSync(
        join(project, 'tsconfig.use.json'),
        JSON.stringify({ compilerOptions: options, files: ['use.ts'] }),
      );
      const ended = await tsc('tsconfig.use.json');
      assert.equal(ended.exitCode, 0, ended.stdout);
    }
  }
});

test('the command runs a TypeScript flow file of a CommonJS project, worker threads included, and finds the run again', async () => {
  const theirs = join(project, 'theirs');
  mkdirSync(theirs);
  // What `npm init -y` writes today, which must not keep a TypeScript flow file with imports from running.
  writeFileSync(
    join(theirs, 'package.json'),
    JSON.stringify({ name: 'their-project', version: '1.0.0', type: 'commonjs' }),
  );
  writeFileSync(
    join(theirs, 'double.ts'),
    `
import { flow, task } from 'ostinato';
const double = task(async (n: number): Promise<number> => n * 2);
const spin = task((n: number): number => n + 1, { isolation: 'thread' });
export const doubles = flow(async ({ n }: { n: number }) => spin(double(n)), { name: 'Doubles' });
`,
  );
  const ran = await ostinato(['run', 'double.ts', '-p', 'n=20'], theirs);
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.match(ran.stdout, /41/);
  const [found] = JSON.parse((await ostinato(['flow-run', 'ls', '-o', 'json'])).stdout) as {
    flow_name?: string;
    state_type: string;
  }[];
  assert.equal(found?.state_type, 'COMPLETED');
  // And what is CommonJS through and through.
  writeFileSync(
    join(theirs, 'required.cjs'),
    `
const { flow, task } = require('ostinato');
const { createTestWorld } = require('ostinato/testing');
const half = task(async (n) => n / 2);
flow(async ({ n }) => half(n), { name: 'Halves' })({ n: 10 }).then((value) => console.log(value, typeof createTestWorld));
`,
  );
  const required = await run(process.execPath, ['required.cjs'], { cwd: theirs });
  assert.deepEqual([required.exitCode, required.stdout], [0, '5 function\n'], required.stderr);
  assert.doesNotMatch(required.stderr, /Warning/);
  writeFileSync(
    join(theirs, 'breaks.mts'),
    `
import { flow, task } from 'ostinato';
const dig = task(async (depth: number): Promise<number> => {
  throw new Error('rock at ' + depth);
}, { name: 'dig' });
export const mine = flow(async () => dig(3), { name: 'Mine' });
`,
  );
  const broke = await ostinato(['run', 'breaks.mts'], theirs);
  assert.equal(broke.exitCode, 1, broke.stderr);
  assert.match(broke.stderr, /> 4 \|   throw new Error\('rock at ' \+ depth\);/);
  // Their frame stands first; ours below are those of the bundle, with the names of functions.
  writeFileSync(
    join(theirs, 'stack.mts'),
    "import { mine } from './breaks.mts';\nawait mine().catch((thrown: Error) => console.log(thrown.stack));\n",
  );
  const { stdout: stack } = await run(process.execPath, ['stack.mts'], { cwd: theirs });
  assert.match(stack, /^Error: rock at 3\n +at .*breaks\.mts:4:9\)?\n(?: +at .*\n)* +at .*runBody.*\/dist\/chunks\//);
  // In place: nothing of theirs is changed.
  const before = readFileSync(join(theirs, 'package.json'), 'utf8');
  const initialised = await ostinato(['init', '--no-install', '-o', 'json'], theirs);
  assert.equal(initialised.exitCode, 0, initialised.stderr);
  assert.equal(readFileSync(join(theirs, 'package.json'), 'utf8'), before);
  const inPlace = await run(process.execPath, ['flow.mts'], { cwd: theirs });
  assert.deepEqual([inPlace.exitCode, inPlace.stdout], [0, '13\n'], inPlace.stderr);
});

test('a test of theirs uses ostinato/testing under node:test and under vitest', async () => {
  for (const [name, imports] of [
    ['own.test.mts', "import test from 'node:test';"],
    ['own.spec.ts', "import { test } from 'vitest';"],
  ] as const) {
    writeFileSync(
      join(project, name),
      `
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
`,
    );
  }
  const own = await run(process.execPath, ['--test', 'own.test.mts']);
  assert.equal(own.exitCode, 0, own.stdout + own.stderr);
  const vitest = await run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'own.spec.ts']);
  assert.equal(vitest.exitCode, 0, vitest.stdout + vitest.stderr);
});

test('what the types of the package name is there, by import and by require, and nothing else', async () => {
  for (const [door, types] of [
    ['ostinato', 'index.d.ts'],
    ['ostinato/testing', 'testing.d.ts'],
  ] as const) {
    const named = valueNames(readFileSync(join(project, 'node_modules', 'ostinato', 'dist', types), 'utf8'));
    assert.ok(named.length > 3, door);
    for (const [kind, load] of [
      ['module', `await import('${door}')`],
      ['commonjs', `require('${door}')`],
    ] as const) {
      const { stdout, stderr } = await run(process.execPath, [
        `--input-type=${kind}`,
        '-e',
        `console.log(JSON.stringify(Object.keys(${load}).sort()))`,
      ]);
      assert.deepEqual(JSON.parse(stdout || '[]'), named, `${door} by ${kind} ${stderr}`);
    }
  }
});

test('on an old Node both doors and the command say in one line what to type', async () => {
  const preload = join(folder, 'old-node.cjs');
  writeFileSync(
    preload,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });",
  );
  for (const door of ['ostinato', 'ostinato/testing']) {
    const { exitCode, stderr } = await run(process.execPath, [
      '--require',
      preload,
      '--input-type=module',
      '-e',
      `await import('${door}')`,
    ]);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /^\[?Ostinato needs Node 24 or newer; this is .*npm install --save-dev node/m);
    assert.doesNotMatch(stderr, /^ +at /m);
  }
});

test('the server of the package: one signs in with a browser, retries and resumes from the page; its files are packed for the wire', async (context) => {
  const auth = 'me:secret';
  const server = spawn(
    process.execPath,
    [join(project, 'node_modules', 'ostinato', 'bin', 'ostinato.js'), 'server', 'start', '--port', '0'],
    {
      cwd: project,
      env: { PATH: OUR_PATH, OSTINATO_HOME: join(home, 'server'), OSTINATO_SERVER_AUTH_STRING: auth },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  context.after(() => server.kill('SIGKILL'));
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const url = await until('the server says where it is', () => /serves at (http:\S+)/.exec(said)?.[1]);
  assert.doesNotMatch(said, /being built/);
  const shop = await (await fetch(`${url}/runs`, { headers: { accept: 'text/html' } })).text();
  const [script = ''] = /\/assets\/[\w-]+\.js/.exec(shop) ?? [];
  assert.equal(
    (await fetch(url + script, { headers: { 'accept-encoding': 'br' } })).headers.get('content-encoding'),
    'br',
  );

  // A schema of users is looked at in a process of its own.
  const checked = await fetch(`${url}/api/ui/schemas/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(auth)}` },
    body: JSON.stringify({ schema: { type: 'object', properties: { n: { type: 'integer' } } }, values: { n: 'x' } }),
  });
  assert.equal(((await checked.json()) as { readonly valid: boolean }).valid, false);

  const env = {
    OSTINATO_HOME: home,
    PATH: OUR_PATH,
    OSTINATO_API_URL: `${url}/api`,
    OSTINATO_API_AUTH_STRING: auth,
    npm_config_offline: 'true',
  };
  writeFileSync(
    join(project, 'shop.ts'),
    `
import { existsSync } from 'node:fs';
import { flow, task } from 'ostinato';
const load = task(async () => 7, { name: 'load' });
const publish = task(async (count: number) => { if (!existsSync('open')) throw new Error('the shop is closed'); return count; }, { name: 'publish' });
export const shop = flow(async () => publish(await load()), { name: 'Shop' });
`,
  );
  const failed = await runProgram(
    process.execPath,
    [join(project, 'node_modules', 'ostinato', 'bin', 'ostinato.js'), 'run', 'shop.ts:shop'],
    { cwd: project, env },
  );
  assert.equal(failed.exitCode, 1, failed.stderr);
  const api = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa(auth)}` };
    return (await (
      await fetch(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    ).json()) as Record<string, unknown>;
  };
  const { id: flowId } = await api('/flows/', { name: 'Approval' });
  const { id: pausedId } = await api('/flow_runs/', {
    flow_id: flowId,
    name: 'waits-for-somebody',
    state: { type: 'RUNNING' },
  });
  const pause = {
    type: 'PAUSED',
    state_details: { pause_reschedule: false, pause_timeout: '2099-01-01T00:00:00Z', pause_key: 'k' },
  };
  assert.equal((await api(`/flow_runs/${String(pausedId)}/set_state`, { state: pause }))['status'], 'ACCEPT');

  const browser = await launchBrowser();
  const { page } = await openPage(browser, `${url}/runs`);
  await page.getByRole('dialog', { name: 'Sign in' }).getByLabel('Auth string').fill(auth);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const badge = (state: string): Promise<void> =>
    page.locator('.run-facts > .state-badge', { hasText: state }).waitFor();
  await page.locator('.run-row', { hasText: 'waits-for-somebody' }).first().click();
  await badge('Paused');
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByRole('button', { name: 'Resume the run' }).click();
  // Its process, if it has one, is waiting for this.
  await badge('Running');

  await page.goto(`${url}/runs`);
  await page.locator('.run-row', { hasText: 'Shop' }).first().click();
  await badge('Failed');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /^Retry/ });
  await dialog.getByText('1 runs again and 1 is kept').waitFor();
  await dialog.getByRole('button', { name: 'Copy the command' }).click();
  const command = await page.evaluate<string>('navigator.clipboard.readText()');
  writeFileSync(join(project, 'open'), '');
  const pasted = await runProgram('sh', ['-c', command], { cwd: project, env });
  assert.equal(pasted.exitCode, 0, pasted.stderr);
  await badge('Completed');
});
