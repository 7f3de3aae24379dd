import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { changeProfile, createProfile, deleteProfile, readProfiles, renameProfile, useProfile } from './profiles.ts';
import { resolveSettings, showSetting } from './settings.ts';

const root = mkdtempSync(join(tmpdir(), 'ostinato-settings-'));
after(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** A home and a project folder of their own, with what is in them. */
function place(files: { profiles?: string; project?: string } = {}): { home: string; project: string } {
  count += 1;
  const home = join(root, `home-${count}`);
  const project = join(root, `project-${count}`, 'deep', 'down');
  mkdirSync(home, { recursive: true });
  mkdirSync(project, { recursive: true });
  if (files.profiles !== undefined) writeFileSync(join(home, 'profiles.toml'), files.profiles);
  if (files.project !== undefined) writeFileSync(join(root, `project-${count}`, 'ostinato.toml'), files.project);
  return { home, project };
}

function resolve(at: { home: string; project: string }, environment: Record<string, string> = {}) {
  return resolveSettings({ environment: { OSTINATO_HOME: at.home, ...environment }, workingDirectory: at.project });
}

test('without any source, every setting has its default', () => {
  const { values, sources, profile } = resolveSettings({ environment: {}, workingDirectory: root });
  assert.equal(values.home, join(homedir(), '.ostinato'));
  assert.equal(values.databaseUrl, `sqlite:${join(homedir(), '.ostinato', 'ostinato.db')}`);
  assert.equal(values.apiUrl, null);
  assert.equal(values.logLevel, 'info');
  assert.equal(values.durability, 'process');
  assert.equal(profile, 'default');
  assert.ok(Object.values(sources).every((source) => source.kind === 'default'));
});

test('the environment beats the project file, which beats the profile, which beats the default', () => {
  const at = place({
    profiles: '[profiles.default]\nlog.level = "error"\ndurability = "none"\nresults.persist = false\n',
    project: 'durability = "sync"\n[log]\nlevel = "warning"\n',
  });
  const { values, sources } = resolve(at, { OSTINATO_LOG_LEVEL: 'debug' });
  assert.deepEqual(
    [values.logLevel, values.durability, values.resultsPersist, values.logCaptureConsole],
    ['debug', 'sync', false, true],
  );
  assert.deepEqual(
    [sources.logLevel, sources.durability, sources.resultsPersist, sources.logCaptureConsole].map(({ kind }) => kind),
    ['environment', 'project', 'profile', 'default'],
  );
});

test('a value that breaks its rule is refused with key, value, rule and source, even where a stronger one hides it', () => {
  const at = place({ profiles: '[profiles.default]\nlog.level = "loud"\n' });
  assert.throws(
    () => resolve(at, { OSTINATO_LOG_LEVEL: 'debug' }),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'bad-input');
      assert.match(
        error.message,
        /log\.level is "loud" \(from profile default in .*profiles\.toml\), but it must be one of debug, info/,
      );
      return true;
    },
  );
  for (const [variable, value] of [
    ['OSTINATO_API_URL', 'localhost:4200'],
    ['OSTINATO_DATABASE_URL', 'mysql://here'],
    ['OSTINATO_RUNNER_CONCURRENCY', '0'],
    ['OSTINATO_RESULTS_PERSIST', 'maybe'],
  ] as const) {
    assert.throws(
      () => resolve(place(), { [variable]: value }),
      new RegExp(`is "${value}" \\(from environment variable ${variable}\\), but it must be`),
    );
  }
});

test('an unknown key in a file is an error with the nearest key; a stray variable is a warning', () => {
  assert.throws(
    () => resolve(place({ project: '[log]\nlevle = "debug"\n' })),
    /no setting "log\.levle" \(in .*ostinato\.toml\)\. Did you mean "log\.level"\?/,
  );
  assert.throws(() => resolve(place({ profiles: 'actve = "x"\n' })), /Unknown key "actve".*Did you mean "active"\?/);
  assert.deepEqual(resolve(place(), { OSTINATO_LOG_LEVL: 'debug' }).warnings, [
    'OSTINATO_LOG_LEVL is no setting. Did you mean "OSTINATO_LOG_LEVEL"?',
  ]);
});

test('broken TOML is reported with file, line and column', () => {
  assert.throws(
    () => resolve(place({ project: 'durability = "sync"\nlog.level = debug\n' })),
    /ostinato\.toml:2:\d+ is not valid TOML/,
  );
});

test('paths are absolute: relative ones start at the file that says them', () => {
  const at = place({ project: 'database.url = "sqlite:data/runs.db"\nresults.path = "~/results"\n' });
  const { values } = resolve(at);
  assert.equal(values.databaseUrl, `sqlite:${join(at.project, '..', '..', 'data', 'runs.db')}`);
  assert.equal(values.resultsPath, join(homedir(), 'results'));
});

test('a password is never shown', () => {
  assert.equal(showSetting('databaseUrl', 'postgresql://me:secret@host/db'), 'postgresql://me:***@host/db');
  assert.equal(showSetting('apiUrl', null), '');
});

test('profiles: create, use, change, rename, delete', () => {
  const { home, project } = place();
  createProfile(home, 'staging');
  assert.ok(changeProfile(home, 'staging', 'log.level', 'debug'));
  assert.ok(!changeProfile(home, 'staging', 'log.level', 'debug'));
  createProfile(home, 'copy', 'staging');
  useProfile(home, 'staging');
  assert.equal(resolve({ home, project }).values.logLevel, 'debug');
  renameProfile(home, 'staging', 'stage');
  assert.equal(readProfiles(home).active, 'stage');
  assert.throws(() => deleteProfile(home, 'stage'), /is the active one/);
  assert.throws(() => createProfile(home, 'copy'), /already a profile "copy"/);
  assert.throws(() => createProfile(home, 'a.b'), /cannot name a profile/);
  assert.throws(() => useProfile(home, 'stgae'), /no profile "stgae"\. Did you mean "stage"\?/);
  deleteProfile(home, 'copy');
  assert.deepEqual([...readProfiles(home).byName.keys()], ['default', 'stage']);
  assert.match(readFileSync(join(home, 'profiles.toml'), 'utf8'), /\[profiles\.stage\]\nlog\.level = "debug"\n/);
});

test('a profile cannot say where profiles are', () => {
  assert.throws(
    () => resolve(place({ profiles: '[profiles.default]\nhome = "/elsewhere"\n' })),
    /A profile cannot hold "home"/,
  );
});

test('how long things are kept is a number with a unit, or off', () => {
  const at = place();
  for (const [text, seconds] of [
    ['90d', 7_776_000],
    ['12h', 43_200],
    ['30m', 1800],
    ['2w', 1_209_600],
    [' 7D ', 604_800],
    ['off', null],
  ] as const) {
    assert.equal(resolve(at, { OSTINATO_RETENTION_RUNS: text }).values.retentionRuns, seconds, text);
  }
  for (const text of ['90', '0d', '-1d', '1.5d', 'd', '90 days', '1y', '30s', 'never']) {
    assert.throws(() => resolve(at, { OSTINATO_RETENTION_LOGS: text }), { code: 'bad-input' }, text);
  }
  const { values } = resolve(at);
  assert.deepEqual(
    [values.retentionRuns, values.retentionLogs, values.retentionArtifacts, values.retentionResults],
    [null, null, null, null],
  );
});
