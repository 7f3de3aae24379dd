/** `npm create ostinato` and `ostinato init` say what they do, overwrite nothing, and end well or say why. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { makePlace, ROOT, runProgram, type Ended } from './launch.ts';

const { ostinato, project, home } = makePlace();
const { version } = JSON.parse(readFileSync(join(ROOT, 'packages', 'create-ostinato', 'package.json'), 'utf8')) as {
  version: string;
};
const create = (words: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  runProgram(process.execPath, [join(ROOT, 'packages', 'create-ostinato', 'bin', 'create-ostinato.js'), ...words], {
    cwd: project,
    env: { OSTINATO_HOME: home, ...env },
  });
/** Nothing answers there. */
const NO_REGISTRY = { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0' };

test('versions are said by -v and --version', async () => {
  for (const option of ['-v', '--version']) {
    assert.deepEqual(await create([option]), { exitCode: 0, stdout: `${version}\n`, stderr: '' });
    assert.deepEqual(await ostinato([option]), { exitCode: 0, stdout: `${version}\n`, stderr: '' });
  }
  assert.equal((JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version, version);
  const help = await create(['--help']);
  assert.equal(help.exitCode, 0);
  assert.match(help.stdout, /^Usage: npm create ostinato/);
});

test('wrong words are a usage error, and make nothing', async () => {
  for (const words of [['--colour'], ['one', 'two'], ['--ostinato']]) {
    const { exitCode, stderr } = await create(words);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^Error: .*--help/);
  }
  assert.deepEqual(readdirSync(project), []);
});

test('folders of any name, with the command that leads there', async () => {
  for (const [folder, typed, name] of [
    ["it's mine", "cd 'it'\\''s mine'", 'it-s-mine'],
    ['日本', "cd '日本'", 'my-flows'],
    [join('deep', 'er'), 'cd deep/er', 'er'],
  ] as const) {
    const { exitCode, stderr } = await create([folder, '--no-install', '--ostinato', '1.2.3']);
    assert.equal(exitCode, 0, stderr);
    assert.ok(stderr.includes(`$ ${typed}\n  $ npm install\n`), stderr);
    assert.equal(
      (JSON.parse(readFileSync(join(project, folder, 'package.json'), 'utf8')) as { name: string }).name,
      name,
    );
  }
  // Nobody to ask.
  assert.equal((await create(['--no-install', '--yes'])).exitCode, 0);
  assert.ok(existsSync(join(project, 'my-flows', 'flow.ts')));
});

test('made again, everything stays as it is', async () => {
  writeFileSync(join(project, 'my-flows', 'flow.ts'), 'mine');
  const { exitCode, stderr } = await create(['my-flows', '--no-install']);
  assert.equal(exitCode, 0, stderr);
  assert.equal(readFileSync(join(project, 'my-flows', 'flow.ts'), 'utf8'), 'mine');
  assert.match(stderr, /= flow\.ts {3}\(was there, and stays as it is\)/);
  assert.doesNotMatch(stderr, /^ {2}\+/m);
});

test('packages that cannot be fetched are said, with what to type later; the files are there', async () => {
  const created = await create(['away', '--yes', '--ostinato', '^0.1.0'], NO_REGISTRY);
  assert.equal(created.exitCode, 1);
  assert.match(
    created.stderr,
    /Error: The files are written, but npm did not install the packages.*\n {2}When it can reach them: cd away && npm install\n$/,
  );
  mkdirSync(join(project, 'in-place'));
  writeFileSync(
    join(project, 'in-place', 'package.json'),
    '{"type":"commonjs","devDependencies":{"zod":"*","typescript":"*","@types/node":"*","node":"*"}}',
  );
  const initialised = await ostinato(['init', '--ostinato', '^0.1.0', '-o', 'json'], {
    cwd: join(project, 'in-place'),
    env: NO_REGISTRY,
  });
  assert.equal(initialised.exitCode, 1);
  const { error } = JSON.parse(initialised.stderr.trim().split('\n').at(-1) ?? '') as {
    error: { code: string; remedy: string };
  };
  assert.deepEqual(
    [error.code, error.remedy],
    ['upstream-failed', "When it can reach them: npm install 'ostinato@^0.1.0'"],
  );
  assert.ok(existsSync(join(project, 'in-place', 'flow.test.mts')));
});

test('where no project can be it is said', async () => {
  writeFileSync(join(project, 'a-file'), '');
  const created = await create(['a-file', '--no-install']);
  assert.equal(created.exitCode, 1);
  assert.match(created.stderr, /^Error: No project can be made at .*\n {2}Choose another folder\.\n$/);
  assert.equal((await ostinato(['init', 'a-file', '--no-install', '--ostinato', '1'])).exitCode, 2);
});
