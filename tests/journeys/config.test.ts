/** Settings by the command line: who wins, who says so, and what is refused. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { makePlace } from './launch.ts';

const { ostinato, home, project } = makePlace();

interface View {
  readonly profile: string;
  readonly settings: Record<string, { readonly value: unknown; readonly source: string }>;
}

async function view(env: Record<string, string> = {}, cwd = project): Promise<View> {
  const { stdout, stderr } = await ostinato(['config', 'view', '--sources', '-o', 'json'], { env, cwd });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as View;
}

test('set, view with sources, unset', async () => {
  const set = await ostinato(['config', 'set', 'log.level=debug', 'OSTINATO_DURABILITY=sync']);
  assert.equal(set.stdout, 'log.level = debug in profile default\ndurability = sync in profile default\n');
  const { settings } = await view();
  const source = `profile default in ${join(home, 'profiles.toml')}`;
  assert.deepEqual(settings['log.level'], { value: 'debug', source });
  assert.deepEqual(settings['durability'], { value: 'sync', source });
  assert.deepEqual(settings['results.persist'], { value: true, source: 'default' });
  assert.equal((await ostinato(['config', 'unset', 'durability'])).stdout, 'durability removed from profile default\n');
  assert.deepEqual((await view()).settings['durability'], { value: 'process', source: 'default' });
  assert.match((await ostinato(['config', 'unset', 'durability'])).stdout, /nothing to do/);
});

test('a project file found from a folder below beats the profile, the environment beats both', async () => {
  const deep = join(project, 'team', 'flows');
  mkdirSync(deep, { recursive: true });
  const file = join(project, 'team', 'ostinato.toml');
  writeFileSync(file, '[log]\nlevel = "error"\n');
  assert.deepEqual((await view({}, deep)).settings['log.level'], { value: 'error', source: file });
  const fromEnvironment = (await view({ OSTINATO_LOG_LEVEL: 'warning' }, deep)).settings['log.level'];
  assert.deepEqual(fromEnvironment, { value: 'warning', source: 'environment variable OSTINATO_LOG_LEVEL' });
  const hidden = await ostinato(['config', 'set', 'log.level=info'], { cwd: deep });
  assert.match(hidden.stderr, /Warning: log\.level stays hidden by .*ostinato\.toml/);
});

test('what is wrong is refused before anything is written', async () => {
  const before = readFileSync(join(home, 'profiles.toml'), 'utf8');
  const value = await ostinato(['config', 'set', 'durability=sync', 'log.level=loud']);
  assert.equal(value.exitCode, 2);
  assert.match(value.stderr, /log\.level is "loud" \(from the command line\), but it must be one of debug, info/);
  const key = await ostinato(['config', 'set', 'log.levle=debug']);
  assert.equal(key.exitCode, 2);
  assert.match(key.stderr, /no setting "log\.levle"\. Did you mean "log\.level"\?/);
  const shape = await ostinato(['config', 'set', 'log.level']);
  assert.match(shape.stderr, /is no assignment/);
  assert.equal((await ostinato(['config', 'set', 'home=elsewhere'])).exitCode, 2);
  assert.equal(readFileSync(join(home, 'profiles.toml'), 'utf8'), before);
});

test('a bad value from the environment stops a command with its name and rule', async () => {
  const ended = await ostinato(['version'], { env: { OSTINATO_API_URL: 'localhost:4200' } });
  assert.equal(ended.exitCode, 2);
  assert.match(
    ended.stderr,
    /^Error: Setting api\.url is "localhost:4200" \(from environment variable OSTINATO_API_URL\), but it must be a URL/,
  );
});

test('a variable that looks like a slip is pointed out, and the command goes on', async () => {
  const ended = await ostinato(['version'], { env: { OSTINATO_LOG_LEVLE: 'debug' } });
  assert.equal(ended.exitCode, 0);
  assert.equal(ended.stderr, 'Warning: OSTINATO_LOG_LEVLE is no setting. Did you mean "OSTINATO_LOG_LEVEL"?\n');
});

test('profiles: made, filled, used for one command or from now on, renamed, deleted', async () => {
  assert.equal((await ostinato(['profile', 'create', 'staging'])).exitCode, 0);
  await ostinato(['--profile', 'staging', 'config', 'set', 'database.url=postgresql://me:secret@db/ostinato']);
  const once = JSON.parse((await ostinato(['version', '-o', 'json', '--profile', 'staging'])).stdout) as Record<
    string,
    string
  >;
  assert.deepEqual([once['profile'], once['database']], ['staging', 'postgresql://me:***@db/ostinato']);
  assert.equal((await view()).profile, 'default');
  await ostinato(['profile', 'use', 'staging']);
  assert.equal((await view()).profile, 'staging');
  assert.ok(!(await ostinato(['profile', 'inspect'])).stdout.includes('secret'));
  assert.equal(statSync(join(home, 'profiles.toml')).mode & 0o077, 0);
  await ostinato(['profile', 'rename', 'staging', 'stage']);
  assert.equal((await ostinato(['profile', 'delete', 'stage'])).exitCode, 4);
  await ostinato(['profile', 'use', 'default']);
  assert.equal((await ostinato(['profile', 'delete', 'stage'])).exitCode, 0);
  assert.deepEqual(JSON.parse((await ostinato(['profile', 'ls', '-o', 'json'])).stdout), [
    { name: 'default', active: true, settings: 1 },
  ]);
});

test('a profile that was broken by hand can be repaired by command', async () => {
  writeFileSync(join(home, 'profiles.toml'), '[profiles.default]\nlog.level = "loud"\n');
  assert.equal((await ostinato(['config', 'view'])).exitCode, 2);
  assert.equal((await ostinato(['config', 'set', 'log.level=info'])).exitCode, 0);
  assert.equal((await ostinato(['config', 'view'])).exitCode, 0);
});

test('what is set is kept so that it reads back: lengths of time, off, lists', async () => {
  const set = await ostinato([
    'config',
    'set',
    'retention.runs=90d',
    'retention.logs=48h',
    'server.silent_runs_seconds=off',
    'server.allowed_hosts=a.example,*.b.example',
  ]);
  assert.match(
    set.stdout,
    /^retention\.runs = 90d in .*\nretention\.logs = 2d in .*\nserver\.silent_runs_seconds = off in .*\nserver\.allowed_hosts = a\.example, \*\.b\.example in /,
  );
  assert.equal(set.stderr, '');
  const { settings } = await view();
  assert.deepEqual(
    ['retention.runs', 'retention.logs', 'server.silent_runs_seconds', 'server.allowed_hosts', 'retention.results'].map(
      (key) => settings[key]?.value,
    ),
    ['90d', '2d', 'off', ['a.example', '*.b.example'], 'off'],
  );
  assert.match((await ostinato(['config', 'view'])).stdout, /^retention\.runs +90d\n/m);
});

test('a broken profile says the commands that mend it, which work', async () => {
  writeFileSync(join(home, 'profiles.toml'), '[profiles.default]\nlog.level = "loud"\nruner.concurrency = 3\n');
  const broken = await ostinato(['version']);
  assert.match(broken.stderr, /config unset runer\.concurrency/);
  assert.equal((await ostinato(['config', 'unset', 'runer.concurrency'])).exitCode, 0);
  assert.match(
    (await ostinato(['version'])).stderr,
    /What to do: Correct it with: ostinato --profile default config set log\.level=VALUE, or take it away: ostinato --profile default config unset log\.level\n/,
  );
  assert.equal((await ostinato(['--profile', 'default', 'config', 'unset', 'log.level'])).exitCode, 0);
  assert.equal((await ostinato(['version'])).exitCode, 0);
});

test('a secret is not repeated, be it wrong or a number; a list of TOML is told how to be written', async () => {
  const wrong = await ostinato(['version'], {
    env: { OSTINATO_API_AUTH_STRING: 'hunter2', OSTINATO_SERVER_AUTH_STRING: 'hunter2' },
  });
  assert.match(
    wrong.stderr,
    /Setting api\.auth_string is "\*\*\*" \(from environment variable OSTINATO_API_AUTH_STRING\), but it must be a user name, a colon and a password/,
  );
  writeFileSync(join(home, 'profiles.toml'), '[profiles.default]\napi.key = 12345\n');
  for (const words of [
    ['profile', 'inspect'],
    ['profile', 'inspect', '-o', 'json'],
    ['config', 'view'],
    ['config', 'view', '-o', 'json'],
  ])
    assert.doesNotMatch((await ostinato(words)).stdout, /12345/);
  assert.match((await ostinato(['config', 'view', '--show-secrets'])).stdout, /12345/);
  writeFileSync(join(home, 'profiles.toml'), '[profiles.default]\nserver.allowed_hosts = ["a.example"]\n');
  const list = await ostinato(['config', 'view']);
  assert.match(list.stderr, /"server\.allowed_hosts" in .* must be text[\s\S]*server\.allowed_hosts = "…"/);
  writeFileSync(join(home, 'profiles.toml'), '');
});

test('of changes that are made at once none is lost', async () => {
  const wanted = {
    'log.level': 'debug',
    durability: 'sync',
    'results.persist': false,
    'runner.concurrency': 3,
    'retention.runs': '90d',
    'server.build_pages': false,
  };
  await ostinato(['profile', 'create', 'busy']);
  const ended = await Promise.all(
    Object.entries(wanted).map(([key, value]) => ostinato(['--profile', 'busy', 'config', 'set', `${key}=${value}`])),
  );
  assert.deepEqual(
    ended.map(({ exitCode }) => exitCode),
    Object.keys(wanted).map(() => 0),
    ended.map(({ stderr }) => stderr).join(''),
  );
  const { settings } = JSON.parse((await ostinato(['profile', 'inspect', 'busy', '-o', 'json'])).stdout) as {
    settings: Record<string, unknown>;
  };
  assert.deepEqual(settings, wanted);
});
