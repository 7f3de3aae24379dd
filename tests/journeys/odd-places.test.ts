/**
 * Homes, journals and working directories that are not as they should be: said in a line, without a stack, and the rest
 * goes on.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { LAUNCHER, makePlace } from './launch.ts';

const NO_STACK = /\n\s+at .*:\d+:\d+/;

describe('an impossible home', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-odd-'));
  const file = join(folder, 'file');
  writeFileSync(file, 'a file');
  const homes: Record<string, string> = {
    'a file': file,
    'below a file': join(file, 'below', 'it'),
    'a name that is too long': join(folder, 'x'.repeat(300)),
    'a path that is too long': join(folder, ...Array.from({ length: 60 }, () => 'y'.repeat(100))),
    ...(process.platform === 'linux'
      ? { 'a file system that takes no folders': '/proc/nobody/home', 'a device': '/dev/null/home' }
      : {}),
  };
  for (const [what, home] of Object.entries(homes)) {
    test(`${what}: refused in a line, by commands and by the server`, async () => {
      const { ostinato } = makePlace();
      for (const words of [
        ['flow-run', 'ls'],
        ['server', 'start', '--port', '0'],
        ['server', 'start', '--port', '0', '--background'],
      ]) {
        const { exitCode, stderr } = await ostinato(words, { env: { OSTINATO_HOME: home } });
        assert.equal(exitCode, 5, stderr);
        assert.match(stderr, /OSTINATO_HOME/);
        assert.doesNotMatch(stderr, NO_STACK);
        assert.ok(stderr.length < 3000, `${stderr.length} characters`);
      }
    });
  }

  for (const name of ['with spaces and ünïcödé ✓', 'quote\'s "and" $HOME %20 #?', 'line\nbreak', '-leading']) {
    test(`a home named ${JSON.stringify(name)} works`, async () => {
      const { ostinato } = makePlace();
      const home = join(folder, name);
      const set = await ostinato(['variable', 'set', 'a', '1'], { env: { OSTINATO_HOME: home } });
      assert.equal(set.exitCode, 0, set.stderr);
      assert.ok(readdirSync(home).includes('ostinato.db'));
    });
  }
  test('a flow without its command line: refused in a line, too', () => {
    const { project } = makePlace();
    const door = join(import.meta.dirname, '..', '..', 'src', 'index.ts');
    writeFileSync(
      join(project, 'flow.ts'),
      `import { flow } from ${JSON.stringify(door)};\nawait flow(async () => 1, { name: 'f' })();\n`,
    );
    const { status, stderr } = spawnSync(process.execPath, ['flow.ts'], {
      cwd: project,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: project, OSTINATO_HOME: file },
    });
    assert.notEqual(status, 0);
    assert.match(stderr, /a file is where a folder has to be.*OSTINATO_HOME/);
    assert.doesNotMatch(stderr, NO_STACK);
  });

  test('what was made is removed', () => rmSync(folder, { recursive: true }));
});

test('a folder that cannot be is no project: said in a line, also where the package is made first', async () => {
  const { ostinato, project } = makePlace();
  writeFileSync(join(project, 'file'), '');
  for (const folder of [
    join(project, 'file', 'below'),
    join(project, 'file'),
    ...(process.platform === 'linux' ? ['/proc/nobody/project'] : []),
  ]) {
    const { exitCode, stderr } = await ostinato(['init', folder]);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /^Error: No project can be made at /m);
    assert.doesNotMatch(stderr, NO_STACK);
  }
});

test('a project that a checkout makes may be read by others, as the umask has it', async () => {
  const { ostinato, project } = makePlace();
  // Without npm it ends behind the first step, the folder.
  const { exitCode, stderr } = await ostinato(['init', 'mine'], { env: { PATH: '' } });
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /could not be packed/);
  assert.equal(statSync(join(project, 'mine')).mode & 0o777, 0o777 & ~process.umask());
});

test('odd journals are set aside or left alone with a line, good ones beside them are recovered, and a second look is quiet', async () => {
  const place = makePlace();
  const journals = join(place.home, 'journals');
  writeFileSync(join(place.project, 'flow.ts'), PROGRAM(join(import.meta.dirname, '..', '..', 'src', 'index.ts')));
  const killed = spawnSync(process.execPath, ['flow.ts'], {
    cwd: place.project,
    env: { PATH: process.env['PATH'], HOME: place.home, OSTINATO_HOME: place.home },
  });
  assert.equal(killed.signal, 'SIGKILL', killed.stderr.toString());
  const [good = ''] = readdirSync(journals).filter((name) => name.endsWith('.journal'));
  const bytes = readFileSync(join(journals, good));
  const named = (letter: string): string =>
    join(journals, `${letter.repeat(8)}-0000-7000-8000-000000000000.000000.journal`);
  mkdirSync(named('a'));
  writeFileSync(join(named('a'), 'inside'), 'x');
  writeFileSync(named('b'), '');
  writeFileSync(named('c'), Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 251)));
  symlinkSync(named('d'), named('d'));
  writeFileSync(named('e'), bytes.subarray(0, 5));
  writeFileSync(named('f'), bytes);
  appendFileSync(named('f'), 'rubbish that is no frame '.repeat(10));
  writeFileSync(named('1'), bytes.subarray(0, bytes.length - 3));
  writeFileSync(named('2'), Buffer.alloc(3_000_000));

  const first = await place.ostinato(['task-run', 'ls', '-o', 'json']);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.equal((JSON.parse(first.stdout) as readonly unknown[]).length, 3, 'the steps that the good one holds');
  assert.doesNotMatch(first.stderr, NO_STACK);
  for (const letter of ['a', 'c', 'd'])
    assert.match(first.stderr, new RegExp(`${letter.repeat(8)}.* was set aside as`));
  assert.ok(
    first.stderr
      .trim()
      .split('\n')
      .every((line) => line.length < 600),
  );
  const second = await place.ostinato(['task-run', 'ls', '-o', 'json']);
  assert.equal(second.stderr, '');
  assert.deepEqual(
    readdirSync(journals).filter((name) => name.endsWith('.journal')),
    [],
  );
});

test('a folder of journals that is a file: said, and everything else goes on', async () => {
  const place = makePlace();
  mkdirSync(place.home, { recursive: true });
  writeFileSync(join(place.home, 'journals'), '');
  const { exitCode, stderr } = await place.ostinato(['variable', 'set', 'a', '1']);
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /cannot be looked for/);
  assert.doesNotMatch(stderr, NO_STACK);
});

test('a working directory that was removed: said once, and the command works', async () => {
  const place = makePlace();
  const gone = join(place.project, 'gone', 'below');
  mkdirSync(gone, { recursive: true });
  const script =
    'const { rmSync } = require("node:fs"); const { spawnSync } = require("node:child_process");' +
    `process.chdir(${JSON.stringify(gone)}); rmSync(${JSON.stringify(join(place.project, 'gone'))}, { recursive: true });` +
    `const ended = spawnSync(process.execPath, [${JSON.stringify(LAUNCHER)}, "variable", "set", "a", "1"], { stdio: "inherit", env: { ...process.env, PWD: ${JSON.stringify(gone)} } }); process.exit(ended.status ?? 1);`;
  const ended = spawnSync(process.execPath, ['-e', script], {
    cwd: place.project,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: place.home, OSTINATO_HOME: place.home },
  });
  assert.equal(ended.status, 0, ended.stderr);
  assert.match(ended.stderr, /was removed/);
  assert.ok(ended.stderr.includes(realpathSync(place.project)) || ended.stderr.includes(place.project));
  assert.doesNotMatch(ended.stderr, NO_STACK);
});

/** Its steps are in the journal only when it is killed: the store takes nothing while it is locked. */
const PROGRAM = (door: string): string => `
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { flow, task } from ${JSON.stringify(door)};
const step = task(async (n: number) => n, { name: 'step' });
await flow(async () => {
  const db = new DatabaseSync(join(process.env.OSTINATO_HOME ?? '', 'ostinato.db'));
  db.exec('BEGIN IMMEDIATE');
  for (let n = 0; n < 3; n += 1) await step(n);
  process.kill(process.pid, 'SIGKILL');
}, { name: 'killed' })();
`;
