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
  assert.match(ended.stderr, /^Error: Setting api\.url is "localhost:4200" \(from environment variable OSTINATO_API_URL\), but it must be a URL/);
});

test('a variable that looks like a slip is pointed out, and the command goes on', async () => {
  const ended = await ostinato(['version'], { env: { OSTINATO_LOG_LEVLE: 'debug' } });
  assert.equal(ended.exitCode, 0);
  assert.equal(ended.stderr, 'Warning: OSTINATO_LOG_LEVLE is no setting. Did you mean "OSTINATO_LOG_LEVEL"?\n');
});

test('profiles: made, filled, used for one command or from now on, renamed, deleted', async () => {
  assert.equal((await ostinato(['profile', 'create', 'staging'])).exitCode, 0);
  await ostinato(['--profile', 'staging', 'config', 'set', 'database.url=postgresql://me:secret@db/ostinato']);
  const once = JSON.parse((await ostinato(['version', '-o', 'json', '--profile', 'staging'])).stdout) as Record<string, string>;
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
  assert.deepEqual(JSON.parse((await ostinato(['profile', 'ls', '-o', 'json'])).stdout), [{ name: 'default', active: true, settings: 1 }]);
});

test('a profile that was broken by hand can be repaired by command', async () => {
  writeFileSync(join(home, 'profiles.toml'), '[profiles.default]\nlog.level = "loud"\n');
  assert.equal((await ostinato(['config', 'view'])).exitCode, 2);
  assert.equal((await ostinato(['config', 'set', 'log.level=info'])).exitCode, 0);
  assert.equal((await ostinato(['config', 'view'])).exitCode, 0);
});
